"""Section 12: OPAQUE's client (RFC 9807 over RFC 9497) and the login MAC of section 15.3."""

import hashlib
import hmac

import ristretto
from primitives import (AUTHENTICATION, MALFORMED, derive, digest, hkdf_expand, hkdf_extract, joined, ksf, require, uint)

OPRF_CONTEXT = b"OPRFV1-\x00-ristretto255-SHA512"
KEY_PAIR = b"OPAQUE-DeriveDiffieHellmanKeyPair"


def expand_message(message, dst, length):
    """RFC 9380's expand_message_xmd with SHA-512."""
    dst += uint(len(dst), 1)
    first = hashlib.sha512(bytes(128) + message + uint(length, 2) + b"\0" + dst).digest()
    block, output = bytes(64), b""
    while len(output) < length:
        mixed = bytes(a ^ b for a, b in zip(first, block))
        block = hashlib.sha512(mixed + uint(len(output) // 64 + 1, 1) + dst).digest()
        output += block
    return output[:length]


def hash_to_scalar(message, dst):
    return int.from_bytes(expand_message(message, dst, 64), "little") % ristretto.ORDER


def derive_key_pair(seed, info):
    """RFC 9497's DeriveKeyPair."""
    for counter in range(256):
        scalar = hash_to_scalar(seed + uint(len(info), 2) + info + uint(counter, 1), b"DeriveKeyPair" + OPRF_CONTEXT)
        if scalar:
            return scalar, (scalar * ristretto.base()).encode()
    raise AssertionError("no key in 256 tries")


def blinded(password, blind):
    point = ristretto.from_uniform_bytes(expand_message(password, b"HashToGroup-" + OPRF_CONTEXT, 64))
    return (blind * point).encode()


def oprf_output(password, blind, evaluated):
    unblinded = (pow(blind, -1, ristretto.ORDER) * ristretto.decode(evaluated)).encode()
    return hashlib.sha512(uint(len(password), 2) + password + uint(32, 2) + unblinded + b"Finalize").digest()


def randomised_password(password, blind, evaluated):
    output = oprf_output(password, blind, evaluated)
    return hkdf_extract("sha512", b"", output + ksf(output))


def expand(key, info, length):
    return hkdf_expand("sha512", key, info, length)


def mac(key, message):
    return hmac.digest(key, message, "sha512")


def vector(data):
    return uint(len(data), 2) + data


class Credentials:
    """What the envelope of RFC 9807 section 4 gives to one who knows the password."""

    def __init__(self, password, nonce, server_public_key):
        self.auth_key = expand(password, nonce + b"AuthKey", 64)
        self.export_key = expand(password, nonce + b"ExportKey", 64)
        seed = expand(password, nonce + b"PrivateKey", 32)
        self.private_key, self.public_key = derive_key_pair(seed, KEY_PAIR)
        cleartext = server_public_key + vector(server_public_key) + vector(self.public_key)
        self.tag = mac(self.auth_key, nonce + cleartext)


def register(password, blind, response, nonce):
    """Request, record, export key and the vault's public key."""
    require(len(response) == 64, MALFORMED)
    evaluated, server_public_key = response[:32], response[32:]
    ristretto.decode(server_public_key)
    stretched = randomised_password(password, blind, evaluated)
    credentials = Credentials(stretched, nonce, server_public_key)
    record = credentials.public_key + expand(stretched, b"MaskingKey", 64) + nonce + credentials.tag
    return blinded(password, blind), record, credentials.export_key, server_public_key


def context(vault_id, name_hash):
    return joined(b"rootcellar-1 opaque", uint(1, 2), vault_id.encode(), name_hash)


def ke1(password, blind, nonce, private_key):
    return blinded(password, blind) + nonce + (private_key * ristretto.base()).encode()


def expand_label(secret, label, transcript):
    label = b"OPAQUE-" + label
    return expand(secret, uint(64, 2) + uint(len(label), 1) + label + uint(len(transcript), 1) + transcript, 64)


def log_in(password, blind, ephemeral, ke1_bytes, ke2, protocol_context):
    """KE3, export key, session key and the vault's public key, which OPAQUE authenticated."""
    require(len(ke2) == 320, MALFORMED)
    response, share, server_mac = ke2[:192], ke2[224:256], ke2[256:]
    server_share = ristretto.decode(share)
    stretched = randomised_password(password, blind, response[:32])
    masking_key = expand(stretched, b"MaskingKey", 64)
    pad = expand(masking_key, response[32:64] + b"CredentialResponsePad", 128)
    unmasked = bytes(a ^ b for a, b in zip(response[64:], pad))
    server_public_key, nonce, tag = unmasked[:32], unmasked[32:64], unmasked[64:]
    credentials = Credentials(stretched, nonce, server_public_key)
    require(hmac.compare_digest(credentials.tag, tag), AUTHENTICATION)
    server_key = ristretto.decode(server_public_key)
    preamble = (b"OPAQUEv1-" + vector(protocol_context) + vector(credentials.public_key) + ke1_bytes
                + vector(server_public_key) + response + ke2[192:256])
    secrets = [ephemeral * server_share, ephemeral * server_key, credentials.private_key * server_share]
    prk = hkdf_extract("sha512", b"", b"".join(point.encode() for point in secrets))
    transcript = hashlib.sha512(preamble).digest()
    handshake = expand_label(prk, b"HandshakeSecret", transcript)
    session_key = expand_label(prk, b"SessionKey", transcript)
    expected = mac(expand_label(handshake, b"ServerMAC", b""), transcript)
    require(hmac.compare_digest(expected, server_mac), AUTHENTICATION)
    ke3 = mac(expand_label(handshake, b"ClientMAC", b""), hashlib.sha512(preamble + expected).digest())
    return ke3, credentials.export_key, session_key, server_public_key


def login_mac(session_key, name_hash, token, ke3, request_key, body):
    key = derive(session_key, b"login-mac", length=64)
    return mac(key, joined(b"rootcellar-1 login-finish", name_hash, token, ke3, request_key, digest(body)))
