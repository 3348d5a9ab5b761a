"""Section 1's CBOR: definite lengths, ascending unsigned map keys, no tags, no floats, nothing after the item.

Values are int, bytes, str, list, dict, and `SIMPLE` for everything of major type 7 that is no float.
"""

from primitives import MALFORMED, Refused, require

DEEPEST = 32  # the page sets no limit; without one, a hostile plaintext could exhaust the stack
SIMPLE = object()


def decode_map(data):
    value, end = item(data, 0, 0)
    require(end == len(data) and isinstance(value, dict), MALFORMED)
    return value


def take(data, at, size):
    require(size <= len(data) - at, MALFORMED)
    return data[at:at + size], at + size


def item(data, at, depth):
    require(depth <= DEEPEST, MALFORMED)
    head, at = take(data, at, 1)
    major, info = head[0] >> 5, head[0] & 31
    require(info <= 27, MALFORMED)  # 28 to 30 are reserved, 31 is an indefinite length
    if major == 7:
        require(info <= 24, MALFORMED)  # 25 to 27 are floats
        if info == 24:
            simple, at = take(data, at, 1)
            require(simple[0] >= 32, MALFORMED)
        return SIMPLE, at
    argument = info
    if info >= 24:
        raw, at = take(data, at, 1 << (info - 24))
        argument = int.from_bytes(raw, "big")
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major == 2:
        return take(data, at, argument)
    if major == 3:
        raw, at = take(data, at, argument)
        return utf8(raw), at
    if major == 4:
        require(argument <= len(data) - at, MALFORMED)
        values = []
        for _ in range(argument):
            value, at = item(data, at, depth + 1)
            values.append(value)
        return values, at
    if major == 5:
        return map_body(data, at, argument, depth)
    raise Refused(MALFORMED)  # 6, a tag


def map_body(data, at, count, depth):
    require(2 * count <= len(data) - at, MALFORMED)
    pairs, last = {}, -1
    for _ in range(count):
        key, at = item(data, at, depth + 1)
        require(isinstance(key, int) and key > last, MALFORMED)
        pairs[key], at = item(data, at, depth + 1)
        last = key
    return pairs, at


def utf8(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Refused(MALFORMED) from None


# What a field of a map may hold. A required field that is missing is malformed; an optional one is None.

def present(value):
    require(value is not None, MALFORMED)
    return value


def octets(value, *sizes):
    require(isinstance(value, bytes) and len(value) in sizes, MALFORMED)
    return value


def unsigned(value):
    require(isinstance(value, int) and value >= 0, MALFORMED)
    return value


def string(value, least, most):
    require(isinstance(value, str) and least <= len(value.encode()) <= most, MALFORMED)
    return value


def array(value, least, most):
    require(isinstance(value, list) and least <= len(value) <= most, MALFORMED)
    return value
