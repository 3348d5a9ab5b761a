"""Packs the generated module and the library into a wheel, byte for byte the same from the same files.

    wheel.py MODULE LIBRARY VERSION TAG FOLDER      prints the wheel's path
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

METADATA = """\
Metadata-Version: 2.1
Name: rootcellar
Version: {version}
Summary: End-to-end encrypted backup vault for wallet seeds: the client
License: MIT OR Apache-2.0
Requires-Python: >=3.9
"""
WHEEL = """\
Wheel-Version: 1.0
Generator: rootcellar
Root-Is-Purelib: false
Tag: {tag}
"""


def record(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


def main(module: str, library: str, version: str, tag: str, folder: str) -> None:
    info = f"rootcellar-{version}.dist-info"
    files = {
        "rootcellar/__init__.py": pathlib.Path(module).read_bytes(),
        f"rootcellar/{pathlib.Path(library).name}": pathlib.Path(library).read_bytes(),
        "rootcellar/py.typed": b"",
        f"{info}/METADATA": METADATA.format(version=version).encode(),
        f"{info}/WHEEL": WHEEL.format(tag=tag).encode(),
    }
    files[f"{info}/RECORD"] = ("".join(record(*file) for file in files.items()) + f"{info}/RECORD,,\n").encode()
    path = pathlib.Path(folder) / f"rootcellar-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            # The first moment that a ZIP file knows: when it was packed must not show.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, content, compresslevel=1)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
