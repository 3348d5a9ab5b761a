"""Section 18: the device list."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cbor import array, decode_map, octets, unsigned
from primitives import (AUTHENTICATION, KIND_DEVICE_KEYS, KIND_DEVICE_LIST, MALFORMED, Refused, aad,
                        device_keys_key, device_list_public_key, inventory_key, joined, require, uint)
from sealed import Chained, label, open_envelope

LONGEST = 56 + 32 * 64 + 4 + 8192 + 76 + 64
MOST_DEVICES = 16
KIND_APP = 1
PERMISSIONS = {1: "view", 2: "backup", 3: "restore", 4: "manage"}


class DeviceList(Chained):
    """A device list whose shape, version and suite are checked, and nothing else yet."""

    def __init__(self, data):
        super().__init__(data, b"RCDEVS\0", 64, LONGEST)
        self.envelope = self.cursor.take(self.cursor.number(4))
        self.signed, self.signature = data[:self.cursor.at], self.cursor.take(64)
        require(self.cursor.at == len(data), MALFORMED)

    def open(self, account_key, account, generation):
        require((self.account, self.generation) == (account, generation), AUTHENTICATION)
        message = joined(b"rootcellar-1 device-list", self.signed)
        try:
            Ed25519PublicKey.from_public_bytes(device_list_public_key(account_key)).verify(self.signature, message)
        except InvalidSignature:
            raise Refused(AUTHENTICATION) from None
        pairs = decode_map(open_envelope(self.envelope, KIND_DEVICE_LIST, inventory_key(account_key),
                                         aad(KIND_DEVICE_LIST, account, generation, self.place())))
        devices = [read_device(device) for device in array(pairs.get(3), 0, MOST_DEVICES)]
        require(len({device["id"] for device in devices}) == len(devices), MALFORMED)
        content = {"number": self.number, "changed": unsigned(pairs.get(1)), "changed_by": octets(pairs.get(2), 16).hex(),
                   "devices": devices}
        require(isinstance(pairs.get(4), bytes), MALFORMED)
        self.add_device_keys(pairs[4], account_key, devices)
        return content

    def add_device_keys(self, envelope, account_key, devices):
        place = uint(self.number, 8) + self.operation
        pairs = decode_map(open_envelope(envelope, KIND_DEVICE_KEYS, device_keys_key(account_key),
                                         aad(KIND_DEVICE_KEYS, self.account, self.generation, place)))
        keys = array(pairs.get(1), 0, MOST_DEVICES)
        require(all(isinstance(key, dict) for key in keys), MALFORMED)
        require([octets(key.get(1), 16).hex() for key in keys] == [device["id"] for device in devices], MALFORMED)
        for device, key in zip(devices, keys):
            device["device_kek"] = octets(key.get(2), 32).hex()


def read_device(pairs):
    require(isinstance(pairs, dict), MALFORMED)
    permission = unsigned(pairs.get(3))
    require(permission in PERMISSIONS, MALFORMED)
    return {"id": octets(pairs.get(1), 16).hex(), "label": label(pairs.get(2)), "permission": PERMISSIONS[permission],
            "request_key": octets(pairs.get(4), 32).hex(), "enrolled": unsigned(pairs.get(5)),
            "kind": unsigned(pairs.get(6, KIND_APP))}


def agrees(content, table):
    """Whether each device of the one is in the other, with the same request key and permission."""
    def rows(devices):
        return sorted((device["id"], device["request_key"], device["permission"]) for device in devices)
    return rows(content["devices"]) == rows(table)
