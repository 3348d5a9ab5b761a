// What a cancelled operation leaves: an object that goes on, a save that is finished by the next, a main thread that lives.

import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.*
import rootcellar.*

/** Holds up saves before they are sent. */
class Gate {
    @Volatile var reached: CompletableDeferred<Unit>? = null
    val left = AtomicInteger()

    suspend fun pass(request: HttpRequest) {
        val reached = reached ?: return
        if (request.method != "PUT") return
        reached.complete(Unit)
        try {
            awaitCancellation()
        } finally {
            left.incrementAndGet()
        }
    }

    suspend fun whileShut(work: suspend (CompletableDeferred<Unit>) -> Unit) {
        val reached = CompletableDeferred<Unit>().also { this.reached = it }
        work(reached)
        this.reached = null
    }
}

suspend fun aCancelledSaveIsFinishedByTheNext() = coroutineScope {
    val gate = Gate()
    val wallet = client("wallet", transport = JdkHttp(before = gate::pass))
    val passphrase = generatePassphrase()
    register(wallet, "dora", passphrase)
    wallet.logIn(passphrase)
    for ((turn, end) in listOf("job", "object").withIndex()) {
        gate.whileShut { reached ->
            val save = async(SupervisorJob()) { wallet.save(note("first by $end")) }
            reached.await()
            if (end == "job") {
                save.cancelAndJoin()
            } else {
                wallet.cancel()
                fails<RootcellarException.Cancelled>("cancelled") { save.await() }
            }
            check(wallet.state().pendingSave && wallet.state().sessionOpen)
            // The app's own request is ended, too.
            withTimeout(10_000) { while (gate.left.get() == turn) yield() }
        }
        wallet.save(note("second by $end"))
        check(!wallet.state().pendingSave)
    }
    val labels = wallet.refresh().items.map { it.label }
    check(labels == listOf("first by job", "second by job", "first by object", "second by object")) { labels }
    gate.whileShut { reached ->
        val save = async { wallet.save(note("by a login")) }
        reached.await()
        save.cancelAndJoin()
    }
    check(wallet.logIn(passphrase).pendingSave == PendingSaveResult.SAVED)
}

@OptIn(ExperimentalCoroutinesApi::class)
suspend fun theMainThreadLivesWhileAPassphraseIsStretched() = coroutineScope {
    val watch = Watch()
    val wallet = client("stretched", progress = watch)
    val passphrase = generatePassphrase()
    register(wallet, "gina", passphrase)
    watch.events.clear()
    var ticks = 0
    val login = async { wallet.logIn(passphrase) }
    while (!login.isCompleted) {
        delay(1)
        ticks += 1
    }
    login.await()
    check(ticks > 20) { ticks }
    check(watch.events.count { it is ProgressEvent.KeyDerivationBegan } == 1)
    check(watch.events.count { it is ProgressEvent.KeyDerivationEnded } == 1)
    val requests = watch.events.filterIsInstance<ProgressEvent.Request>()
    // A busy vault may have been asked again.
    check(requests.count { it.status?.toInt() == 200 } == 2 && requests.none { "gina" in it.path }) { requests }

    // Cancelled in the middle of a stretching, the app goes on at once, and the object after it.
    watch.events.clear()
    val cancelled = async { wallet.logIn(passphrase) }
    while (watch.events.none { it is ProgressEvent.KeyDerivationBegan }) yield()
    cancelled.cancelAndJoin()
    check(!wallet.state().sessionOpen)
    check(wallet.logIn(passphrase).named)
}
