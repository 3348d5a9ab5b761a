"""Sections 5 to 10: envelopes, padding, keyslots, entries, the inventory, snapshots."""

import hmac

import unicodedata2

import bip39
from cbor import array, decode_map, octets, string, unsigned
from primitives import (AUTHENTICATION, FORMAT_VERSION, KIND_ENTRY, KIND_INVENTORY, KIND_KEYSLOT, MALFORMED, SUITE,
                        UNSUPPORTED, HpkeReceiver, aad, aead_xchacha, derive, digest, entry_private_key, inventory_key,
                        joined, require, save_key, uint)

SIZE_CLASSES = [256 << k for k in range(13)]
LONGEST_ENTRY = 16380
LONGEST_SNAPSHOT = 1 << 20


def pad(plaintext):
    size = next((size for size in SIZE_CLASSES if size >= 4 + len(plaintext)), 0)
    return (uint(len(plaintext), 4) + plaintext).ljust(size, b"\0")


def unpad(padded):
    require(len(padded) in SIZE_CLASSES, MALFORMED)
    length = int.from_bytes(padded[:4], "big")
    require(4 + length <= len(padded), MALFORMED)
    plaintext = padded[4:4 + length]
    require(pad(plaintext) == padded, MALFORMED)  # the smallest class, and zeros
    return plaintext


def check_head(sealed, kind, head_size):
    """Version and suite, then the shape that they give, then the kind, which only a mix-up or an attack changes."""
    require(len(sealed) >= 4, MALFORMED)
    require(sealed[0] == FORMAT_VERSION, UNSUPPORTED)
    require(int.from_bytes(sealed[2:4], "big") == SUITE, UNSUPPORTED)
    require(len(sealed) >= head_size + 16, MALFORMED)
    require(sealed[1] == kind, AUTHENTICATION)


def open_envelope(envelope, kind, key, data):
    check_head(envelope, kind, 60)
    nonce, commitment, ciphertext = envelope[4:28], envelope[28:60], envelope[60:]
    okm = derive(key, b"envelope", nonce, length=64)
    require(hmac.compare_digest(okm[32:], commitment), AUTHENTICATION)
    return unpad(aead_xchacha(okm[:32], nonce, ciphertext, data))


SLOT_KINDS = {"passphrase": 1, "recovery": 2, "device": 3}
BUNDLE = {1: ("account_key", 32), 2: ("inventory_key", 32), 3: ("save_key", 64), 4: ("entry_public_key", 32),
          5: ("device_list_public_key", 32)}
DEVICE_BUNDLES = [{2, 3, 4, 5}, {2, 5}]


def open_keyslot(keyslot, key, account, generation, slot, device):
    place = uint(SLOT_KINDS[slot], 1) + (device if slot == "device" else bytes(16))
    plaintext = open_envelope(keyslot, KIND_KEYSLOT, key, aad(KIND_KEYSLOT, account, generation, place))
    pairs = decode_map(plaintext)
    known = BUNDLE.keys() & pairs.keys()
    require(known == {1} or (slot == "device" and known in DEVICE_BUNDLES), MALFORMED)
    return {BUNDLE[k][0]: octets(pairs[k], BUNDLE[k][1]) for k in known}


PHRASE, SEED, TEXT = 1, 2, 3
FIELDS_OF_KIND = {PHRASE: {2, 3, 4, 5, 6, 7}, SEED: {5, 6, 7, 8}, TEXT: {9}}
KNOWN_FIELDS = set(range(2, 10))


def open_entry(sealed, account_key, account, generation, entry):
    """The bytes of the plaintext map; `read_entry` says what they mean."""
    check_head(sealed, KIND_ENTRY, 68)
    enc, commitment, ciphertext = sealed[4:36], sealed[36:68], sealed[68:]
    context = HpkeReceiver(entry_private_key(account_key), enc, joined(b"rootcellar-1 entry"))
    expected = context.export(joined(b"rootcellar-1 entry-commitment"), 32)
    require(hmac.compare_digest(expected, commitment), AUTHENTICATION)
    plaintext = unpad(context.open_first(aad(KIND_ENTRY, account, generation, entry), ciphertext))
    require(len(plaintext) <= LONGEST_ENTRY, MALFORMED)
    return plaintext


def read_entry(plaintext):
    pairs = decode_map(plaintext)
    kind = unsigned(pairs.get(1))
    require(kind in FIELDS_OF_KIND, UNSUPPORTED)
    if kind == PHRASE and type(pairs.get(3)) is int and pairs[3] >= 0:
        require(pairs[3] < len(bip39.LANGUAGES), UNSUPPORTED)
    require(not pairs.keys() & (KNOWN_FIELDS - FIELDS_OF_KIND[kind]), MALFORMED)
    details = [[string(path, 1, 128) for path in array(pairs[5], 1, 16)] if 5 in pairs else [],
               string(pairs[6], 1, 64) if 6 in pairs else None,
               string(pairs[7], 1, 32) if 7 in pairs else None]
    if kind == TEXT:
        return {"text": string(pairs.get(9), 1, 16000), "details": details}
    if kind == SEED:
        return {"seed": octets(pairs.get(8), *range(16, 65)).hex(), "details": details}
    entropy = octets(pairs.get(2), 16, 20, 24, 28, 32)
    language = unsigned(pairs.get(3))
    passphrase = string(pairs[4], 1, 1024) if 4 in pairs else None
    words = bip39.phrase(entropy, language)
    return {"words": words, "language": bip39.LANGUAGES[language], "bip39_passphrase": passphrase, "details": details,
            "fingerprint": bip39.fingerprint(words, passphrase or "").hex()}


