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


# Default_Ignorable_Code_Point of DerivedCoreProperties.txt, Unicode 16.
DEFAULT_IGNORABLE = frozenset(map(chr, [
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
    *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)]))


def is_untypable(c):
    return unicode16.category(c) in ("Cc", "Cf", "Zl", "Zp") or c in DEFAULT_IGNORABLE or c == "\u2800"


def refuse_character(text, is_refused, reason):
    """Refuses what is between the White_Space at the ends, with the first code point at fault and its place from 1."""
    start = next((at for at, c in enumerate(text) if c not in WHITE_SPACE), len(text))
    for at, c in enumerate(strip(text), start):
        if is_refused(c):
            raise Refused(reason, code_point=f"U+{ord(c):04X}", position=at + 1)


def stripped_and_checked(text):
    # Cn covers noncharacters too.
    refuse_character(text, lambda c: unicode16.category(c) in ("Cn", "Co", "Cs"), "unassigned")
    refuse_character(text, is_untypable, "untypable")
    return strip(text)


def passphrase(text):
    normalised = unicode16.normalize("NFKD", stripped_and_checked(text)).encode()
    require(normalised, "empty")
    require(len(normalised) <= 1024, "too-long")
    return normalised


def normalised_name(text):
    text = unicode16.normalize("NFD", text)
    for _ in range(2):
        text = unicode16.normalize("NFKC", fold(text))
    return text


def has_space(text):
    return not WHITE_SPACE.isdisjoint(text)


def account_name(text):
    name = normalised_name(stripped_and_checked(text))
    if has_space(name):
        refuse_character(text, lambda c: has_space(normalised_name(c)), "space-in-name")
        raise AssertionError("White_Space that comes from no code point alone")
    require(name, "empty")
    require(len(name.encode()) <= 128, "too-long")
    return name


def name_hash(name, vault_id):
    return derive(name.encode(), b"account-name", vault_id.encode(), length=32)
