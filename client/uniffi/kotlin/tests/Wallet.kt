// A wallet that embeds the library: backs phrases up, and restores what is backed up. For tests that bring it together with others.

import kotlinx.coroutines.runBlocking
import rootcellar.*

/**
 * Reads the account's name, its passphrase and `register` or `log in`, a line each; then lines of label and phrase to add, with a
 * tab between. Prints everything that is backed up in such lines. The wallet's folder is in
 * `FOLDER`, the vault's address in `VAULT`.
 */
object Wallet {
    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val lines = generateSequence(::readLine).toList()
        val (account, typed, begin) = lines
        val passphrase = typed.encodeToByteArray()
        RootcellarClient.open(ClientOptions(System.getenv("FOLDER"), System.getenv("VAULT"))).use { wallet ->
            if (begin == "register") wallet.register(account, passphrase, wallet.generateRecoveryCode(RecoveryCodePurpose.REGISTRATION))
            var overview = wallet.logIn(passphrase, account, LoginOptions(toRestore = true))
            val adds = lines.drop(3).map { it.split('\t') }.map { (label, words) ->
                NewEntry(label, Secret.Phrase(words.encodeToByteArray()))
            }
            if (adds.isNotEmpty()) {
                wallet.save(Change(adds))
                overview = wallet.refresh()
            }
            for (item in overview.items) {
                val words = (wallet.openEntry(item.id).secret as Secret.Phrase).words
                println("${item.label}\t${words.decodeToString()}")
            }
        }
    }
}
