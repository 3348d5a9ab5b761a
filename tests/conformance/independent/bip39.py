"""BIP-39 as far as sections 8, 9 and 11 need it, and the recovery code. Only the word lists are borrowed."""

import hashlib
import hmac

import unicodedata2
from Crypto.Hash import RIPEMD160
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mnemonic import Mnemonic

from primitives import require
from text import WHITE_SPACE

LANGUAGES = ["english", "chinese_simplified", "chinese_traditional", "czech", "french", "italian", "japanese",
             "korean", "portuguese", "spanish"]


def word_list(language):
    return Mnemonic(LANGUAGES[language]).wordlist


def checksum(entropy):
    """The first len/32 bits of SHA-256, as a number."""
    return int.from_bytes(hashlib.sha256(entropy).digest(), "big") >> (256 - len(entropy) // 4)


def phrase(entropy, language):
    """The words as they stand in the list, between single spaces, which BIP-39 has ideographic in Japanese."""
    bits = len(entropy) * 8
    number = int.from_bytes(entropy, "big") << (bits // 32) | checksum(entropy)
    count = bits * 33 // 32 // 11
    words = word_list(language)
    separator = "\u3000" if LANGUAGES[language] == "japanese" else " "
    return separator.join(words[number >> (11 * (count - 1 - i)) & 2047] for i in range(count))


def fingerprint(words, passphrase):
    """The BIP-32 master fingerprint of the seed that a phrase and its passphrase give."""
    def nfkd(text):
        return unicodedata2.normalize("NFKD", text).encode()

    seed = hashlib.pbkdf2_hmac("sha512", nfkd(words), b"mnemonic" + nfkd(passphrase), 2048)
    master = int.from_bytes(hmac.digest(b"Bitcoin seed", seed, "sha512")[:32], "big")
    public = ec.derive_private_key(master, ec.SECP256K1()).public_key()
    compressed = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return RIPEMD160.new(hashlib.sha256(compressed).digest()).digest()[:4]


def recovery_entropy(written):
    """Section 11, read backwards."""
    spaced = "".join(" " if c == "-" or c in WHITE_SPACE else c for c in written)
    words = [word for word in spaced.split(" ") if word]
    require(len(words) == 12, "word-count")
    english = {word: index for index, word in enumerate(word_list(0))}
    number = 0
    for word in words:
        index = english.get(word.lower() if word.isascii() else word)
        require(index is not None, "unknown-word")
        number = number << 11 | index
    entropy, given = (number >> 4).to_bytes(16, "big"), number & 15
    require(given != checksum(entropy), "seed-phrase")
    require(given == checksum(entropy) ^ 0b1001, "checksum")
    return entropy
