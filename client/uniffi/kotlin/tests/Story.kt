// The whole story, in Kotlin, against a running vault.

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import rootcellar.*

suspend fun registerSaveRestoreRecover() {
    val first = client("first", transport = JdkHttp())
    check(first.vaultInfo().registration == RegistrationMode.OPEN)
    val passphrase = generatePassphrase()
    checkPassphrase(passphrase, listOf("ann"))
    val paper = first.generateRecoveryCode(RecoveryCodePurpose.REGISTRATION)
    checkRecoveryCode(paper)
    first.state().recoveryCode.let {
        check(it?.purpose == RecoveryCodePurpose.REGISTRATION && it.state == RecoveryCodeState.UNCONFIRMED)
    }
    val made = first.register("Ann", passphrase, paper)
    check(first.state().accountId == made.accountId && first.state().recoveryCode == null)
    val before = first.logIn(passphrase)
    check(before.backup == null && before.permission == Permission.MANAGE && before.named)

    val (text, seed) = "naïve ✓".encodeToByteArray() to ByteArray(32) { it.toByte() }
    val others = listOf(NewEntry("Seed", Secret.Seed(seed)), NewEntry("Note", Secret.Text(text)))
    val saved = first.save(Change(listOf(phrase("Savings")) + others))
    check(saved.number == 1uL && saved.added.size == 3 && !saved.merged)
    val replacing = Change(remove = listOf(saved.added[2]), add = note("Note 2").add)
    val replaced = first.save(replacing)
    val state = first.state()
    check(state.lastSeen == 2uL && state.sessionOpen && !state.pendingSave && state.enrolled == null)

    val fresh = client("fresh")
    var overview = fresh.logIn(passphrase, "ann", LoginOptions(toRestore = true))
    check(overview.items.map { it.label } == listOf("Savings", "Seed", "Note 2"))
    check(overview.backup?.number == 2uL && overview.backup?.deviceLabel == "first")
    check(overview.accountName == "ann" && overview.vaultAddresses.size == 1)
    val savings = fresh.openEntry(overview.items[0].id)
    val secret = savings.secret as Secret.Phrase
    check(secret.words.decodeToString() == PHRASE && secret.bip39Passphrase?.decodeToString() == "TREZOR")
    check(secret.language == Language.ENGLISH && savings.item.kind == EntryKind.PHRASE)
    check(savings.item.fingerprint?.length == 8 && savings.details.birthday == "2024-05-31")
    check(savings.toString() == "Entry(...)") { "an entry prints no secret" }
    check((fresh.openEntry(overview.items[1].id).secret as Secret.Seed).seed.contentEquals(seed))
    check((fresh.openEntry(replaced.added[0]).secret as Secret.Text).text.decodeToString() == "Note 2")
    fails<RootcellarException.NotFound>("no-such-entry") { fresh.openEntry(saved.added[2]) }

    val older = client("older")
    overview = older.logIn(passphrase, "ann", LoginOptions(toRestore = true, backup = 1uL))
    check((older.openEntry(overview.items[2].id).secret as Secret.Text).text.contentEquals(text))
    fails<RootcellarException.SessionState>("older-backup") { older.save(note("no")) }
    check(fresh.account().backups.map { it.number } == listOf(2uL, 1uL))

    val recovered = client("recovered")
    overview = recovered.recover(paper)
    check((recovered.openEntry(overview.items[0].id).secret as Secret.Phrase).words.decodeToString() == PHRASE)
    val changed = STRONG.encodeToByteArray()
    recovered.setPassphrase(changed, "ann")
    fails<RootcellarException.SessionState>("not-open") { recovered.devices() }
    recovered.logIn(changed)
    val dropped = recovered.generateRecoveryCode(RecoveryCodePurpose.RECOVERY_CODE)
    check(recovered.logIn(changed).recoveryCode?.state == RecoveryCodeState.UNCONFIRMED)
    recovered.dismissRecoveryCode()
    check(recovered.overview().recoveryCode == null)
    fails<RootcellarException.Refused>("recovery-refused") { fresh.recover(dropped) }
    val code = recovered.generateRecoveryCode(RecoveryCodePurpose.RECOVERY_CODE)
    recovered.setRecoveryCode(code)
    fails<RootcellarException.Refused>("recovery-refused") { recovered.recover(paper) }
    recovered.recover(code)
    val events = recovered.history().events
    check(events.first().kind == "registration" && events.any { it.kind == "recovery-code" })
    check(events.filter { it.kind == "save" }.all { it.proven })
    recovered.deleteAccount()
    check(recovered.state().accountId == null)
    fails<RootcellarException.PassphraseOrAccount> { older.logIn(changed) }
}

