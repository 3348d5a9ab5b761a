//! What is changed in the sources that UniFFI generates, and what breaks without it. Each change names its place exactly: if a newer
//! generator writes it differently, the stage fails instead of leaving it out. UniFFI has no templates of one's own and no setting
//! for any of these.

use crate::redact::{self, Redacted};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// A text, what takes its place, and how often it stands there.
type Patch = (&'static str, &'static str, usize);

/// Without it, the text of an exception in the app's own code, which may contain a seed, goes to the library and into its error.
/// The tests `errors` of each language throw such a text and search all output for it.
const KOTLIN: &[Patch] = &[
    (
        "            val err = try { e.stackTraceToString() } catch(_: Throwable) { \"\" }\n",
        "            val err = \"\"\n",
        1,
    ),
    (
        "        val err = try { e.stackTraceToString() } catch(_: Throwable) { \"\" }\n",
        "        val err = \"\"\n",
        1,
    ),
    ("FfiConverterString.lower(e.toString())", "FfiConverterString.lower(\"\")", 2),
];

/// As for Kotlin; no Swift compiler is here to show it.
const SWIFT: &[Patch] =
    &[("FfiConverterString.lower(String(describing: error))", "FfiConverterString.lower(\"\")", 4)];

const PYTHON: &[Patch] = &[
    // As for Kotlin. Without it, the generated code also prints the text.
    (
        "            print(\"UniFFI: Unhandled exception in trait interface call\", file=sys.stderr)\n            traceback.print_exc(file=sys.stderr)\n",
        "",
        2,
    ),
    ("_UniffiFfiConverterString.lower(repr(e))", "_UniffiFfiConverterString.lower(\"\")", 4),
    // Without it, a call of the app's code from the library's thread fails: `get_running_loop` raises in a thread without a loop.
    // Setting a loop once does not help: `asyncio.run` closes it, and the second `run` of an app fails.
    (
        "    if _UNIFFI_GLOBAL_EVENT_LOOP is not None:\n        return _UNIFFI_GLOBAL_EVENT_LOOP\n    else:\n        return asyncio.get_running_loop()\n",
        "    global _UNIFFI_GLOBAL_EVENT_LOOP\n    try:\n        _UNIFFI_GLOBAL_EVENT_LOOP = asyncio.get_running_loop()\n    except RuntimeError:\n        if _UNIFFI_GLOBAL_EVENT_LOOP is None:\n            raise\n    return _UNIFFI_GLOBAL_EVENT_LOOP\n",
        1,
    ),
    // Without it, a cancelled request continues until something else wakes the loop: `call_soon` is not for other threads. On a closed
    // loop it raises.
    (
        "    eventloop.call_soon(_uniffi_cancel_task, task)\n",
        "    if not eventloop.is_closed():\n        eventloop.call_soon_threadsafe(_uniffi_cancel_task, task)\n",
        1,
    ),
    // Without these three, secrets are `bytes`, which cannot be wiped, and a `bytearray` cannot be passed.
    (
        "        return buf.read(size)\n\n    @staticmethod\n    def check_lower(value):\n        try:\n            memoryview(value)",
        "        return buf.read_bytearray(size)\n\n    @staticmethod\n    def check_lower(value):\n        try:\n            memoryview(value)",
        1,
    ),
    (
        "    def read_i8(self):\n",
        "    def read_bytearray(self, size):\n        if self.offset + size > self.len:\n            raise InternalError(\"read past end of rust buffer\")\n        data = SecretBytes(size)\n        if size > 0:\n            place = (ctypes.c_char * size).from_buffer(data)\n            ctypes.memmove(place, ctypes.addressof(self.data.contents) + self.offset, size)\n        self.offset += size\n        return data\n\n    def read_i8(self):\n",
        1,
    ),
    (
        "            if length > 0:\n                ctypes.memmove(ctypes.addressof(self.rbuf.data.contents) + self.rbuf.len, value, length)\n",
        "            if length > 0:\n                if isinstance(value, bytearray):\n                    value = (ctypes.c_char * length).from_buffer(value)\n                ctypes.memmove(ctypes.addressof(self.rbuf.data.contents) + self.rbuf.len, value, length)\n",
        1,
    ),
];

/// The source of a language, changed, and the types that hold secrets.
pub(super) fn apply(extension: &str, source: &str) -> Result<Redacted> {
    let (patches, redact): (_, fn(&str) -> Result<Redacted>) = match extension {
        "kt" => (KOTLIN, redact::kotlin),
        "swift" => (SWIFT, redact::swift),
        "py" => (PYTHON, redact::python),
        _ => return Ok(Redacted { source: source.to_owned(), holders: BTreeSet::new() }),
    };
    let mut text = source.to_owned();
    for (from, to, times) in patches {
        let found = text.matches(from).count();
        if found != *times {
            bail!(
                "the generated .{extension} holds a text {found} times that is changed in {times} places:\n{from}"
            );
        }
        text = text.replace(from, to);
    }
    redact(&text)
}
