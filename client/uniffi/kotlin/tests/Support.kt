// What the tests share: folders, an HTTP stack and a keystore of their own, and a small runner.

import java.io.IOException
import java.net.ConnectException
import java.net.URI
import java.net.http.HttpClient
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.system.measureTimeMillis
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import rootcellar.*

val vault: String = System.getenv("VAULT")
const val PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
const val STRONG = "seven quiet lanterns under the orchard wall"

/** In every exception of ours that nobody may print or pass on. */
const val UNSAID = "never to be said"

private val scratch: Path = Files.createTempDirectory("rootcellar-kotlin")

fun folder(name: String): String = scratch.resolve(name).toString()

suspend fun client(
    name: String,
    at: String = vault,
    transport: HttpTransport? = null,
    keystore: Keystore? = null,
    progress: Progress? = null,
): RootcellarClient =
    RootcellarClient.open(
        ClientOptions(folder(name), at, deviceLabel = name, plainDeviceSecrets = true), transport, keystore, progress,
    )

fun phrase(label: String) = NewEntry(
    label,
    Secret.Phrase(PHRASE.encodeToByteArray(), bip39Passphrase = "TREZOR".encodeToByteArray()),
    EntryDetails(listOf("m/84'/0'/0'"), "bitcoin", "2024-05-31"),
)

fun note(label: String) = Change(add = listOf(NewEntry(label, Secret.Text(label.encodeToByteArray()))))

/** The JDK's own HTTP stack; `before` may hold a request up, `after` may change or refuse an answer. */
class JdkHttp(
    private val before: suspend (HttpRequest) -> Unit = {},
    private val after: (String, HttpResponse) -> HttpResponse = { _, response -> response },
) : HttpTransport {
    private val http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build()

    override suspend fun send(request: HttpRequest): HttpResponse {
        before(request)
        val body = java.net.http.HttpRequest.BodyPublishers.ofByteArray(request.body)
        val builder = java.net.http.HttpRequest.newBuilder(URI(request.url))
        request.headers.forEach { builder.header(it.name, it.value) }
        if (request.method == "GET") builder.GET() else builder.method(request.method, body)
        val answer = try {
            http.sendAsync(builder.build(), java.net.http.HttpResponse.BodyHandlers.ofByteArray()).await()
        } catch (_: ConnectException) {
            throw HttpFailure.NoConnection()
        } catch (_: IOException) {
            throw HttpFailure.NoAnswer()
        }
        val headers = answer.headers().map().flatMap { (name, values) -> values.map { HttpHeader(name, it) } }
        val response = HttpResponse(answer.statusCode().toUShort(), headers, answer.body())
        return after(URI(request.url).path, response)
    }
}

class Keys : Keystore {
    val kept = ConcurrentHashMap<String, ByteArray>()
    @Volatile var failure: Exception? = null

    private fun check() = failure?.let { throw it }

    override fun store(name: String, secrets: ByteArray) {
        check()
        kept[name] = secrets
    }

    override fun load(name: String): ByteArray? {
        check()
        return kept[name]
    }

    override fun remove(name: String) {
        check()
        kept.remove(name)
    }
}

class Watch : Progress {
    val events = CopyOnWriteArrayList<ProgressEvent>()

    override fun happened(event: ProgressEvent) {
        events += event
        throw IllegalStateException(UNSAID)
    }
}

/** The sealed class in full: where a variant comes or goes, this does not compile. */
fun facts(error: RootcellarException): Pair<String, String> = when (error) {
    is RootcellarException.BackupLost -> error.code to error.explanation
    is RootcellarException.BadAnswer -> error.code to error.explanation
    is RootcellarException.BudgetSpent -> error.code to error.explanation
    is RootcellarException.Cancelled -> error.code to error.explanation
    is RootcellarException.Contended -> error.code to error.explanation
    is RootcellarException.ForeignAccount -> error.code to error.explanation
    is RootcellarException.ForeignServerKey -> error.code to error.explanation
    is RootcellarException.ForeignVault -> error.code to error.explanation
    is RootcellarException.Fork -> error.code to error.explanation
    is RootcellarException.Gap -> error.code to error.explanation
    is RootcellarException.HttpStatus -> error.code to error.explanation
    is RootcellarException.Incomplete -> error.code to error.explanation
    is RootcellarException.Internal -> error.code to error.explanation
    is RootcellarException.InvalidInput -> error.code to error.explanation
    is RootcellarException.KeystoreFailed -> error.code to error.explanation
    is RootcellarException.Local -> error.code to error.explanation
    is RootcellarException.NameNeeded -> error.code to error.explanation
    is RootcellarException.NotAuthentic -> error.code to error.explanation
    is RootcellarException.NotFound -> error.code to error.explanation
    is RootcellarException.NotPermitted -> error.code to error.explanation
    is RootcellarException.OtherName -> error.code to error.explanation
    is RootcellarException.PairingExpired -> error.code to error.explanation
    is RootcellarException.PassphraseOrAccount -> error.code to error.explanation
    is RootcellarException.Refused -> error.code to error.explanation
    is RootcellarException.Rollback -> error.code to error.explanation
    is RootcellarException.SessionState -> error.code to error.explanation
    is RootcellarException.TooMuch -> error.code to error.explanation
    is RootcellarException.Unconfirmed -> error.code to error.explanation
    is RootcellarException.UnfinishableSave -> error.code to error.explanation
    is RootcellarException.UnknownWord -> error.code to error.explanation
    is RootcellarException.Unreachable -> error.code to error.explanation
    is RootcellarException.Untrusted -> error.code to error.explanation
    is RootcellarException.WeakPassphrase -> error.code to error.explanation
}

/** The error of this kind that something ends with. */
inline fun <reified E : RootcellarException> fails(code: String? = null, work: () -> Any?): E {
    try {
        work()
    } catch (error: RootcellarException) {
        val (found, explanation) = facts(error)
        check(error is E && (code == null || found == code)) { "another error: $error" }
        check(explanation.isNotEmpty() && UNSAID !in error.toString()) { "what it says: $error" }
        return error
    }
    error("no ${E::class.simpleName}")
}

fun run(name: String, story: suspend () -> Unit) {
    val took = measureTimeMillis { runBlocking { story() } }
    println("kotlin: $name: ${took / 100 / 10.0} s")
}