suspend fun devicesPairingRekey() = coroutineScope {
    val keys = Keys()
    val phone = client("phone", keystore = keys)
    val passphrase = generatePassphrase()
    register(phone, "bea", passphrase)
    phone.logIn(passphrase)
    phone.enrol(Permission.BACKUP)
    check(keys.kept.values.single().size == 64)
    phone.closeSession()

    phone.enterAsDevice(Purpose.SAVE)
    phone.save(Change(listOf(phrase("Daily"))))
    var overview = phone.enterAsDevice(Purpose.VIEW)
    check(overview.permission == Permission.BACKUP && overview.items.single().label == "Daily")
    fails<RootcellarException.NotPermitted> { phone.openEntry(overview.items[0].id) }
    val refused = fails<RootcellarException.NotPermitted> { phone.enterAsDevice(Purpose.RESTORE) }
    check(refused.needs == Permission.RESTORE)

    val tablet = client("tablet")
    val text = tablet.offerPairing()
    phone.logIn(passphrase)
    val code = async { tablet.awaitPairingCode() }
    val request = phone.readPairing(text)
    check(code.await() == request.code && request.deviceLabel == "tablet" && request.replaces == null)
    val finished = async { tablet.finishPairing() }
    phone.confirmPairing(Permission.RESTORE)
    check(finished.await() == Permission.RESTORE)
    overview = tablet.enterAsDevice(Purpose.RESTORE)
    check((tablet.openEntry(overview.items[0].id).secret as Secret.Phrase).words.decodeToString() == PHRASE)

    phone.logIn(passphrase)
    val devices = phone.devices().associateBy { it.label }
    val paired = devices.getValue("tablet")
    check(devices.getValue("phone").isThis && !paired.isThis && paired.kind == DeviceKind.APP)
    val change = phone.permit(paired.id, Permission.VIEW)
    check(change.former == Permission.RESTORE && change.rekeyReason == RekeyReason.READS_BACKUPS && change.endedSessions)
    fails<RootcellarException.SessionState>("session-ended") { phone.devices() }
    check(tablet.enterAsDevice(Purpose.VIEW).permission == Permission.VIEW)
    phone.logIn(passphrase)
    phone.revoke(paired.id)
    fails<RootcellarException.Refused>("device-revoked") { tablet.enterAsDevice(Purpose.VIEW) }

    phone.logIn(passphrase)
    phone.rekey(phone.generateRecoveryCode(RecoveryCodePurpose.REKEY))
    check(keys.kept.size == 1 && phone.state().enrolled == Permission.BACKUP)
    phone.enterAsDevice(Purpose.SAVE)
    phone.save(Change(listOf(phrase("Under new keys"))))
    phone.forgetEnrolment()
    check(keys.kept.isEmpty() && phone.state().enrolled == null)
    fails<RootcellarException.SessionState>("not-enrolled") { phone.enterAsDevice(Purpose.VIEW) }
    Unit
}

suspend fun helpWhileTyping() {
    val facts = checkPhrase(PHRASE.encodeToByteArray())
    check(facts.language == Language.ENGLISH && facts.wordCount == 12u)
    check(completeWord("aban".encodeToByteArray(), Language.ENGLISH, 5u) == listOf("abandon"))
    check(nearestWords("abandn".encodeToByteArray(), Language.ENGLISH).first() == "abandon")
    check(bip39PassphraseOddities("two words".encodeToByteArray()) == null)
    check(bip39PassphraseOddities("two words\n".encodeToByteArray())?.contains("line break") == true)
}
