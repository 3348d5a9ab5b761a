"""Section 19: what the new device shows, and the messages of a pairing, read by who knows the new device's key."""

import re

from cbor import decode_map, octets, string, unsigned
from primitives import (AUTHENTICATION, KIND_PAIRING_CONFIRMATION, KIND_PAIRING_REPLY, MALFORMED, UNSUPPORTED,
                        HpkeReceiver, aad, digest, hpke_derive_private_key, joined, require)
from sealed import label, open_envelope
from signatures import base64url
from text import WHITE_SPACE

LONGEST_MESSAGE = 2048
NOBODY = bytes(16)


def read_text(text):
    """The key of the new device and its commitment."""
    text = "".join(c for c in text if c not in WHITE_SPACE)
    version = re.fullmatch(r"rootcellar-pair-([0-9]+):.*", text)
    require(version, MALFORMED)
    require(version[1] == "1", UNSUPPORTED)
    data = base64url(text[len("rootcellar-pair-1:"):], 68)
    key, commitment, check = data[:32], data[32:64], data[64:]
    require(mailbox(key, commitment)[:4] == check, MALFORMED)
    return key, commitment


def mailbox(key, commitment):
    return digest(joined(b"rootcellar-1 pairing-mailbox", key, commitment))


class Pairing:
    def __init__(self, text, key_material, vault_id, opening):
        key, self.commitment = read_text(text)
        self.mailbox, self.vault_id, self.managing_nonce = mailbox(key, self.commitment), vault_id, opening[32:]
        info = joined(b"rootcellar-1 pairing", vault_id.encode(), key, self.commitment)
        self.context = HpkeReceiver(hpke_derive_private_key(key_material), opening[:32], info)

    def open(self, message, kind, name):
        require(len(message) <= LONGEST_MESSAGE, MALFORMED)
        key = self.context.export(joined(b"rootcellar-1 pairing-" + name), 32)
        return decode_map(open_envelope(message, kind, key, aad(kind, NOBODY, 0, self.mailbox)))

    def new_device(self, reply):
        pairs = self.open(reply, KIND_PAIRING_REPLY, b"reply")
        nonce, request_key = octets(pairs.get(1), 32), octets(pairs.get(2), 32)
        device, name = octets(pairs.get(3), 16), label(pairs.get(4))
        committed = joined(b"rootcellar-1 pairing-commitment", nonce, request_key, device, name.encode())
        require(digest(committed) == self.commitment, AUTHENTICATION)
        return {"nonce": nonce.hex(), "request_key": request_key.hex(), "device": device.hex(), "label": name}

    def code(self, nonce):
        exported = self.context.export(joined(b"rootcellar-1 pairing-code", nonce, self.managing_nonce), 8)
        return f"{int.from_bytes(exported, 'big') % 1_000_000:06}"

    def confirmed(self, confirmation):
        pairs = self.open(confirmation, KIND_PAIRING_CONFIRMATION, b"confirmation")
        vault_id = string(pairs.get(3), 1, 255)
        require(re.fullmatch(r"[a-z0-9.:\[\]-]+", vault_id), MALFORMED)
        said = {"account": octets(pairs.get(1), 16).hex(), "device_secret": octets(pairs.get(2), 32).hex(),
                "device_list": seen(pairs, 4), "server_public_key": optional(pairs, 6), "name_hash": optional(pairs, 7),
                "last_seen": seen(pairs, 8) if 8 in pairs or 9 in pairs else None}
        require(vault_id == self.vault_id, AUTHENTICATION)
        return said


def seen(pairs, key):
    number, value = unsigned(pairs.get(key)), octets(pairs.get(key + 1), 32)
    require(number >= 1, MALFORMED)
    return {"number": number, "digest": value.hex()}


def optional(pairs, key):
    return octets(pairs[key], 32).hex() if key in pairs else None
