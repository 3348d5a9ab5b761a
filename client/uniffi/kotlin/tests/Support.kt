// What the tests share: folders, an HTTP stack and a keystore of their own, and a small runner.

import java.io.File
import java.io.IOException
import java.net.ConnectException
import java.net.URI
import java.net.http.HttpClient
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread
import kotlin.system.measureTimeMillis
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import rootcellar.*

val vault: String = System.getenv("VAULT")
const val PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
const val STRONG = "seven quiet lanterns under the orchard wall"

/** In every exception of ours that nobody may print or pass on. */
const val UNSAID = "never to be said"

private val scratch: Path = Files.createTempDirectory("rootcellar-kotlin").also { folder ->
    Runtime.getRuntime().addShutdownHook(thread(start = false) { folder.toFile().deleteRecursively() })
}

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

/** Draws a recovery code, and registers with it. */
suspend fun register(wallet: RootcellarClient, name: String, passphrase: ByteArray): ByteArray {
    val code = wallet.generateRecoveryCode(RecoveryCodePurpose.REGISTRATION)
    wallet.register(name, passphrase, code)
    return code
}

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
            throw HttpFailure.NoResponse()
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

/** A vault of the test's own, which it stops, sets back or replaces by another: always at the same address. */
class OwnVault(private val name: String) : AutoCloseable {
    private var listen = "127.0.0.1:0"
    private lateinit var data: File
    private lateinit var process: Process
    lateinit var url: String

    init {
        start()
    }

    fun start(data: String = "first", vararg settings: String) {
        this.data = File(folder("$name $data"))
        val unlimited = listOf("--starts-per-address", "0", "--rate-per-address", "0")
        val server = listOf(System.getenv("SERVER"), "--data", "${this.data}", "--listen", listen, "--registration", "open")
        val builder = ProcessBuilder(server + unlimited + settings)
        builder.environment().keys.retainAll(setOf("PATH"))
        process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start()
        val lines = process.inputReader()
        url = lines.lineSequence().first { "listening on " in it }.substringAfterLast(' ').trimEnd('/')
        // Read on, so that the server never waits for a full pipe.
        thread(isDaemon = true) { lines.lineSequence().forEach {} }
        listen = URI(url).authority
    }

    fun stop() {
        process.destroyForcibly().waitFor()
    }

    fun copy(copy: String) {
        val to = File(folder("$name $copy"))
        for (one in data.walk().filter { it.isFile || it.isDirectory }) {
            // The server reads no secret that others can.
            Files.copy(one.toPath(), to.resolve(one.relativeTo(data)).toPath(), StandardCopyOption.COPY_ATTRIBUTES)
        }
    }

    override fun close() = stop()
}

/** The sealed class in full: where a variant comes or goes, this does not compile. */
fun facts(error: RootcellarException): Pair<String, String> = when (error) {
    is RootcellarException.BackupLost -> error.code to error.explanation
    is RootcellarException.BadResponse -> error.code to error.explanation
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
    is RootcellarException.NameRequired -> error.code to error.explanation
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
    is RootcellarException.PendingSaveStuck -> error.code to error.explanation
    is RootcellarException.UnknownWord -> error.code to error.explanation
    is RootcellarException.Unreachable -> error.code to error.explanation
    is RootcellarException.Untrusted -> error.code to error.explanation
    is RootcellarException.WeakPassphrase -> error.code to error.explanation
}

val met = mutableSetOf<Class<*>>()

/** The error of this kind that something ends with. */
inline fun <reified E : RootcellarException> fails(code: String? = null, work: () -> Any?): E {
    try {
        work()
    } catch (error: RootcellarException) {
        val (found, explanation) = facts(error)
        check(error is E && (code == null || found == code)) { "another error: $error" }
        check(explanation.isNotEmpty() && UNSAID !in error.toString()) { "what it says: $error" }
        met += E::class.java
        return error
    }
    error("no ${E::class.simpleName}")
}

fun everyErrorWasMet() {
    val all = RootcellarException::class.java
    val kinds = all.declaredClasses.filter { all.isAssignableFrom(it) }
    check(kinds.size > 30) { kinds }
    // A fault of the library has no cause that an app could bring about.
    val never = kinds - met - RootcellarException.Internal::class.java
    check(never.isEmpty()) { "never met: $never" }
}

fun run(name: String, story: suspend () -> Unit) {
    val took = measureTimeMillis { runBlocking { story() } }
    println("kotlin: $name: ${took / 100 / 10.0} s")
}
