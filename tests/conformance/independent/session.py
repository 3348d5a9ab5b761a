"""A recorded session (sections 13 to 18): everything that was sent follows from passphrases, paper and what was drawn, and
everything that came back opens.

What a client draws is its own affair. This recording's client draws the scalar of a blind as 64 bytes, which are reduced, and
before KE1 the seed of its key share and its nonce, 32 bytes each; the nonce of an envelope as 32 bytes.
"""

import json

import bip39
import device_list
import opaque
import recovery
import ristretto
import sealed
import signatures
import text
from primitives import AUTHENTICATION, MALFORMED, Refused, derive, digest, ed25519_public_key, recovery_locator, require

SAVES = "/v1/account/snapshots/"


def split(data):
    """The two parts of section 13: JSON and a snapshot, or none."""
    cursor = sealed.Cursor(data)
    control, rest = cursor.take(cursor.number(4)), cursor.take(cursor.number(4))
    require(cursor.at == len(data), MALFORMED)
    return json.loads(control), rest


def octets(value, size=None):
    return signatures.base64url(value, size)


class Session:
    """What is known of an account at some point of the recording."""

    def __init__(self, recorded):
        self.vault_id, self.authority = recorded["vault_id"], recorded["authority"]
        self.name = text.account_name(recorded["account_name"])
        self.name_hash = text.name_hash(self.name, self.vault_id)
        self.passphrases = [text.passphrase(words) for words in recorded["passphrases"]]
        self.codes = [bip39.recovery_entropy(words) for words in recorded["recovery_codes"]]
        device = bytes.fromhex(recorded["device"]["secrets"])
        self.device, self.device_secret = bytes.fromhex(recorded["device"]["id"]), device[:32]
        self.device_key = ed25519_public_key(device[32:])
        self.account = self.account_key = self.list = self.snapshot = None
        self.generation, self.started, self.token, self.entries = 1, None, None, []
        self.request_key, self.sessions = None, {}  # of each session's token, the request key

    # What was drawn.

    def blinds(self, drawn):
        return [int.from_bytes(bytes.fromhex(one), "little") % ristretto.ORDER for one in drawn if len(one) == 128]

    def password_of(self, sent, drawn, head):
        """The passphrase, of those that there are, and the blind that give what was sent."""
        for password in self.passphrases:
            for blind in self.blinds(drawn):
                if opaque.blinded(password, blind) == sent[:head]:
                    return password, blind
        raise Refused(AUTHENTICATION)

    # Sealed objects.

    def open_keyslot(self, keyslot, key, slot, device=None):
        bundle = sealed.open_keyslot(keyslot, key, self.account, self.generation, slot, device)
        return bundle["account_key"]

    def open_snapshot(self, data, head=None):
        snapshot = sealed.Snapshot(data)
        inventory = snapshot.open(self.account_key, self.account, self.generation, snapshot.number)
        if self.snapshot and snapshot.digest != self.snapshot.digest:
            require(snapshot.continuity(self.snapshot.number, self.snapshot.digest) == "continues", AUTHENTICATION)
        if head:
            require((head["number"], octets(head["digest"], 32)) == (snapshot.number, snapshot.digest), AUTHENTICATION)
        opened = []
        for item, entry in zip(inventory["entries"], snapshot.entries):
            plaintext = sealed.open_entry(entry, self.account_key, self.account, self.generation, bytes.fromhex(item["id"]))
            content = sealed.read_entry(plaintext)
            opened.append({"label": item["label"], "secret": content.get("words") or content.get("text")})
        self.snapshot, self.entries, self.inventory = snapshot, opened, inventory

    def open_list(self, data):
        found = device_list.DeviceList(data)
        found.open(self.account_key, self.account, self.generation)
        if self.list and found.digest != self.list.digest:
            require(found.continuity(self.list.number, self.list.digest) == "continues", AUTHENTICATION)
        self.list = found

    def device_kek(self):
        return derive(self.device_secret, b"kek-device", length=32)

    # Steps.

    def registered(self, password, blind, response, drawn, record):
        """The key that the record's export key gives."""
        for nonce in (bytes.fromhex(one) for one in drawn if len(one) == 64):
            _, made, export_key, _ = opaque.register(password, blind, response, nonce)
            if made == record:
                return derive(export_key, b"kek-passphrase", length=32)
        raise Refused(AUTHENTICATION)

    def recovery_members(self, body, entropy):
        [told] = body["recovery_methods"]
        method = {"wait": told.get("wait", 0), "keyslot": octets(told["keyslot"]), "locator": octets(told["locator"], 32),
                  "login_public_key": octets(told["login_public_key"], 32), "proof": octets(told["proof"], 64)}
        require(method["locator"] == recovery_locator(entropy), AUTHENTICATION)
        public = ed25519_public_key(derive(entropy, b"recovery-login", length=32))
        require(method["login_public_key"] == public, AUTHENTICATION)
        generation = body.get("generation", 1)
        recovery.check_proof(method, self.account, generation, octets(body["operation"], 16))
        kek = derive(entropy, b"kek-recovery", length=32)
        require(self.open_keyslot(method["keyslot"], kek, "recovery") == self.account_key, AUTHENTICATION)

    def finish_registration(self, body, drawn):
        require(body["token"] == self.token, AUTHENTICATION)
        password, blind, response = self.started
        kek = self.registered(password, blind, response, drawn, octets(body["registration_record"], 192))
        if "account_id" in body:
            self.account = octets(body["account_id"], 16)
        key = self.open_keyslot(octets(body["passphrase_keyslot"]), kek, "passphrase")
        require(self.account_key in (None, key), AUTHENTICATION)
        self.account_key, self.passphrase_kek = key, kek
        if "recovery_methods" in body:
            self.recovery_members(body, self.codes[0])

    def finish_login(self, body, exchange):
        require(body["token"] == self.token, AUTHENTICATION)
        password, blind, ephemeral, ke1, ke2 = self.started
        context = opaque.context(self.vault_id, self.name_hash)
        ke3, export_key, session_key, _ = opaque.log_in(password, blind, ephemeral, ke1, ke2, context)
        require(octets(body["ke3"], 64) == ke3, AUTHENTICATION)
        mac = opaque.login_mac(session_key, self.name_hash, octets(body["token"]), ke3, octets(body["request_key"], 32),
                               bytes.fromhex(exchange["body"]))
        require(octets(exchange["headers"]["rootcellar-login-mac"], 64) == mac, AUTHENTICATION)
        return derive(export_key, b"kek-passphrase", length=32)

    def take_login(self, response, kek, slot):
        control, data = split(response)
        require(octets(control["account_id"], 16) == self.account, AUTHENTICATION)
        self.generation = control["generation"]
        key = self.open_keyslot(octets(control["keyslot"]), kek, slot)
        require(key == self.account_key, AUTHENTICATION)
        if slot == "passphrase":
            self.passphrase_kek = kek
        if "device_list" in control:
            self.open_list(octets(control["device_list"]))
        self.sessions[control["session"]["token"]] = self.request_key
        if data:
            self.open_snapshot(data, control["head"])

    def rekeyed(self, sent):
        body, data = split(sent)
        self.generation += 1
        self.account_key = None
        self.account_key = self.open_keyslot(octets(body["passphrase_keyslot"]), self.passphrase_kek, "passphrase")
        self.recovery_members(body, self.codes[1])
        self.open_list(octets(body["list"]))
        before = self.entries
        self.open_snapshot(data)
        require(self.entries == before, AUTHENTICATION)

    # Exchanges.

    def take(self, exchange):
        path, drawn = exchange["path"], exchange["drawn"]
        sent, response = bytes.fromhex(exchange["body"]), bytes.fromhex(exchange["response"])
        require(exchange["status"] == 200, MALFORMED)
        body = json.loads(sent) if sent and exchange["headers"].get("content-type") == "application/json" else None
        self.check_signature(exchange, body, sent)
        if path in ("/v1/registration/start", "/v1/account/passphrase/start"):
            password, blind = self.password_of(octets(body["registration_request"], 32), drawn, 32)
            require(octets(body["name_hash"], 32) == self.name_hash, AUTHENTICATION)
            told = json.loads(response)
            self.started, self.token = (password, blind, octets(told["registration_response"], 64)), told["token"]
        elif path in ("/v1/registration/finish", "/v1/account/passphrase/finish"):
            self.finish_registration(body, drawn)
            told = json.loads(response)
            require("account_id" not in told or octets(told["account_id"], 16) == self.account, AUTHENTICATION)
        elif path == "/v1/login/start":
            ke1 = octets(body["ke1"], 96)
            password, blind = self.password_of(ke1, drawn, 32)
            seed = bytes.fromhex(drawn[[len(one) for one in drawn].index(128) + 1])
            ephemeral, _ = opaque.derive_key_pair(seed, opaque.KEY_PAIR)
            require(opaque.ke1(password, blind, ke1[32:64], ephemeral) == ke1, AUTHENTICATION)
            require(octets(body["name_hash"], 32) == self.name_hash, AUTHENTICATION)
            told = json.loads(response)
            self.started, self.token = (password, blind, ephemeral, ke1, octets(told["ke2"], 320)), told["token"]
        elif path == "/v1/login/finish":
            self.take_login(response, self.finish_login(body, exchange), "passphrase")
        elif path == "/v1/recovery":
            entropy = next(code for code in self.codes if recovery_locator(code) == octets(body["locator"], 32))
            self.take_login(response, derive(entropy, b"kek-recovery", length=32), "recovery")
        elif path == "/v1/account/rekey":
            self.rekeyed(sent)
            head = json.loads(response)["head"]
            require((head["number"], octets(head["digest"], 32)) == (self.snapshot.number, self.snapshot.digest), AUTHENTICATION)
        elif path == "/v1/account/devices" and body:
            self.open_list(octets(body["list"]))
            keyslot = octets(body["devices"][0]["keyslot"])
            require(self.open_keyslot(keyslot, self.device_kek(), "device", self.device) == self.account_key, AUTHENTICATION)
        elif path in ("/v1/account/device", "/v1/account/restore"):
            control, data = split(response)
            require(octets(control["account_id"], 16) == self.account, AUTHENTICATION)
            key = self.open_keyslot(octets(control["keyslot"]), self.device_kek(), "device", self.device)
            require(key == self.account_key, AUTHENTICATION)
            self.open_list(octets(control["device_list"]))
            self.open_snapshot(data, control["head"])
        elif path == "/v1/account":
            told = json.loads(response)
            require((octets(told["account_id"], 16), told["generation"]) == (self.account, self.generation), AUTHENTICATION)
            require(octets(told["head"]["digest"], 32) == self.snapshot.digest, AUTHENTICATION)
            [method] = told["recovery_methods"]
            require(octets(method["locator_digest"], 32) == digest(recovery_locator(self.codes[0])), AUTHENTICATION)
        elif path.startswith(SAVES):
            self.open_snapshot(sent)
            control, data = split(response)
            require(data == sent and control["snapshot"] == control["head"], AUTHENTICATION)
        elif path not in ("/v1/vault", "/v1/account/devices"):
            raise LookupError(f"no reading of {path}")

    def check_signature(self, exchange, body, sent):
        headers = exchange["headers"]
        if "signature" not in headers:
            require(exchange["path"] in UNSIGNED, MALFORMED)
            return
        session = headers.get("rootcellar-session")
        if exchange["path"] == "/v1/login/finish":
            self.request_key = octets(body["request_key"], 32)
            key = self.request_key
        elif exchange["path"] == "/v1/recovery":
            entropy = next(code for code in self.codes if recovery_locator(code) == octets(body["locator"], 32))
            key = ed25519_public_key(derive(entropy, b"recovery-login", length=32))
            self.request_key = octets(body["request_key"], 32)
        elif session.startswith("device."):
            require(octets(session[7:], 32) == self.account + self.device, AUTHENTICATION)
            key = self.device_key
        else:
            require(session in self.sessions, AUTHENTICATION)
            key = self.sessions[session]
        signatures.verify(exchange["method"], self.authority, exchange["path"], "", headers["content-digest"], sent,
                          session, headers["signature-input"], headers["signature"], key)


UNSIGNED = {"/v1/vault", "/v1/registration/start", "/v1/registration/finish", "/v1/login/start"}


def read(recorded):
    session = Session(recorded)
    for number, exchange in enumerate(recorded["exchanges"]):
        try:
            session.take(exchange)
        except Refused as refused:
            raise ValueError(f"exchange {number}, {exchange['step']}: {exchange['path']}: {refused.reason}") from None
    return {"restored": session.entries}
