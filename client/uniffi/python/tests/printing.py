"""Every type that an app gets or gives is made with canaries and shown in every way that Python has: none shows a canary."""

import copy
import dataclasses
import enum
import inspect
import pickle
import pprint
import traceback
import typing

import rootcellar
from support import run

CANARY = b"legal-winner-canary"
# As text, as in `repr`, as numbers, as hexadecimal.
TRACES = (CANARY.decode(), ", ".join(map(str, CANARY[:4])), CANARY.hex())


def classes():
    """Every class of the module that is not for the border itself, enums' variants included."""
    for name, found in vars(rootcellar).items():
        if inspect.isclass(found) and found.__module__ == rootcellar.__name__ and not name.startswith("_"):
            yield found
            for variant in vars(found).values():
                if inspect.isclass(variant) and issubclass(variant, found) and variant is not found:
                    yield variant


def value(annotation, depth=0):
    """A value of a type as the generated code annotates it."""
    if isinstance(annotation, str):
        annotation = eval(annotation, vars(rootcellar))
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union:
        return value(next(one for one in arguments if one is not type(None)), depth)
    if origin in (list, typing.List) or str(origin).endswith("Sequence'>"):
        return [value(arguments[0], depth)]
    if origin is dict:
        return {value(arguments[0], depth): value(arguments[1], depth)}
    if annotation is bytes:
        return bytearray(CANARY)
    if annotation in (str, int, float, bool, object):
        return annotation()
    if issubclass(annotation, enum.Enum):
        return next(iter(annotation))
    variants = [one for one in vars(annotation).values() if inspect.isclass(one) and issubclass(one, annotation)]
    return make(variants[0] if variants else annotation, depth + 1)


def make(kind, depth=0):
    assert depth < 10, kind
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    positional = [value(one.annotation, depth) for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = {one.name: value(one.annotation, depth) for one in parameters if one.kind is one.KEYWORD_ONLY}
    return kind(*positional, **named)


def holds_secret(thing):
    """Whether a canary can be reached by its attributes."""
    if isinstance(thing, (bytes, bytearray)):
        return True
    if isinstance(thing, enum.Enum):
        return False
    inner = thing if isinstance(thing, list) else vars(thing).values() if hasattr(thing, "__dict__") else ()
    return any(map(holds_secret, inner))


def shown(thing):
    """All that Python shows of a thing."""
    yield from (repr(thing), str(thing), f"{thing}", f"{thing!r}", ascii(thing), "%s %r" % (thing, thing))
    yield from (repr([thing]), str({"it": thing}), pprint.pformat(thing))
    if dataclasses.is_dataclass(thing):
        yield repr(dataclasses.asdict(thing))
    try:
        raise ValueError(thing)
    except ValueError as error:
        yield from traceback.format_exception(error)


def refuses(work, thing):
    try:
        work(thing)
    except TypeError as error:
        assert not any(trace in str(error) for trace in TRACES)
        return
    raise AssertionError(f"{type(thing).__qualname__} can be copied out")


async def every_type_prints_without_its_secrets():
    holders, plain = set(), set()
    for kind in classes():
        if not dataclasses.is_dataclass(kind):
            continue
        thing = make(kind)
        for text in shown(thing):
            assert not any(trace in text for trace in TRACES), (kind.__qualname__, text)
        (holders if holds_secret(thing) else plain).add(kind.__qualname__)
        if holds_secret(thing):
            assert f"{thing:>40}".endswith("(...)")
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                refuses(lambda it, protocol=protocol: pickle.dumps([it], protocol), thing)
            refuses(copy.copy, thing)
            refuses(copy.deepcopy, thing)
    expected = {"Change", "Entry", "NewEntry", "Secret.PHRASE", "Secret.SEED", "Secret.TEXT"}
    assert expected <= holders, expected - holders
    assert {"Item", "Overview", "Device"} <= plain, plain


async def bytes_of_the_library_print_without_their_content():
    made = rootcellar.generate_passphrase()
    assert isinstance(made, bytearray) and len(made.decode().split("-")) == 6
    for text in shown(made):
        assert made.decode() not in text and ", ".join(map(str, made[:4])) not in text, text
    assert "SecretBytes(...)" in repr({"inside": made})
    refuses(pickle.dumps, made)
    refuses(copy.copy, made)
    made[:] = bytes(len(made))
    assert made == bytes(len(made)), "it can be wiped"


if __name__ == "__main__":
    run(every_type_prints_without_its_secrets, bytes_of_the_library_print_without_their_content)
