"""Section 20: the chains of a history, what a device had seen of it, and what of it is proven."""

import re

from primitives import MALFORMED, Refused, digest, joined, require, uint

CONTRADICTED = "contradicted"
MOST_EVENTS = 128
PERMISSIONS = {"view": 1, "backup": 2, "restore": 3, "manage": 4}


def chain_digest(before, event):
    return digest(joined(b"rootcellar-1 history", before, uint(event["number"], 8), uint(event["at"], 8),
                         event["kind"].encode(), event["by"].encode(), bytes.fromhex(event.get("device", "")),
                         bytes.fromhex(event.get("subject", "")), uint(event["detail"], 8)))


class Stream:
    def __init__(self, stream):
        events, base = stream["events"], bytes.fromhex(stream["base"])
        require(len(events) <= MOST_EVENTS, MALFORMED)
        self.first = events[0]["number"] if events else 1
        require(self.first > 1 or (self.first == 1 and base == bytes(32)), MALFORMED)
        self.events, self.digests = events, {self.first - 1: base}
        for number, event in enumerate(events, self.first):
            require(event["number"] == number and number + MOST_EVENTS < 1 << 64, MALFORMED)
            require(re.fullmatch(r"[a-z-]{1,32}", event["kind"]), MALFORMED)
            self.digests[number] = chain_digest(self.digests[number - 1], event)
        self.last = self.first - 1 + len(events)

    def tip(self):
        return {"number": self.last, "digest": self.digests[self.last].hex()}

    def gap(self, seen):
        number = seen["number"]
        if number > self.last or self.digests.get(number, bytes.fromhex(seen["digest"])).hex() != seen["digest"]:
            raise Refused(CONTRADICTED)
        return [number + 1, self.first - 1] if number < self.first - 1 else None


def shown(event, head, devices, generation):
    kind, detail = event["kind"], event["detail"]
    listed = {device["id"]: PERMISSIONS[device["permission"]] for device in devices or []}
    if kind == "save":
        return head is not None and detail >= 1 and 0 <= head - detail <= min(head - 1, 256)
    if kind in ("enrolment", "pairing", "permission"):
        return listed.get(event.get("subject")) == detail
    if kind == "rekey":
        return 1 < detail <= generation
    return False


def matter(event):
    kind = event["kind"]
    if kind in ("save", "rekey"):
        return kind, event["detail"]
    if kind in ("enrolment", "pairing", "permission", "revocation"):
        return "device", event.get("subject")
    return None


def proven(events, head, devices, generation):
    later, marks = set(), []
    for event in reversed(events):
        marks.append(shown(event, head, devices, generation) and matter(event) not in later)
        later.add(matter(event))
    return marks[::-1]


def read(acts, saves, seen, head, devices, generation):
    streams = {"acts": Stream(acts), "saves": Stream(saves)}
    return {"tips": {name: stream.tip() for name, stream in streams.items()},
            "gaps": {name: stream.gap(seen[name]) if seen else None for name, stream in streams.items()},
            "proven": {name: proven(stream.events, head, devices, generation)
                       for name, stream in streams.items()}}
