"""Section 6.2: a device's secrets in a file, under a passphrase of their own."""

from primitives import KIND_DEVICE_FILE, MALFORMED, aad, derive, ksf, require
from sealed import check_head, open_envelope
from text import passphrase


def open_file(data, words, account, device):
    """Device secret and the seed of the request key."""
    salt, envelope = data[:16], data[16:]
    check_head(envelope, KIND_DEVICE_FILE, 60)
    key = derive(ksf(passphrase(words), salt), b"kek-device-file", length=32)
    plaintext = open_envelope(envelope, KIND_DEVICE_FILE, key, aad(KIND_DEVICE_FILE, account, 0, device))
    require(len(plaintext) == 64, MALFORMED)
    return plaintext[:32], plaintext[32:]
