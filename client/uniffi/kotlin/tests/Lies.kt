// Vaults that lie, come back as another or are set back, answers that are lost, and pairings that end half-way.

import java.io.File
import java.nio.ByteBuffer
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import rootcellar.*

private suspend fun registered(
    name: String,
    at: String = vault,
    transport: HttpTransport? = null,
): Pair<RootcellarClient, ByteArray> {
    val wallet = client(name, at, transport)
    val passphrase = generatePassphrase()
    register(wallet, name, passphrase)
    wallet.logIn(passphrase)
    return wallet to passphrase
}

private fun HttpResponse.with(body: ByteArray) = HttpResponse(status, headers, body)

suspend fun errorsOfAnswersThatAreAltered() {
    val device = "/v1/account/device"
    val alter = mutableMapOf<String, (HttpResponse) -> HttpResponse>()
    val http = JdkHttp(after = { path, response -> alter[path]?.invoke(response) ?: response })
    val (wallet, passphrase) = registered("mona", transport = http)
    wallet.enrol(Permission.MANAGE)
    wallet.save(note("one"))
    lateinit var first: HttpResponse
    alter[device] = { response -> response.also { first = it } }
    wallet.enterAsDevice(Purpose.VIEW)
    wallet.save(note("two"))
    alter[device] = { first }
    val rollback = fails<RootcellarException.Rollback>("rollback") { wallet.enterAsDevice(Purpose.VIEW) }
    check(rollback.seen == 2uL && rollback.offered == 1uL)
    alter[device] = { it.with(it.body.copyOf(it.body.size - 40) + ByteArray(40)) }
    fails<RootcellarException.NotAuthentic>("snapshot-refused") { wallet.enterAsDevice(Purpose.VIEW) }
    alter.remove(device)
    wallet.enterAsDevice(Purpose.VIEW)
    // The first part of the answer alone: it names a backup, whose bytes do not follow.
    alter["/v1/login/finish"] = { it.with(it.body.copyOf(4 + ByteBuffer.wrap(it.body).getInt()) + ByteArray(4)) }
    val lost = fails<RootcellarException.BackupLost>("snapshot-lost") { wallet.logIn(passphrase) }
    check(lost.number == 2uL)
}

suspend fun aNewestBackupThatIsRefused() {
    var ruined = setOf<String>()
    val ruin = { body: ByteArray -> body.copyOf().also { it[it.size - 1] = (it.last().toInt() xor 1).toByte() } }
    val http = JdkHttp(after = { path, response -> if (path in ruined) response.with(ruin(response.body)) else response })
    val (wallet, passphrase) = registered("quinn", transport = http)
    wallet.enrol(Permission.MANAGE)
    wallet.save(note("one"))
    wallet.save(note("two"))
    ruined = setOf("/v1/login/finish", "/v1/account/device")
    fails<RootcellarException.NotAuthentic>("snapshot-refused") { wallet.logIn(passphrase) }
    check(wallet.enterAsDevice(Purpose.MANAGE).refusedBackup == "snapshot-refused")
    var overview = wallet.logIn(passphrase, options = LoginOptions(toManage = true))
    check(overview.backup == null && overview.refusedBackup == "snapshot-refused")
    check(wallet.devices().map { it.label } == listOf("quinn"))
    check(wallet.account().backups.map { it.number } == listOf(2uL, 1uL))
    fails<RootcellarException.SessionState>("older-backup") { wallet.continueFrom(1uL) }
    overview = wallet.logIn(passphrase, options = LoginOptions(backup = 1uL))
    check(overview.items.map { it.label } == listOf("one"))
    wallet.continueFrom(1uL)
    wallet.rekey(wallet.generateRecoveryCode(RecoveryCodePurpose.REKEY))
    ruined = setOf()
    overview = wallet.logIn(passphrase)
    check(overview.backup?.number == 3uL && overview.items.map { it.label } == listOf("one"))
    wallet.save(note("three"))
}

