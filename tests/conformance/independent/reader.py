"""Reads every vector of the protocol with an implementation written from spec/protocol.md and its RFCs alone.

    python -B reader.py [DIRECTORY]

DIRECTORY defaults to spec/vectors. Every directory there needs a section below and every section a directory; every
file must be a vector; every member of a vector must be an input of its section or an output that this reader gives
too. Exit status 0 says that all of it holds.
"""

import json
import pathlib
import re
import sys

import bip39
import cbor
import device_file
import device_list
import history
import opaque
import pairing
import recovery
import sealed
import session
import signatures
import text
from primitives import AUTHENTICATION, Refused, digest, ed25519_public_key, key_schedule, recovery_locator, require

VECTORS = pathlib.Path(__file__).resolve().parents[3] / "spec" / "vectors"


def octets(vector, name):
    if not re.fullmatch(r"(?:[0-9a-f]{2})*", vector[name]):
        raise ValueError(f"{name} is not lower-case hexadecimal")
    return bytes.fromhex(vector[name])


def read_base64url(v):
    return {"bytes": signatures.base64url(v["text"]).hex()}


def read_cbor(v):
    if "items" in v:
        return {"formed": [formed(bytes.fromhex(one)) for one in v["items"]]}
    cbor.decode_map(EMPTY_BUT_FOR_ITS_LAST_KEY + octets(v, "item"))
    return {}


EMPTY_BUT_FOR_ITS_LAST_KEY = bytes.fromhex("a118ff")


def formed(item):
    try:
        cbor.decode_map(EMPTY_BUT_FOR_ITS_LAST_KEY + item)
    except Refused:
        return False
    return True


def read_name(v):
    name = text.account_name(v["input"])
    return {"normalised": name, "name_hash": text.name_hash(name, v["vault_id"]).hex()}


def read_passphrase(v):
    return {"normalised": text.passphrase(v["input"]).hex()}


def read_keys(v):
    return {"derived": {name: key.hex() for name, key in key_schedule(v["from"], octets(v, "ikm")).items()}}


def read_padding(v):
    if "zeros" not in v:
        return {"plaintext": sealed.unpad(octets(v, "padded")).hex()}
    return {"plaintext_digest": digest(sealed.unpad(octets(v, "padded") + bytes(v["zeros"]))).hex()}


def read_keyslot(v):
    supported(v)
    device = octets(v, "device") if v["slot"] == "device" else None
    bundle = sealed.open_keyslot(octets(v, "keyslot"), octets(v, "key_encryption_key"), octets(v, "account"),
                                 v["generation"], v["slot"], device)
    return {name: key.hex() for name, key in bundle.items()}


def read_entry(v):
    supported(v)
    plaintext = sealed.open_entry(octets(v, "sealed"), octets(v, "account_key"), octets(v, "account"),
                                  v["generation"], octets(v, "entry"))
    return {"plaintext": plaintext.hex(), "content": sealed.read_entry(plaintext)}


def supported(v):
    if v["suite"] != 1:
        raise ValueError("an account of another suite than 1")


def read_inventory(v):
    return {"inventory": sealed.read_inventory(octets(v, "cbor"))}


def read_snapshot(v):
    snapshot = sealed.Snapshot(octets(v, "snapshot"))
    inventory = snapshot.open(octets(v, "account_key"), octets(v, "account"), v["generation"], v["number"])
    outputs = {"digest": snapshot.digest.hex(), "inventory": inventory}
    if "seen" in v:
        outputs["continuity"] = snapshot.continuity(v["seen"]["number"], octets(v["seen"], "digest"))
    return outputs


def read_device_file(v):
    secret, request_key = device_file.open_file(octets(v, "file"), v["passphrase"], octets(v, "account"),
                                                octets(v, "device"))
    return {"device_secret": secret.hex(), "request_key": request_key.hex()}


def scalar(v, name):
    return int.from_bytes(octets(v, name), "little")


