//! The lists of words of BIP-39 other than the English one, which is part of the library, in one file.

use anyhow::{Context, Result};
use bip39::Language;
use std::path::Path;

/// As the library names them.
const LISTS: [(&str, Language); 9] = [
    ("simplified-chinese", Language::SimplifiedChinese),
    ("traditional-chinese", Language::TraditionalChinese),
    ("czech", Language::Czech),
    ("french", Language::French),
    ("italian", Language::Italian),
    ("japanese", Language::Japanese),
    ("korean", Language::Korean),
    ("portuguese", Language::Portuguese),
    ("spanish", Language::Spanish),
];

/// Writes the file.
pub(crate) fn write(out: &Path) -> Result<()> {
    std::fs::write(out, lists()).with_context(|| format!("cannot write {}", out.display()))
}

/// Each list after its name, one word a line; an empty line between two.
fn lists() -> String {
    let list = |(name, language): (&str, Language)| format!("{name}\n{}\n", language.word_list().join("\n"));
    LISTS.map(list).join("\n")
}
