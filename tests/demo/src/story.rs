//! Who and what the demo is about. The phrases are published BIP-39 test vectors: they protect nothing of value.

use anyhow::Result;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub(super) const ACCOUNT: &str = "winter-wanderer";
pub(super) const FIRST_DEVICE: &str = "first phone of the demo";
pub(super) const SECOND_DEVICE: &str = "second phone of the demo";
const PASSPHRASE: &str = "seven quiet lanterns under the orchard wall";
const WRONG_PASSPHRASE: &str = "seven quiet lanterns under the orchard gate";
const NEW_PASSPHRASE: &str = "a heron waits where both the rivers meet";

/// Something to back up.
pub(super) struct Original {
    pub(super) label: &'static str,
    pub(super) phrase: &'static str,
    /// What the words encode, in hexadecimal.
    entropy: &'static str,
}

pub(super) const ORIGINALS: &[Original] = &[
    Original {
        label: "Everyday wallet (demo)",
        phrase: "scheme spot photo card baby mountain device kick cradle pact join borrow",
        entropy: "c0ba5a8e914111210f2bd131f3d5e08d",
    },
    Original {
        label: "Family savings (demo)",
        phrase: "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich \
                 alcohol speed nation flash devote level hobby quick inner drive ghost inside",
        entropy: "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
    },
];

/// What the person remembers or keeps on paper, as files for a demo that nobody types into.
pub(super) struct Paper {
    pub(super) passphrase: PathBuf,
    pub(super) wrong_passphrase: PathBuf,
    pub(super) new_passphrase: PathBuf,
    /// Written by the client at registration.
    pub(super) recovery_code: PathBuf,
    pub(super) phrases: Vec<PathBuf>,
}

impl Paper {
    /// Writes the files, readable by their owner alone.
    pub(super) fn write(folder: &Path) -> Result<Self> {
        let write = |name: &str, text: &str| -> Result<PathBuf> {
            let path = folder.join(name);
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
            writeln!(file, "{text}")?;
            Ok(path)
        };
        let phrases = ORIGINALS.iter().enumerate();
        Ok(Self {
            passphrase: write("passphrase", PASSPHRASE)?,
            wrong_passphrase: write("wrong-passphrase", WRONG_PASSPHRASE)?,
            new_passphrase: write("new-passphrase", NEW_PASSPHRASE)?,
            recovery_code: folder.join("recovery-code"),
            phrases: phrases
                .map(|(at, original)| write(&format!("phrase-{}", at + 1), original.phrase))
                .collect::<Result<_>>()?,
        })
    }
}

/// Texts that only the person may have; `code` is the recovery code.
pub(super) fn secrets(code: &str) -> Vec<Vec<u8>> {
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for text in [ACCOUNT, FIRST_DEVICE, SECOND_DEVICE, PASSPHRASE, NEW_PASSPHRASE, WRONG_PASSPHRASE] {
        secrets.push(text.into());
    }
    for original in ORIGINALS {
        secrets.push(original.label.into());
        secrets.push(original.entropy.into());
        secrets.push(bytes_of(original.entropy));
    }
    // Two words side by side: a single short word can stand in random bytes by chance.
    for words in ORIGINALS.iter().map(|original| original.phrase).chain([code]) {
        let words: Vec<&str> = words.split_whitespace().collect();
        secrets.extend(words.windows(2).map(|pair| pair.join(" ").into_bytes()));
    }
    secrets
}

/// Single words of the phrases, long enough not to stand in a few kilobytes by chance.
pub(super) fn words() -> Vec<Vec<u8>> {
    let words = ORIGINALS.iter().flat_map(|original| original.phrase.split_whitespace());
    words.filter(|word| word.len() >= 5).map(|word| word.as_bytes().to_vec()).collect()
}

/// How many of `needles` stand in `hay`.
pub(super) fn found(hay: &[u8], needles: &[Vec<u8>]) -> usize {
    needles
        .iter()
        .filter(|needle| hay.windows(needle.len()).any(|window| window == needle.as_slice()))
        .count()
}

/// What must come back: phrase by label.
pub(super) fn originals() -> BTreeMap<String, String> {
    ORIGINALS.iter().map(|original| (original.label.to_owned(), original.phrase.to_owned())).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digit =
        |at: usize| hex.as_bytes().get(at).and_then(|digit| (*digit as char).to_digit(16)).unwrap_or(0);
    (0..hex.len() / 2).map(|at| u8::try_from(digit(2 * at) * 16 + digit(2 * at + 1)).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_secret_is_found() {
        let code = "one two three";
        for hay in [
            "xx winter-wanderer",
            "Family savings (demo)",
            "ostrich alcohol",
            "two three",
            "c0ba5a8e914111210f2bd131f3d5e08d",
        ] {
            assert_eq!(found(hay.as_bytes(), &secrets(code)), 1, "{hay}");
        }
        assert_eq!(found(&bytes_of("00c0ba5a8e914111210f2bd131f3d5e08d"), &secrets(code)), 1);
        assert_eq!(found(b"gorilla", &words()), 1);
        assert_eq!(found(b"nothing of it", &secrets(code)), 0);
    }
}
