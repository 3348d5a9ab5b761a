// The tests of the Kotlin bindings: `story`, `cancelling`, `errors` or `printing`. The vault's address is in `VAULT`; each has a vault of its
// own.

import kotlin.system.exitProcess

fun main(arguments: Array<String>) {
    when (arguments.single()) {
        "story" -> {
            run("register, save, restore, recover", ::registerSaveRestoreRecover)
            run("devices, pairing, re-key", ::devicesPairingRekey)
            run("help while typing", ::helpWhileTyping)
        }
        "cancelling" -> {
            run("a cancelled save is finished by the next", ::aCancelledSaveIsFinishedByTheNext)
            run("the main thread lives", ::theMainThreadLivesWhileAPassphraseIsStretched)
        }
        "errors" -> {
            run("errors of what was typed", ::errorsOfWhatWasTyped)
            run("errors of the way", ::errorsOfTheWay)
            run("errors of getting in", ::errorsOfGettingIn)
            run("errors of what is asked for", ::errorsOfWhatIsAskedFor)
            run("errors of the folder and the keystore", ::errorsOfTheFolderAndTheKeystore)
            run("errors of answers that are altered", ::errorsOfAnswersThatAreAltered)
            run("a newest backup that is refused", ::aNewestBackupThatIsRefused)
            run("errors of answers that are lost", ::errorsOfAnswersThatAreLost)
            run("errors of pairings that end half-way", ::errorsOfPairingsThatEndHalfWay)
            run("errors of a vault that is set back or replaced", ::errorsOfAVaultThatIsSetBackOrReplaced)
            everyErrorWasMet()
        }
        "printing" -> {
            run("every type prints without its secrets", ::everyTypePrintsWithoutItsSecrets)
        }
        else -> error("no such tests")
    }
    exitProcess(0)
}
