"""Section 14: the one profile of HTTP message signatures, byte for byte."""

import base64
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from primitives import AUTHENTICATION, MALFORMED, Refused, digest, require

COMPONENTS = ["@method", "@authority", "@path", "@query", "content-digest"]


def base64url(text, size=None):
    """Section 1's: no padding, no other alphabet, no bits left over; encoding again shows all three."""
    require(re.fullmatch(r"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1, MALFORMED)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    require(size in (None, len(data)) and base64.urlsafe_b64encode(data).decode().rstrip("=") == text, MALFORMED)
    return data


def byte_sequence(text, size):
    """RFC 9651's `:base64:`, padded and canonical."""
    require(re.fullmatch(r":[A-Za-z0-9+/]*={0,2}:", text), MALFORMED)
    try:
        data = base64.b64decode(text[1:-1], validate=True)
    except ValueError:
        raise Refused(MALFORMED) from None
    require(len(data) == size and base64.b64encode(data).decode() == text[1:-1], MALFORMED)
    return data


def member(field, key):
    require(field.startswith(key + "="), MALFORMED)
    return field[len(key) + 1:]


def signed(key, authority, path, body, created, nonce):
    """Content digest, signature input and signature of a POST without session or query."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    encoded = base64.urlsafe_b64encode
    names = " ".join(f'"{component}"' for component in COMPONENTS)
    key_id = encoded(private.public_key().public_bytes_raw()).decode().rstrip("=")
    params = (f'({names});created={created};nonce="{encoded(nonce).decode().rstrip("=")}";keyid="{key_id}"'
              ';tag="rootcellar-1"')
    content_digest = f"sha-256=:{base64.b64encode(digest(body)).decode()}:"
    values = zip(COMPONENTS, ["POST", authority, path, "?", content_digest])
    base = "\n".join([f'"{name}": {value}' for name, value in values] + [f'"@signature-params": {params}'])
    signature = base64.b64encode(private.sign(base.encode())).decode()
    return content_digest, f"rc={params}", f"rc=:{signature}:"


def verify(method, authority, path, query, content_digest, body, session, signature_input, signature, expected_key):
    """The signature base of a request that holds."""
    values = [method, authority, path, "?" + query, content_digest]
    components = list(COMPONENTS)
    if session is not None:
        components.append("rootcellar-session")
        values.append(session)
    params = member(signature_input, "rc")
    covered = "(" + " ".join(f'"{c}"' for c in components) + ")"
    pattern = r';created=(0|[1-9][0-9]{0,14});nonce="([^"]*)";keyid="([^"]*)";tag="rootcellar-1"'
    match = re.fullmatch(re.escape(covered) + pattern, params)
    require(match, MALFORMED)
    base64url(match[2], 16)
    key_id = base64url(match[3], 32)
    sent = byte_sequence(member(signature, "rc"), 64)
    sent_digest = byte_sequence(member(content_digest, "sha-256"), 32)

    require(sent_digest == digest(body), AUTHENTICATION)
    require(key_id == expected_key, AUTHENTICATION)
    base = "\n".join([f'"{c}": {v}' for c, v in zip(components, values)] + [f'"@signature-params": {params}'])
    try:
        Ed25519PublicKey.from_public_bytes(expected_key).verify(sent, base.encode())
    except InvalidSignature:
        raise Refused(AUTHENTICATION) from None
    return base
