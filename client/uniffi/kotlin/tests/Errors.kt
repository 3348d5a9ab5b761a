// The errors, as an app meets them. None bears a secret, and no exception of the app's own code is printed or passed on.

import java.io.File
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import rootcellar.*

suspend fun errorsOfWhatWasTyped() {
    val mistyped = PHRASE.replaceFirst("winner", "winnr").encodeToByteArray()
    val unknown = fails<RootcellarException.UnknownWord>("phrase-unknown-word") { checkPhrase(mistyped) }
    check(unknown.position == 2u && "winn" !in unknown.toString())
    val swapped = PHRASE.replaceFirst("legal winner", "winner legal").encodeToByteArray()
    fails<RootcellarException.InvalidInput>("phrase-checksum") { checkPhrase(swapped) }
    fails<RootcellarException.InvalidInput>("not-utf8") { checkPhrase(byteArrayOf(-1)) }
    val wallet = client("typing")
    val code = wallet.generateRecoveryCode(RecoveryCodePurpose.REGISTRATION)
    fails<RootcellarException.InvalidInput>("phrase-is-recovery-code") { checkPhrase(code) }
    fails<RootcellarException.InvalidInput>("recovery-code-is-phrase") { checkRecoveryCode(PHRASE.encodeToByteArray()) }
    val weak = fails<RootcellarException.WeakPassphrase> { checkPassphrase("hunter2hunter2".encodeToByteArray()) }
    check(weak.guessesLog10 < 12u && "hunter2" !in weak.toString())
    fails<RootcellarException.InvalidInput>("invalid-account-name") { register(wallet, "a b", generatePassphrase()) }
    fails<RootcellarException.NameRequired> { wallet.logIn(generatePassphrase()) }
    fails<RootcellarException.InvalidInput>("invalid-address") { client("address", "http://vault.example.org") }
    fails<RootcellarException.SessionState>("not-open") { wallet.devices() }
    fails<RootcellarException.SessionState>("no-pairing") { wallet.finishPairing() }
}

suspend fun errorsOfTheWay() {
    suspend fun refusing(failure: Exception) = client("way", transport = JdkHttp(before = { throw failure }))
    suspend fun answering(status: Int, body: ByteArray) =
        client("way", transport = JdkHttp(after = { _, _ -> HttpResponse(status.toUShort(), listOf(), body) }))

    for (failure in listOf(HttpFailure.UnknownAuthority(), HttpFailure.WrongName(), HttpFailure.Certificate())) {
        refusing(failure).use { fails<RootcellarException.Untrusted> { it.vaultInfo() } }
    }
    refusing(HttpFailure.TooLong()).use { fails<RootcellarException.BadResponse> { it.vaultInfo() } }
    for (failure in listOf(HttpFailure.NoConnection(), HttpFailure.NoResponse(), IllegalStateException(UNSAID))) {
        refusing(failure).use { fails<RootcellarException.Unreachable> { it.vaultInfo() } }
    }
    answering(404, ByteArray(0)).use {
        check(fails<RootcellarException.HttpStatus>("http-status") { it.vaultInfo() }.status.toInt() == 404)
    }
    answering(200, "{}".encodeToByteArray()).use {
        fails<RootcellarException.BadResponse>("malformed-response") { it.vaultInfo() }
    }
    answering(200, ByteArray((2 shl 20) + 1)).use {
        fails<RootcellarException.BadResponse>("response-too-long") { it.vaultInfo() }
    }
}

suspend fun errorsOfGettingIn() {
    val passphrase = generatePassphrase()
    val wallet = client("in")
    register(wallet, "ida", passphrase)
    fails<RootcellarException.ForeignAccount> { register(wallet, "jan", passphrase) }
    val other = client("taken")
    val never = other.generateRecoveryCode(RecoveryCodePurpose.REGISTRATION)
    fails<RootcellarException.Refused>("name-taken") { register(other, "ida", passphrase) }
    fails<RootcellarException.Refused>("recovery-refused") { other.recover(never) }
    val wrong = "wrong passphrase".encodeToByteArray()
    // Each registration took an attempt: the one that was refused and the one before.
    for (left in listOf(2u, 1u, 0u)) {
        val refused = fails<RootcellarException.PassphraseOrAccount> { other.logIn(wrong, "ida") }
        check(refused.remainingAttempts == left) { "${refused.remainingAttempts}" }
    }
    val spent = fails<RootcellarException.BudgetSpent>("budget-spent") { other.logIn(passphrase, "ida") }
    check(spent.retryAfterSeconds in 1uL..60uL)
}

suspend fun errorsOfWhatIsAskedFor() = coroutineScope {
    val wallet = client("asked")
    val passphrase = generatePassphrase()
    register(wallet, "karl", passphrase)
    wallet.logIn(passphrase)
    wallet.save(note("one"))
    fails<RootcellarException.NotFound>("no-such-entry") { wallet.openEntry("0".repeat(32)) }
    val texts = List(80) { NewEntry("$it", Secret.Text(ByteArray(16_000) { 65 })) }
    fails<RootcellarException.TooMuch>("too-much") { wallet.save(Change(add = texts)) }
    val login = async(SupervisorJob(), CoroutineStart.UNDISPATCHED) { wallet.logIn(passphrase) }
    wallet.cancel()
    fails<RootcellarException.Cancelled>("cancelled") { login.await() }
    wallet.logIn(passphrase)
    wallet.enrol(Permission.VIEW)
    val overview = wallet.enterAsDevice(Purpose.VIEW)
    fails<RootcellarException.NotPermitted>("not-permitted") { wallet.openEntry(overview.items[0].id) }
    wallet.logIn(passphrase)
    fails<RootcellarException.OtherName>("other-name") { wallet.setPassphrase(STRONG.encodeToByteArray(), "jan") }
}

suspend fun errorsOfTheFolderAndTheKeystore() {
    val keys = Keys()
    val wallet = client("kept", keystore = keys)
    val passphrase = generatePassphrase()
    register(wallet, "lina", passphrase)
    wallet.logIn(passphrase)
    val named = listOf(KeystoreFailure.Locked(), KeystoreFailure.Unavailable(), KeystoreFailure.Failed())
    for (failure in named + IllegalStateException(UNSAID)) {
        keys.failure = failure
        fails<RootcellarException.KeystoreFailed>("keyring") { wallet.enrol(Permission.BACKUP) }
    }
    keys.failure = null
    wallet.enrol(Permission.BACKUP)
    keys.kept.clear()
    fails<RootcellarException.KeystoreFailed>("device-secrets-lost") { wallet.enterAsDevice(Purpose.VIEW) }
    fails<RootcellarException.Local>("home-locked") { client("kept") }
    wallet.close()
    check(client("kept", keystore = keys).use { it.state() }.accountId != null)
    File(folder("foreign")).mkdir()
    File(folder("foreign/letter.txt")).writeText("x")
    fails<RootcellarException.Local>("home-foreign") { client("foreign") }
}
