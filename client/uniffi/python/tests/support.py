"""What the tests share: folders, an HTTP stack and a keystore of their own, and a small runner."""

import asyncio
import http.client
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

import rootcellar
from rootcellar import (
    Change, ClientOptions, HttpFailure, HttpHeader, HttpResponse, NewEntry, RecoveryCodePurpose, RootcellarClient,
    RootcellarError, Secret,
)

VAULT = os.environ["VAULT"]
PHRASE = b"legal winner thank year wave sausage worth useful legal winner thank yellow"
# In every exception of ours that nobody may print or pass on.
UNSAID = "never to be said"

_scratch = tempfile.TemporaryDirectory()


def folder(name: str) -> str:
    return os.path.join(_scratch.name, name)


async def client(name: str, vault: str = VAULT, **injected) -> RootcellarClient:
    options = ClientOptions(folder=folder(name), vault=vault, device_label=name, plain_device_secrets=True)
    return await RootcellarClient.open(options, **injected)


async def register(wallet: RootcellarClient, name: str, passphrase: bytes) -> bytearray:
    """Draws a recovery code, and registers with it."""
    code = await wallet.generate_recovery_code(RecoveryCodePurpose.REGISTRATION)
    await wallet.register(name, passphrase, code)
    return code


def note(label: str) -> Change:
    return Change(add=[NewEntry(label=label, secret=Secret.TEXT(label.encode()))])


class OwnVault:
    """A vault of the test's own, which it stops, sets back or replaces by another: always at the same address."""

    def __init__(self, name: str):
        self._name, self._listen = name, "127.0.0.1:0"
        self.start()

    def start(self, data: str = "first", *settings: str):
        self.data = folder(f"{self._name} {data}")
        self._process = subprocess.Popen(
            [os.environ["SERVER"], "--data", self.data, "--starts-per-address", "0", "--rate-per-address", "0"]
            + ["--registration", "open", "--listen", self._listen, *settings],
            env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.url = next(line for line in self._process.stdout if "listening on " in line).split()[-1].rstrip("/")
        # Read on, so that the server never waits for a full pipe.
        threading.Thread(target=list, args=[self._process.stdout], daemon=True).start()
        self._listen = urllib.parse.urlsplit(self.url).netloc

    def stop(self):
        self._process.kill()
        self._process.wait()

    def copy(self, data: str):
        shutil.copytree(self.data, folder(f"{self._name} {data}"), ignore=shutil.ignore_patterns("*.sock"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Http(rootcellar.HttpTransport):
    """Python's own HTTP stack; `before` may hold a request up, `after` may change or refuse an answer."""

    def __init__(self, before=None, after=None):
        self.before, self.after, self.requests = before, after, []

    async def send(self, request):
        path = urllib.parse.urlsplit(request.url).path
        self.requests.append((request.method, path))
        if self.before:
            await self.before(request.method, path)
        response = await asyncio.to_thread(exchange, request)
        return self.after(path, response) if self.after else response


def exchange(request) -> HttpResponse:
    url = urllib.parse.urlsplit(request.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        headers = {header.name: header.value for header in request.headers}
        body = request.body if request.method != "GET" else None
        connection.request(request.method, url.path + (f"?{url.query}" if url.query else ""), body, headers)
        answer = connection.getresponse()
        headers = [HttpHeader(name=name, value=value) for name, value in answer.getheaders()]
        return HttpResponse(status=answer.status, headers=headers, body=answer.read())
    except ConnectionRefusedError:
        raise HttpFailure.NoConnection() from None
    finally:
        connection.close()


class Keys(rootcellar.Keystore):
    def __init__(self):
        self.kept, self.failure = {}, None

    def _check(self):
        if self.failure:
            raise self.failure

    def store(self, name, secrets):
        self._check()
        self.kept[name] = bytes(secrets)

    def load(self, name):
        self._check()
        return self.kept.get(name)

    def remove(self, name):
        self._check()
        self.kept.pop(name, None)


class Watch(rootcellar.Progress):
    def __init__(self):
        self.events = []

    def happened(self, event):
        self.events.append(event)
        raise RuntimeError(UNSAID)


class Ticks:
    """Counts how often the event loop comes round while something else goes on."""

    async def __aenter__(self):
        self.count = 0
        self.longest = 0.0
        self.task = asyncio.create_task(self._tick())
        return self

    async def _tick(self):
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.monotonic() - before)
            self.count += 1

    async def __aexit__(self, *_):
        self.task.cancel()


_met = set()


async def fails(kind, work, code=None):
    """The error of this kind that something ends with."""
    try:
        await work
    except kind as error:
        assert code is None or error.code == code, (error.code, code)
        assert error.explanation, "it is explained"
        assert UNSAID not in str(error) + repr(error), error
        _met.add(kind)
        return error
    raise AssertionError(f"no {kind.__qualname__}")


async def every_error_was_met():
    kinds = [kind for kind in vars(RootcellarError).values() if isinstance(kind, type) and issubclass(kind, RootcellarError)]
    assert len(kinds) > 30, kinds
    # A fault of the library has no cause that an app could bring about.
    never = [kind.__qualname__ for kind in kinds if kind not in _met and kind is not RootcellarError.Internal]
    assert not never, never


def run(*stories):
    for story in stories:
        began = time.monotonic()
        asyncio.run(story())
        print(f"python: {story.__name__}: {time.monotonic() - began:.1f} s", flush=True)
