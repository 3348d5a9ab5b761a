//! The lists of words of BIP-39 but the English one, which is part of the library: one file, for whoever needs another.

use bip39::Language;

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

/// Each list after its name, one word a line; an empty line between two.
pub(super) fn lists() -> String {
    let list = |(name, language): (&str, Language)| format!("{name}\n{}\n", language.word_list().join("\n"));
    LISTS.map(list).join("\n")
}
