"""Section 3: passphrases and account names.

Normalisation forms and general categories are those of unicodedata2, which is pinned to Unicode 16. Only case folding
comes from the interpreter, whose data may be older: see `fold`.
"""

import unicodedata as interpreters

import unicodedata2 as unicode16

from primitives import Refused, derive, require

# Unicode's property White_Space. `str.strip` and `str.isspace` would add U+001C to U+001F, which do not have it.
WHITE_SPACE = frozenset(map(chr, [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
                                  0x202F, 0x205F, 0x3000]))


def fold(text):
    """Full default case folding.

    The folding of an assigned character never changes, so the interpreter's is right for all that it knows. A letter
    that came later is paired with its small letter by name; where that finds none, this reader says that it cannot
    decide, and the vector fails.
    """
    return "".join(map(fold_character, text))


def fold_character(character):
    if interpreters.category(character) != "Cn":
        return character.casefold()
    if unicode16.category(character) in ("Lu", "Lt"):
        return unicode16.lookup(unicode16.name(character).replace(" CAPITAL LETTER ", " SMALL LETTER "))
    return character


def strip(text):
    start, end = 0, len(text)
    while start < end and text[start] in WHITE_SPACE:
        start += 1
    while end > start and text[end - 1] in WHITE_SPACE:
        end -= 1
    return text[start:end]


def stripped_and_assigned(text):
    # Cn covers noncharacters too.
    require(not any(unicode16.category(c) in ("Cn", "Co", "Cs") for c in text), "unassigned")
    text = strip(text)
    require(text, "empty")
    return text


def passphrase(text):
    normalised = unicode16.normalize("NFKD", stripped_and_assigned(text)).encode()
    require(len(normalised) <= 1024, "too-long")
    return normalised


def account_name(text):
    text = unicode16.normalize("NFD", stripped_and_assigned(text))
    for _ in range(2):
        text = unicode16.normalize("NFKC", fold(text))
    if any(c in WHITE_SPACE or unicode16.category(c) == "Cc" for c in text):
        raise Refused("space-in-name")
    require(len(text.encode()) <= 128, "too-long")
    return text


def name_hash(name, identity):
    return derive(name.encode(), b"account-name", identity.encode(), length=32)
