//! The texts of this program, by id: `texts/en.json` has the words, `build.rs` makes the items. `codeNotice.active` in the file is
//! [`code_notice::Active`] here, with a field for each of its placeholders.

#![deny(dead_code)]

use std::fmt::{Display, Write as _};
use zeroize::Zeroizing;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A text with a line break behind it.
pub(crate) fn line(text: impl Display) -> String {
    format!("{text}\n")
}

/// A text with a secret in it, wiped on drop.
pub(crate) fn secret(text: impl Display) -> Zeroizing<String> {
    // Large enough for every such text: a growing one would leave copies behind.
    let mut whole = Zeroizing::new(String::with_capacity(4 * 1024));
    // Writing to a string cannot fail.
    let _ = write!(whole, "{text}");
    whole
}
