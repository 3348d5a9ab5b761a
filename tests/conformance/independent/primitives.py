"""Sections 1, 2, 4 and 5 of the protocol: conventions, the suite's algorithms, keys, associated data."""

import hashlib
import hmac

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt
from nacl.exceptions import CryptoError

SUITE = 1
FORMAT_VERSION = 1
KIND_KEYSLOT, KIND_INVENTORY, KIND_ENTRY = 1, 2, 3
KIND_DEVICE_LIST, KIND_DEVICE_KEYS = 4, 5
KIND_PAIRING_REPLY, KIND_PAIRING_CONFIRMATION = 6, 7
KIND_DEVICE_FILE = 8
KIND_RECOVERY_LABEL = 9


class Refused(Exception):
    """What a reader says instead of an answer: malformed, unsupported, authentication, or a section's own reason."""

    def __init__(self, reason, **outputs):
        super().__init__(reason)
        self.outputs = outputs

    @property
    def reason(self):
        return self.args[0]


MALFORMED, UNSUPPORTED, AUTHENTICATION = "malformed", "unsupported", "authentication"


def require(condition, reason):
    if not condition:
        raise Refused(reason)


def uint(value, size):
    return value.to_bytes(size, "big")


def joined(*parts):
    """`tuple` of section 1."""
    return b"".join(uint(len(part), 4) + part for part in parts)


def digest(data):
    return hashlib.sha256(data).digest()


def hkdf_extract(algorithm, salt, ikm):
    return hmac.digest(salt or bytes(hashlib.new(algorithm).digest_size), ikm, algorithm)


def hkdf_expand(algorithm, key, info, length):
    output, block, counter = b"", b"", 1
    while len(output) < length:
        block = hmac.digest(key, block + info + bytes([counter]), algorithm)
        output, counter = output + block, counter + 1
    return output[:length]


def derive(ikm, label, *context, length):
    info = joined(b"rootcellar-1 " + label, *context)
    return hkdf_expand("sha512", hkdf_extract("sha512", b"", ikm), info, length)


def ksf(ikm, salt=None):
    """The suite's key derivation, a fixed Argon2id; only device files (section 6.2) have a salt."""
    return hash_secret_raw(ikm, bytes(16) if salt is None else salt, time_cost=3, memory_cost=65536, parallelism=4, hash_len=64,
                           type=Type.ID, version=0x13)


def aad(kind, account, generation, place):
    return joined(b"rootcellar-1 aad", uint(SUITE, 2), uint(kind, 1), account, uint(generation, 4), place)


def aead_xchacha(key, nonce, ciphertext, data):
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, data, nonce, key)
    except CryptoError:
        raise Refused(AUTHENTICATION) from None


def ed25519_public_key(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


# HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20-Poly1305 0x0003.

KEM_SUITE = b"KEM" + uint(0x0020, 2)
HPKE_SUITE = b"HPKE" + uint(0x0020, 2) + uint(0x0001, 2) + uint(0x0003, 2)


def labeled_extract(suite, salt, label, ikm):
    return hkdf_extract("sha256", salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, length):
    return hkdf_expand("sha256", prk, uint(length, 2) + b"HPKE-v1" + suite + label + info, length)


def hpke_derive_private_key(ikm):
    prk = labeled_extract(KEM_SUITE, b"", b"dkp_prk", ikm)
    return X25519PrivateKey.from_private_bytes(labeled_expand(KEM_SUITE, prk, b"sk", b"", 32))


class HpkeReceiver:
    """One context of base mode, set up by its receiver."""

    def __init__(self, private_key, enc, info):
        try:
            shared = private_key.exchange(X25519PublicKey.from_public_bytes(enc))
        except ValueError:  # an encapsulated key of small order gives zero, which RFC 9180 section 7.1.4 refuses
            raise Refused(AUTHENTICATION) from None
        prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", shared)
        kem_context = enc + private_key.public_key().public_bytes_raw()
        secret = labeled_expand(KEM_SUITE, prk, b"shared_secret", kem_context, 32)
        context = (b"\x00" + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
                   + labeled_extract(HPKE_SUITE, b"", b"info_hash", info))
        schedule = labeled_extract(HPKE_SUITE, secret, b"secret", b"")
        self.key = labeled_expand(HPKE_SUITE, schedule, b"key", context, 32)
        self.nonce = labeled_expand(HPKE_SUITE, schedule, b"base_nonce", context, 12)
        self.exporter = labeled_expand(HPKE_SUITE, schedule, b"exp", context, 32)

    def export(self, context, length):
        return labeled_expand(HPKE_SUITE, self.exporter, b"sec", context, length)

    def open_first(self, data, ciphertext):
        try:
            return ChaCha20Poly1305(self.key).decrypt(self.nonce, ciphertext, data)
        except InvalidTag:
            raise Refused(AUTHENTICATION) from None


# The key schedule, section 4.

def inventory_key(account_key):
    return derive(account_key, b"inventory", length=32)


def save_key(account_key):
    return derive(account_key, b"save", length=64)


def entry_private_key(account_key):
    return hpke_derive_private_key(derive(account_key, b"entry", length=32))


def device_list_public_key(account_key):
    return ed25519_public_key(derive(account_key, b"device-list", length=32))


def device_keys_key(account_key):
    return derive(account_key, b"device-keys", length=32)


def recovery_locator(entropy):
    return derive(entropy, b"recovery-locator", length=32)


def key_schedule(source, ikm):
    """Every key of section 4 that comes from `source`, by the names that the vectors give them."""
    if source == "account_key":
        return {"inventory_key": inventory_key(ikm), "save_key": save_key(ikm),
                "entry_public_key": entry_private_key(ikm).public_key().public_bytes_raw(),
                "device_list_public_key": device_list_public_key(ikm), "device_keys_key": device_keys_key(ikm)}
    if source == "export_key":
        return {"passphrase_kek": derive(ikm, b"kek-passphrase", length=32)}
    if source == "recovery_entropy":
        return {"recovery_kek": derive(ikm, b"kek-recovery", length=32), "recovery_locator": recovery_locator(ikm),
                "login_public_key": ed25519_public_key(derive(ikm, b"recovery-login", length=32))}
    if source == "session_key":
        return {"login_mac_key": derive(ikm, b"login-mac", length=64)}
    if source == "ksf_input":
        return {"ksf_output": ksf(ikm)}
    raise LookupError(f"no key of section 4 comes from {source!r}")