suspend fun errorsOfAnswersThatAreLost() {
    var lost = false
    var faster: RootcellarClient? = null
    val http = JdkHttp(
        before = { if (it.method == "PUT") faster?.save(note("faster")) },
        after = { _, response -> if (lost) throw HttpFailure.NoResponse() else response },
    )
    val (wallet, passphrase) = registered("nils", transport = http)
    lost = true
    fails<RootcellarException.Unconfirmed>("unconfirmed") { wallet.save(note("one")) }
    check(wallet.state().pendingSave)
    lost = false
    check(wallet.finishPendingSave() == PendingSaveResult.SAVED)

    faster = client("faster").also { it.logIn(passphrase, "nils") }
    fails<RootcellarException.Contended>("contended") { wallet.save(note("two")) }
    faster = null
    File(folder("nils"), "pending-save.json").writeText("{")
    val refused = fails<RootcellarException.PendingSaveStuck>("pending-save-stuck") { wallet.save(note("three")) }
    check(refused.reason == PendingSaveResult.DAMAGED)
    wallet.discardPendingSave()
    wallet.save(note("three"))
}

suspend fun errorsOfPairingsThatEndHalfWay() = coroutineScope {
    var gone = false
    val code = "pairing-unknown"
    val problem = """{"type":"urn:rootcellar:problem:$code","code":"$code","status":404,"title":"","detail":"it has ended"}"""
    val headers = listOf(HttpHeader("content-type", "application/problem+json"))
    val ended = HttpResponse(404u, headers, problem.encodeToByteArray())
    val http = JdkHttp(after = { path, response -> if (gone && path == "/v1/pairing") ended else response })
    val (old, _) = registered("olga", transport = http)
    val keys = Keys()
    val new = client("tablet", keystore = keys)
    var text = new.offerPairing()
    gone = true
    fails<RootcellarException.PairingExpired>("pairing-expired") { old.readPairing(text) }
    gone = false
    text = new.offerPairing()
    val shown = async { new.awaitPairingCode() }
    check(old.readPairing(text).code == shown.await())
    old.confirmPairing(Permission.RESTORE)
    keys.failure = KeystoreFailure.Locked()
    fails<RootcellarException.Incomplete>("paired-not-stored") { new.finishPairing() }
    keys.failure = null
    check(new.finishPairing() == Permission.RESTORE)
}

suspend fun errorsOfAVaultThatIsSetBackOrReplaced() = OwnVault("own").use { own ->
    val (wallet, passphrase) = registered("paul", own.url)
    wallet.save(note("one"))
    own.stop()
    own.copy("before")
    own.start()
    wallet.logIn(passphrase)
    wallet.save(note("two"))
    own.stop()
    own.start("before")
    fails<RootcellarException.Rollback>("rollback") { wallet.logIn(passphrase) }
    val other = client("other", own.url)
    other.logIn(passphrase, "paul")
    other.save(note("another two"))
    val fork = fails<RootcellarException.Fork>("fork") { wallet.logIn(passphrase) }
    check(fork.seen == 2uL && fork.offered == 2uL)
    // As many backups as a backup names before it, and one.
    repeat(257) { other.save(Change()) }
    val gap = fails<RootcellarException.Gap>("gap") { wallet.logIn(passphrase) }
    check(gap.seen == 2uL && gap.offered == 259uL)
    own.stop()
    own.start("made anew")
    val replaced = fails<RootcellarException.ForeignServerKey>("foreign-server-key") { wallet.logIn(passphrase) }
    check(replaced.replacedAt == null)
    own.stop()
    own.start("elsewhere", "--vault-id", "elsewhere.example")
    val foreign = fails<RootcellarException.ForeignVault>("foreign-vault") { wallet.logIn(passphrase) }
    check(foreign.found == "elsewhere.example" && foreign.pinned != foreign.found)
}
