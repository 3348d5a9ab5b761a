"""Puts wrong readings into this reader, one at a time: the vectors must catch each. Then it changes the recorded sessions, one
place at a time: the reader must refuse each.

    python -B mutants.py

A mutant is a text of one file that is replaced, and the directories of vectors that are to catch it. All of it happens in this
process: the files are compiled anew with one text replaced, the libraries stay loaded. Exit status 0 says that each was caught.
"""

import functools
import hashlib
import importlib.abc
import importlib.util
import json
import pathlib
import sys

import argon2.low_level

import tampering
from mutations import MUTATIONS

HERE = pathlib.Path(__file__).resolve().parent
# What is slow gives the same for the same input; a mutant that asks for something else waits for it.
argon2.low_level.hash_secret_raw = functools.cache(argon2.low_level.hash_secret_raw)
hashlib.pbkdf2_hmac = functools.cache(hashlib.pbkdf2_hmac)


class Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the reader's own files, one of them changed."""

    def __init__(self):
        self.names = {path.stem for path in HERE.glob("*.py")} - {"mutants", "mutations", "tampering"}
        self.texts = {name: (HERE / f"{name}.py").read_text(encoding="utf-8") for name in self.names}
        self.codes = {name: compile(text, f"{name}.py", "exec") for name, text in self.texts.items()}
        self.changed = {}

    def find_spec(self, name, _path, _target=None):
        return importlib.util.spec_from_loader(name, self, origin=str(HERE / f"{name}.py")) if name in self.names else None

    def create_module(self, _spec):
        return None

    def exec_module(self, module):
        module.__file__ = str(HERE / f"{module.__name__}.py")
        exec(self.changed.get(module.__name__) or self.codes[module.__name__], module.__dict__)

    def reader(self, name=None, old="", new=""):
        """The reader, with one text of one file replaced."""
        self.changed = {}
        if name:
            count = self.texts[name].count(old)
            if count != 1:
                raise SystemExit(f"{name}.py holds {old!r} {count} times instead of once")
            self.changed[name] = compile(self.texts[name].replace(old, new), f"{name}.py", "exec")
        for known in self.names:
            sys.modules.pop(known, None)
        return importlib.import_module("reader")


def caught_by(reader, sections):
    """The first vector that does not hold, or None."""
    for section in sections:
        for path in sorted((reader.VECTORS / section).iterdir()):
            try:
                complaint = reader.check(section, path)
            except Exception as error:  # a reader that stumbles is caught, too
                complaint = type(error).__name__
            if complaint:
                return f"{section}/{path.stem}"
    return None


def main():
    sources = Sources()
    sys.meta_path.insert(0, sources)
    sound = sources.reader()
    sections = sorted({section for mutation in MUTATIONS for section in mutation[3].split()})
    false_alarm = caught_by(sound, sections)
    if false_alarm:
        raise SystemExit(f"the reader as it is does not hold {false_alarm}")
    survivors = []
    for name, old, new, where in MUTATIONS:
        by = caught_by(sources.reader(name, old, new), where.split())
        if by is None:
            survivors.append(f"{name}.py: {old!r} → {new!r}: every vector of {where} holds")
    for survivor in survivors:
        print(survivor, file=sys.stderr)
    print(f"{len(MUTATIONS)} wrong readings, {len(MUTATIONS) - len(survivors)} caught")
    reader = sources.reader()
    taken = 0
    for path in sorted((reader.VECTORS / "sessions").iterdir()):
        found, count = tampering.survivors(reader.session, json.loads(path.read_text(encoding="utf-8")))
        for what in found:
            print(f"{path.stem}: {what}: taken although it was changed", file=sys.stderr)
        print(f"{path.stem}: {count} changes of the recording, {count - len(found)} refused")
        taken += len(found)
    return 1 if survivors or taken else 0


if __name__ == "__main__":
    sys.exit(main())