def read_registration(v):
    password = text.passphrase(v["passphrase"])
    found = opaque.register(password, scalar(v, "blind"), octets(v, "response"), octets(v, "envelope_nonce"))
    return {name: part.hex() for name, part in zip(["request", "record", "export_key", "server_public_key"], found)}


def read_login(v):
    password, blind = text.passphrase(v["passphrase"]), scalar(v, "blind")
    ephemeral, _ = opaque.derive_key_pair(octets(v, "client_keyshare_seed"), opaque.KEY_PAIR)
    ke1 = opaque.ke1(password, blind, octets(v, "client_nonce"), ephemeral)
    found = opaque.log_in(password, blind, ephemeral, ke1, octets(v, "ke2"),
                          opaque.context(v["vault_id"], octets(v, "name_hash")))
    names = ["ke3", "export_key", "session_key", "server_public_key"]
    return {"ke1": ke1.hex()} | {name: part.hex() for name, part in zip(names, found)}


def read_login_finish(v):
    given, key = signatures.base64url(v["login_mac"], 64), octets(v, "request_key")
    public, body = ed25519_public_key(key), octets(v, "body")
    mac = opaque.login_mac(octets(v, "session_key"), octets(v, "name_hash"), octets(v, "token"), octets(v, "ke3"),
                           public, body)
    require(mac == given, AUTHENTICATION)
    headers = signatures.signed(key, v["authority"], "/v1/login/finish", body, v["created"], octets(v, "nonce"))
    return dict(zip(["content_digest", "signature_input", "signature"], headers))


def read_device_list(v):
    found = device_list.DeviceList(octets(v, "device_list"))
    content = found.open(octets(v, "account_key"), octets(v, "account"), v["generation"])
    outputs = {"digest": found.digest.hex(), "content": content}
    if "seen" in v:
        outputs["continuity"] = found.continuity(v["seen"]["number"], octets(v["seen"], "digest"))
    if "table" in v:
        outputs["agrees"] = device_list.agrees(content, v["table"])
    return outputs


def read_pairing(v):
    messages = pairing.Pairing(v["text"], octets(v, "key_material"), v["vault_id"], octets(v, "opening"))
    new_device = messages.new_device(octets(v, "reply"))
    return {"mailbox": messages.mailbox.hex(), "code": messages.code(bytes.fromhex(new_device["nonce"])),
            "new_device": new_device, "confirmed": messages.confirmed(octets(v, "confirmation"))}


def read_history(v):
    return history.read(v["acts"], v["saves"], v.get("seen"), v["head"], v["devices"], v["generation"])


def read_recovery_code(v):
    entropy = bip39.recovery_entropy(v["words"])
    return {"entropy": entropy.hex(), "locator": recovery_locator(entropy).hex()}


def read_recovery_label(v):
    return {"text": recovery.open_label(octets(v, "label"), octets(v, "account_key"), octets(v, "account"),
                                        v["generation"], octets(v, "locator_digest"))}


def read_recovery_method(v):
    method = {name: value if name == "wait" else octets(v["method"], name) for name, value in v["method"].items()}
    message = recovery.check_proof(method, octets(v, "account"), v["generation"], octets(v, "operation"))
    if recovery.prove(octets(v, "seed"), message) != method["proof"]:
        raise ValueError("the seed makes another proof")
    return {"message": message.hex()}


def read_request(v):
    base = signatures.verify(v["method"], v["authority"], v["path"], v["query"], v["content_digest"],
                             octets(v, "body"), v.get("session"), v["signature_input"], v["signature"],
                             octets(v, "public_key"))
    if ed25519_public_key(octets(v, "private_key")) != octets(v, "public_key"):
        raise ValueError("private and public key are no pair")
    return {"signature_base": base}


