"""Changes a recorded session at one place after another: the reader must refuse each.

A recording is one valid case, so no wrong reading of it that leaves a check out would be caught. Here every signature, MAC,
proof, digest, record and sealed object of it is changed once, and so is what they cover.
"""

import copy
import json

HEADERS = ["content-digest", "signature", "signature-input", "rootcellar-login-mac", "rootcellar-session"]
# Members that nothing of the recording authenticates: they are the vault's word, or only for show.
VAULTS_WORD = {
    "budget", "created_at", "expires_at", "failed_attempts", "vault_id", "invite", "keep_sessions", "named", "passphrase_changed_at",
    "passphrases_since", "permission", "protocol", "purpose", "quorum_slots", "registration", "server_public_key", "session", "size",
    "snapshots", "suite", "suites", "time", "wait", "operation", "device_list", "head", "recovery_methods", "devices",
}


def flipped(text):
    """The same text with one character in its middle changed, within its alphabet."""
    at = len(text) // 2
    return text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1:]


def members(value, path=()):
    """Each text of a JSON value, with its path."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from members(one, (*path, name))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from members(one, (*path, place))
    elif isinstance(value, str):
        yield path


def replaced(value, path):
    changed = copy.deepcopy(value)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = flipped(inner[path[-1]])
    return changed


def parts(data):
    length = int.from_bytes(data[:4], "big")
    rest = data[4 + length:]
    return data[4:4 + length], rest[4:]


def joined(control, rest):
    return len(control).to_bytes(4, "big") + control + len(rest).to_bytes(4, "big") + rest


def bodies(data, content_type, is_response):
    """The body changed at each place that something vouches for."""
    control, rest = parts(data) if content_type == "application/vnd.rootcellar.parts" else (data, None)
    if content_type == "application/octet-stream":
        for at in (0, 20, 40, len(data) // 2, len(data) - 1):
            yield f"byte {at}", data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
        return
    if not control:
        return
    value = json.loads(control)
    for path in members(value):
        names = [step for step in path if isinstance(step, str)]
        if is_response and names[-1] in VAULTS_WORD or names[0] in {"budget", "session", "snapshots", "vault_id"}:
            continue
        text = json.dumps(replaced(value, path), separators=(",", ":")).encode()
        yield ".".join(names), text if rest is None else joined(text, rest)
    for at in range(0, len(rest or b""), max(1, len(rest or b"") // 6)):
        yield f"byte {at} of the snapshot", joined(control, rest[:at] + bytes([rest[at] ^ 1]) + rest[at + 1:])


def tampered(exchange):
    """Every exchange with one change, and what was changed."""
    for name in HEADERS:
        if name in exchange["headers"]:
            yield name, dict(exchange, headers=dict(exchange["headers"], **{name: flipped(exchange["headers"][name])}))
    body_type = exchange["headers"].get("content-type")
    for name, data in bodies(bytes.fromhex(exchange["body"]), body_type, False):
        yield f"sent {name}", dict(exchange, body=data.hex())
    for name, data in bodies(bytes.fromhex(exchange["response"]), exchange["content_type"], True):
        yield f"response {name}", dict(exchange, response=data.hex())


def survivors(session, recorded):
    """What the reader takes although it was changed; and how many changes there were."""
    taken, count = [], 0
    honest = session.Session(recorded)
    for number, exchange in enumerate(recorded["exchanges"]):
        for what, other in tampered(exchange):
            count += 1
            reader = copy.deepcopy(honest)
            try:
                for one in [other, *recorded["exchanges"][number + 1:]]:
                    reader.take(one)
            except Exception:  # a refusal, or a reader that stumbles over it
                continue
            taken.append(f"exchange {number}, {exchange['path']}: {what}")
        honest.take(exchange)
    return taken, count