def label(value, longest=256):
    string(value, 1, longest)
    require(not any(unicodedata2.category(c) == "Cc" for c in value), MALFORMED)
    return value


def read_inventory(plaintext):
    pairs = decode_map(plaintext)
    device = pairs.get(2)
    require(isinstance(device, dict), MALFORMED)
    entries = [read_item(pairs) for pairs in array(pairs.get(3), 0, 256)]
    require(len({entry["id"] for entry in entries}) == len(entries), MALFORMED)
    inventory = {"created": unsigned(pairs.get(1)),
                 "device": {"id": octets(device.get(1), 16).hex(), "label": label(device.get(2))},
                 "entries": entries}
    if 4 in pairs:
        seen = pairs[4]
        require(isinstance(seen, dict), MALFORMED)
        inventory["device_list"] = {"number": unsigned(seen.get(1)), "digest": octets(seen.get(2), 32).hex()}
    return inventory | read_about(pairs)


def read_about(pairs):
    """Keys 5 to 9, each of which may be left out; the quorum set is checked and not interpreted."""
    about = {}
    if 5 in pairs:
        about["account_name"] = label(pairs[5], 128)
    if 6 in pairs:
        about["vault_addresses"] = [label(address, 512) for address in array(pairs[6], 1, 8)]
    if 7 in pairs:
        about["proofs"] = [read_proof(proof) for proof in array(pairs[7], 1, 32)]
    if 8 in pairs:
        require(isinstance(pairs[8], bytes) and 1 <= len(pairs[8]) <= 4096, MALFORMED)
    if 9 in pairs:
        about["merged"] = [octets(one, 32).hex() for one in array(pairs[9], 1, 64)]
    return about


def read_proof(pairs):
    require(isinstance(pairs, dict), MALFORMED)
    return {"way": unsigned(pairs.get(1)), "proven": unsigned(pairs.get(2)), "snapshot": octets(pairs.get(3), 32).hex(),
            "device": octets(pairs.get(4), 16).hex()}


def read_item(pairs):
    require(isinstance(pairs, dict), MALFORMED)
    return {"id": octets(pairs.get(1), 16).hex(), "label": label(pairs.get(2)), "kind": unsigned(pairs.get(3)),
            "created": unsigned(pairs.get(4)), "changed": unsigned(pairs.get(5)),
            "digest": octets(pairs.get(6), 32).hex(),
            "fingerprint": octets(pairs[7], 4).hex() if 7 in pairs else None}


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        require(size <= len(self.data) - self.at, MALFORMED)
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")


class Chained:
    """What a snapshot and a device list begin with: shape, version and suite are checked, and nothing else yet."""

    def __init__(self, data, magic, most_ancestors, longest):
        self.cursor = cursor = Cursor(data)
        require(cursor.take(7) == magic, MALFORMED)
        version, suite = cursor.number(1), cursor.number(2)
        require(version == FORMAT_VERSION and suite == SUITE, UNSUPPORTED)
        require(len(data) <= longest, MALFORMED)
        self.data, self.account, self.generation = data, cursor.take(16), cursor.number(4)
        self.number, self.operation = cursor.number(8), cursor.take(16)
        require(self.generation >= 1 and self.number >= 1, MALFORMED)
        count = cursor.number(2)
        require(count == min(self.number - 1, most_ancestors), MALFORMED)
        self.ancestors = [cursor.take(32) for _ in range(count)]
        self.most_ancestors, self.digest = most_ancestors, digest(data)

    def place(self):
        return uint(self.number, 8) + self.operation + digest(b"".join(self.ancestors))

    def continuity(self, seen_number, seen_digest):
        ahead = self.number - seen_number
        if ahead < 0:
            return "rollback"
        if ahead > self.most_ancestors:
            return "gap"
        ours = self.digest if ahead == 0 else self.ancestors[ahead - 1]
        return "continues" if ours == seen_digest else "fork"


class Snapshot(Chained):
    def __init__(self, data):
        super().__init__(data, b"RCSNAP\0", 256, LONGEST_SNAPSHOT)
        cursor = self.cursor
        self.inventory = cursor.take(cursor.number(4))
        count = cursor.number(2)
        require(count <= 256, MALFORMED)
        self.entries = [cursor.take(cursor.number(4)) for _ in range(count)]
        self.authenticated, self.mac = data[:cursor.at], cursor.take(64)
        require(cursor.at == len(data), MALFORMED)

    def open(self, account_key, account, generation, number):
        told = (account, generation, number)
        require((self.account, self.generation, self.number) == told, AUTHENTICATION)
        mac = hmac.digest(save_key(account_key), self.authenticated, "sha512")
        require(hmac.compare_digest(mac, self.mac), AUTHENTICATION)
        inventory = read_inventory(open_envelope(self.inventory, KIND_INVENTORY, inventory_key(account_key),
                                                 aad(KIND_INVENTORY, account, generation, self.place())))
        named = [entry["digest"] for entry in inventory["entries"]]
        require(named == [digest(entry).hex() for entry in self.entries], AUTHENTICATION)
        return inventory