# Directory: (reader, inputs, inputs that may be absent, what a refused vector may still hold and nobody can check).
SECTIONS = {
    "base64url": (read_base64url, "text", "", ""),
    "cbor": (read_cbor, "", "item items", ""),
    "device-files": (read_device_file, "account device file passphrase", "", ""),
    "device-lists": (read_device_list, "account account_key device_list generation", "seen table", ""),
    "entries": (read_entry, "account account_key entry generation sealed suite", "", ""),
    "history": (read_history, "acts devices generation head saves", "seen", ""),
    "inventories": (read_inventory, "cbor", "", ""),
    "key-schedule": (read_keys, "from ikm", "", ""),
    "keyslots": (read_keyslot, "account generation key_encryption_key keyslot slot suite", "device", ""),
    "login-finish": (read_login_finish, "authority body created ke3 login_mac name_hash nonce request_key session_key "
                     "token", "", ""),
    "names": (read_name, "vault_id input", "", ""),
    "opaque-login": (read_login, "blind client_keyshare_seed client_nonce vault_id ke2 name_hash passphrase", "", ""),
    "opaque-registration": (read_registration, "blind envelope_nonce passphrase response", "", ""),
    "padding": (read_padding, "padded", "zeros", ""),
    "pairing": (read_pairing, "confirmation vault_id key_material opening reply text", "", ""),
    "passphrases": (read_passphrase, "input", "", ""),
    "recovery-code": (read_recovery_code, "words", "", ""),
    "recovery-labels": (read_recovery_label, "account account_key generation label locator_digest", "", ""),
    "recovery-methods": (read_recovery_method, "account generation method operation", "seed", ""),
    "request-signatures": (read_request, "authority body content_digest method path public_key query signature "
                           "signature_input", "session private_key", ""),
    "sessions": (session.read, "account_name authority device exchanges vault_id passphrases recovery_codes", "", ""),
    "snapshots": (read_snapshot, "account account_key generation number snapshot", "seen", ""),
}


def members(pairs):
    """Of a JSON object, in which no name may stand twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def check(section, path):
    """What is wrong with the vector, or None."""
    reader, required, optional, ignored_when_refused = SECTIONS[section]
    vector = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=members)
    # The key schedule refuses nothing, so its vectors have no result.
    expected = "valid" if section == "key-schedule" else vector.pop("result")
    required, optional = set(required.split()), set(optional.split())
    if not required <= vector.keys():
        return f"inputs missing: {required - vector.keys()}"
    wanted = {name: value for name, value in vector.items() if name not in required | optional}
    inputs = {name: value for name, value in vector.items() if name not in wanted}
    try:
        result, outputs = "valid", reader(inputs)
    except Refused as refused:
        result, outputs = refused.reason, refused.outputs
        wanted = {name: value for name, value in wanted.items() if name not in ignored_when_refused.split()}
    if result != expected:
        return f"this reader says {result}, the vector {expected}"
    differing = sorted(name for name in wanted.keys() | outputs.keys()
                       if canonical(wanted.get(name)) != canonical(outputs.get(name)) or name not in outputs)
    if differing:
        return "; ".join(f"{name}: this reader has {outputs.get(name)!r}, the vector {wanted.get(name)!r}"
                         for name in differing)
    return None


def canonical(value):
    """Tells 1 from true, which `==` does not."""
    return json.dumps(value, sort_keys=True)


def walk(root):
    """(vectors read, [(path, what is wrong)]) of everything under `root`."""
    count, wrong = 0, [(root / name, "no such directory of vectors") for name in SECTIONS if not (root / name).is_dir()]
    for directory in sorted(root.iterdir()):
        if directory.name == "README.md":
            continue
        if directory.name not in SECTIONS or not directory.is_dir():
            wrong.append((directory, "nothing here reads this"))
            continue
        paths = sorted(directory.iterdir())
        if not paths:
            wrong.append((directory, "holds no vector"))
        for path in paths:
            count += 1
            try:
                complaint = check(directory.name, path)
            except Exception as error:  # whatever a vector makes this reader stumble on is a failure of that vector
                complaint = f"{type(error).__name__}: {error}"
            if complaint:
                wrong.append((path, complaint))
    return count, wrong


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else VECTORS
    count, wrong = walk(root)
    for path, complaint in wrong:
        print(f"{path.relative_to(root)}: {complaint}", file=sys.stderr)
    print(f"{count} vectors read, {len(wrong)} do not hold" if wrong else f"{count} vectors read, all hold")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
