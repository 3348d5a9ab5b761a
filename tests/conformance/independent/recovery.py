"""Sections 7.1 and 15.5: recovery methods, their labels, and the proof that a client holds the login key."""

from nacl.exceptions import BadSignatureError, ValueError as NaclValueError
from nacl.signing import SigningKey, VerifyKey

from cbor import decode_map
from primitives import KIND_RECOVERY_LABEL, MALFORMED, Refused, aad, digest, inventory_key, joined, uint
from sealed import label, open_envelope


def open_label(sealed, account_key, account, generation, locator_digest):
    plaintext = open_envelope(sealed, KIND_RECOVERY_LABEL, inventory_key(account_key),
                              aad(KIND_RECOVERY_LABEL, account, generation, locator_digest))
    return label(decode_map(plaintext).get(1))


def proof_message(method, account, generation, operation):
    return joined(b"rootcellar-1 recovery-login-proof", account, uint(generation, 4), operation,
                  method.get("label", b""), uint(method["wait"], 8), method["locator"], method["login_public_key"],
                  digest(method["keyslot"]))


def check_proof(method, account, generation, operation):
    """The message that the proof signs. libsodium refuses other encodings and points of small order, as section 14 wants."""
    message = proof_message(method, account, generation, operation)
    try:
        VerifyKey(method["login_public_key"]).verify(message, method["proof"])
    except (BadSignatureError, NaclValueError):
        raise Refused(MALFORMED) from None
    return message


def prove(seed, message):
    return SigningKey(seed).sign(message).signature
