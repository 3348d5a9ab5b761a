// The errors, as an app meets them. None bears a secret, and no exception of the app's own code is printed or passed on.

import java.io.File
import rootcellar.*

suspend fun errorsOfWhatWasTyped() {
    val mistyped = PHRASE.replaceFirst("winner", "winnr").encodeToByteArray()
    val unknown = fails<RootcellarException.UnknownWord>("phrase-unknown-word") { checkPhrase(mistyped) }
    check(unknown.position == 2u && "winn" !in unknown.toString())
    val swapped = PHRASE.replaceFirst("legal winner", "winner legal").encodeToByteArray()
    fails<RootcellarException.InvalidInput>("phrase-checksum") { checkPhrase(swapped) }
    fails<RootcellarException.InvalidInput>("not-utf8") { checkPhrase(byteArrayOf(-1)) }
    fails<RootcellarException.InvalidInput>("phrase-is-recovery-code") { checkPhrase(generateRecoveryCode()) }
    fails<RootcellarException.InvalidInput>("recovery-code-is-phrase") { checkRecoveryCode(PHRASE.encodeToByteArray()) }
    val weak = fails<RootcellarException.WeakPassphrase> { checkPassphrase("hunter2hunter2".encodeToByteArray()) }
    check(weak.guessesLog10 < 12u && "hunter2" !in weak.toString())
    val wallet = client("typing")
    fails<RootcellarException.InvalidInput>("invalid-account-name") { wallet.register("a b", generatePassphrase()) }
    fails<RootcellarException.NameNeeded> { wallet.logIn(generatePassphrase()) }
    fails<RootcellarException.InvalidInput>("invalid-address") { client("address", "http://vault.example.org") }
    fails<RootcellarException.SessionState>("not-open") { wallet.devices() }
    fails<RootcellarException.SessionState>("no-pairing") { wallet.finishPairing() }
}

suspend fun errorsOfTheWay() {
    suspend fun refusing(failure: Exception) = client("way", transport = JdkHttp(before = { throw failure }))
    suspend fun answering(status: Int, body: ByteArray) =
        client("way", transport = JdkHttp(after = { _, _ -> HttpResponse(status.toUShort(), listOf(), body) }))

    refusing(HttpFailure.UnknownAuthority()).use { fails<RootcellarException.Untrusted> { it.vaultInfo() } }
    refusing(HttpFailure.Certificate()).use { fails<RootcellarException.Untrusted> { it.vaultInfo() } }
    refusing(HttpFailure.TooLong()).use { fails<RootcellarException.BadAnswer> { it.vaultInfo() } }
    refusing(IllegalStateException(UNSAID)).use { fails<RootcellarException.Unreachable> { it.vaultInfo() } }
    answering(404, ByteArray(0)).use {
        check(fails<RootcellarException.HttpStatus>("http-status") { it.vaultInfo() }.status.toInt() == 404)
    }
    answering(200, "{}".encodeToByteArray()).use {
        fails<RootcellarException.BadAnswer>("malformed-answer") { it.vaultInfo() }
    }
    answering(200, ByteArray((2 shl 20) + 1)).use {
        fails<RootcellarException.BadAnswer>("answer-too-long") { it.vaultInfo() }
    }
}

suspend fun errorsOfGettingIn() {
    val passphrase = generatePassphrase()
    val wallet = client("in")
    wallet.register("ida", passphrase)
    fails<RootcellarException.ForeignAccount> { wallet.register("jan", passphrase) }
    wallet.logIn(passphrase)
    fails<RootcellarException.OtherName> { wallet.setPassphrase(STRONG.encodeToByteArray(), "jan") }
    val other = client("taken")
    fails<RootcellarException.Refused>("name-taken") { other.register("ida", passphrase) }
    fails<RootcellarException.Refused>("recovery-refused") { other.recover(generateRecoveryCode()) }
    val wrong = "wrong passphrase".encodeToByteArray()
    // The registration that was refused was a try, too.
    for (left in listOf(3u, 2u, 1u, 0u)) {
        val refused = fails<RootcellarException.PassphraseOrAccount> { other.logIn(wrong, "ida") }
        check(refused.remainingTries == left) { "${refused.remainingTries}" }
    }
    val spent = fails<RootcellarException.BudgetSpent>("budget-spent") { other.logIn(passphrase, "ida") }
    check(spent.retryAfterSeconds in 1uL..60uL)
}

suspend fun errorsOfAVaultThatLies() {
    var first: HttpResponse? = null
    var replay = false
    val http = JdkHttp(after = { path, response ->
        if (!path.endsWith("/device")) response
        else if (replay) first!!
        else response.also { first = it }
    })
    val wallet = client("lied to", transport = http)
    val passphrase = generatePassphrase()
    wallet.register("karl", passphrase)
    wallet.logIn(passphrase)
    wallet.enrol(Permission.MANAGE)
    wallet.save(note("one"))
    wallet.enterAsDevice(Purpose.LOOK)
    wallet.save(note("two"))
    replay = true
    val rollback = fails<RootcellarException.Rollback>("rollback") { wallet.enterAsDevice(Purpose.LOOK) }
    check(rollback.seen == 2uL && rollback.offered == 1uL)
    first = first!!.let { HttpResponse(it.status, it.headers, it.body.copyOf(it.body.size - 40) + ByteArray(40)) }
    fails<RootcellarException.NotAuthentic>("snapshot-refused") { wallet.enterAsDevice(Purpose.LOOK) }
    replay = false
    wallet.enterAsDevice(Purpose.LOOK)
}

suspend fun errorsOfTheFolderAndTheKeystore() {
    val keys = Keys()
    val wallet = client("kept", keystore = keys)
    val passphrase = generatePassphrase()
    wallet.register("lina", passphrase)
    wallet.logIn(passphrase)
    for (failure in listOf(KeystoreFailure.Locked(), IllegalStateException(UNSAID))) {
        keys.failure = failure
        fails<RootcellarException.KeystoreFailed>("keyring") { wallet.enrol(Permission.BACKUP) }
    }
    keys.failure = null
    wallet.enrol(Permission.BACKUP)
    keys.kept.clear()
    fails<RootcellarException.KeystoreFailed>("device-secrets-lost") { wallet.enterAsDevice(Purpose.LOOK) }
    fails<RootcellarException.Local>("home-locked") { client("kept") }
    wallet.close()
    check(client("kept", keystore = keys).use { it.state() }.accountId != null)
    File(folder("foreign")).mkdir()
    File(folder("foreign/letter.txt")).writeText("x")
    fails<RootcellarException.Local>("home-foreign") { client("foreign") }
}
