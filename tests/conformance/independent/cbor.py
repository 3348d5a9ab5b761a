"""Section 1's CBOR: few types, one way to write each value, a bounded depth, nothing after the item.

Values are int, bytes, str, list, dict, bool and None's stand-in `NULL`.
"""

from primitives import MALFORMED, Refused, require

DEEPEST = 16
NULL = object()
SIMPLE = {20: False, 21: True, 22: NULL}


def decode_map(data):
    value, end = item(data, 0, DEEPEST)
    require(end == len(data) and isinstance(value, dict), MALFORMED)
    return value


SHORTEST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}  # the least argument that needs so many bytes


def take(data, at, size):
    require(size <= len(data) - at, MALFORMED)
    return data[at:at + size], at + size


def item(data, at, levels):
    """One item, in which `levels` arrays and maps may be nested, and where it ends."""
    head, at = take(data, at, 1)
    major, info = head[0] >> 5, head[0] & 31
    require(info <= 27, MALFORMED)  # 28 to 30 are reserved, 31 is an indefinite length
    if major == 7:
        require(info in SIMPLE, MALFORMED)  # 25 to 27 are floats
        return SIMPLE[info], at
    argument = info
    if info >= 24:
        raw, at = take(data, at, 1 << (info - 24))
        argument = int.from_bytes(raw, "big")
        require(argument >= SHORTEST[info], MALFORMED)
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major == 2:
        return take(data, at, argument)
    if major == 3:
        raw, at = take(data, at, argument)
        return utf8(raw), at
    if major in (4, 5):
        require(levels > 0, MALFORMED)
    if major == 4:
        require(argument <= len(data) - at, MALFORMED)
        values = []
        for _ in range(argument):
            value, at = item(data, at, levels - 1)
            values.append(value)
        return values, at
    if major == 5:
        return map_body(data, at, argument, levels - 1)
    raise Refused(MALFORMED)  # 6, a tag


def map_body(data, at, count, levels):
    require(2 * count <= len(data) - at, MALFORMED)
    pairs, last = {}, -1
    for _ in range(count):
        require(data[at:at + 1] and data[at] >> 5 == 0, MALFORMED)
        key, at = item(data, at, levels)
        require(key > last, MALFORMED)
        pairs[key], at = item(data, at, levels)
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
    require(type(value) is int and value >= 0, MALFORMED)  # a bool is an int to Python
    return value


def string(value, least, most):
    require(isinstance(value, str) and least <= len(value.encode()) <= most, MALFORMED)
    return value


def array(value, least, most):
    require(isinstance(value, list) and least <= len(value) <= most, MALFORMED)
    return value
