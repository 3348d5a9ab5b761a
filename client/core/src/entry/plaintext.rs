//! The CBOR of an entry, and what its parts may be (protocol.md section 8).

use super::{Details, Entry, EntryError, Kind, Secret};
use crate::cbor::{self, Malformed, MapWriter};
use crate::open_error::OpenError;
use crate::phrase::{Language, Phrase};
use minicbor::Decoder;
use rootcellar_spec::limits;
use secrecy::{ExposeSecret, SecretBox};
use time::{Date, Month};
use zeroize::Zeroizing;

const KIND: u64 = 1;
const ENTROPY: u64 = 2;
const LANGUAGE: u64 = 3;
const BIP39_PASSPHRASE: u64 = 4;
const DERIVATION_PATHS: u64 = 5;
const NETWORK: u64 = 6;
const BIRTHDAY: u64 = 7;
const SEED: u64 = 8;
const TEXT: u64 = 9;

impl Entry {
    /// Checks the secret against section 8 and its limits.
    pub(super) fn check_secret(&self) -> Result<(), EntryError> {
        match &self.secret {
            Secret::Bip39 { passphrase: Some(passphrase), .. }
                if !(1..=limits::PASSPHRASE_BYTES).contains(&passphrase.expose_secret().len()) =>
            {
                Err(EntryError::PassphraseLength)
            }
            Secret::Seed(seed) if !(16..=limits::SEED_BYTES).contains(&seed.expose_secret().len()) => {
                Err(EntryError::SeedLength)
            }
            Secret::Text(text) if !(1..=limits::TEXT_BYTES).contains(&text.expose_secret().len()) => {
                Err(EntryError::TextLength)
            }
            Secret::Text(_) if self.details != Details::default() => Err(EntryError::DetailsOfText),
            _ => Ok(()),
        }
    }

    /// The CBOR map of section 8, unknown fields among the others.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = MapWriter::default();
        map.uint(KIND, self.kind().number());
        match &self.secret {
            Secret::Bip39 { phrase, passphrase } => {
                map.bytes(ENTROPY, phrase.entropy());
                map.uint(LANGUAGE, phrase.language().number());
                if let Some(passphrase) = passphrase {
                    map.text(BIP39_PASSPHRASE, passphrase.expose_secret());
                }
            }
            Secret::Seed(seed) => map.bytes(SEED, seed.expose_secret()),
            Secret::Text(text) => map.text(TEXT, text.expose_secret()),
        }
        self.details.write(&mut map);
        map.finish(&self.unknown)
    }

    /// Reads the CBOR map of section 8.
    ///
    /// # Errors
    /// `Unsupported` where a newer version added the kind or the language, whatever else it wrote; `Malformed`, also where a
    /// field is missing, does not belong to the kind, or exceeds its limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpenError> {
        check_known(bytes)?;
        let mut fields = Fields::default();
        let unknown = cbor::read_whole(bytes, |key, decoder| fields.take(key, decoder))?;
        let details = std::mem::take(&mut fields.details);
        let entry = Self { secret: fields.secret()?, details, unknown };
        let whole = entry.check_secret().is_ok() && entry.details.are_within_limits();
        if whole { Ok(entry) } else { Err(OpenError::Malformed("entry")) }
    }
}

/// Checks that this version knows the kind of an entry, and the language of a phrase: a newer kind may give the other keys
/// another meaning.
fn check_known(bytes: &[u8]) -> Result<(), OpenError> {
    let (mut kind, mut language) = (None, None);
    cbor::read_whole(bytes, |key, decoder| {
        match key {
            KIND => kind = Some(decoder.u64()?),
            // Of another kind, this may be anything.
            LANGUAGE => language = decoder.probe().u64().ok(),
            _ => {}
        }
        Ok(key == KIND)
    })?;
    let kind = Kind::from_number(kind.ok_or(OpenError::Malformed("entry"))?).ok_or(OpenError::Unsupported)?;
    let newer_language = language.is_some_and(|language| Language::from_number(language).is_none());
    if kind == Kind::Bip39 && newer_language { Err(OpenError::Unsupported) } else { Ok(()) }
}

/// Fields as they come.
#[derive(Default)]
struct Fields {
    kind: Option<u64>,
    entropy: Option<Zeroizing<Vec<u8>>>,
    language: Option<u64>,
    passphrase: Option<SecretBox<String>>,
    seed: Option<SecretBox<Vec<u8>>>,
    text: Option<SecretBox<String>>,
    details: Details,
}

impl Fields {
    fn take(&mut self, key: u64, decoder: &mut Decoder<'_>) -> Result<bool, Malformed> {
        match key {
            KIND => self.kind = Some(decoder.u64()?),
            ENTROPY => self.entropy = Some(Zeroizing::new(decoder.bytes()?.to_vec())),
            LANGUAGE => self.language = Some(decoder.u64()?),
            BIP39_PASSPHRASE => self.passphrase = Some(secret_text(decoder.str()?)),
            SEED => self.seed = Some(SecretBox::new(Box::new(decoder.bytes()?.to_vec()))),
            TEXT => self.text = Some(secret_text(decoder.str()?)),
            DERIVATION_PATHS => {
                let count = decoder.array()?.ok_or(Malformed)?;
                if !(1..=limits::DERIVATION_PATHS as u64).contains(&count) {
                    return Err(Malformed);
                }
                self.details.derivation_paths =
                    (0..count).map(|_| Ok(decoder.str()?.to_owned())).collect::<Result<_, Malformed>>()?;
            }
            NETWORK => self.details.network = Some(decoder.str()?.to_owned()),
            BIRTHDAY => self.details.birthday = Some(decoder.str()?.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn secret(self) -> Result<Secret, OpenError> {
        let Self { kind, entropy, language, passphrase, seed, text, .. } = self;
        match (kind.and_then(Kind::from_number), entropy, language, passphrase, seed, text) {
            (Some(Kind::Bip39), Some(entropy), Some(language), passphrase, None, None) => {
                let phrase = Language::from_number(language)
                    .and_then(|language| Phrase::from_entropy(&entropy, language))
                    .ok_or(OpenError::Malformed("entry"))?;
                Ok(Secret::Bip39 { phrase, passphrase })
            }
            (Some(Kind::Seed), None, None, None, Some(seed), None) => Ok(Secret::Seed(seed)),
            (Some(Kind::Text), None, None, None, None, Some(text)) => Ok(Secret::Text(text)),
            _ => Err(OpenError::Malformed("entry")),
        }
    }
}

fn secret_text(text: &str) -> SecretBox<String> {
    SecretBox::new(Box::new(text.to_owned()))
}

impl Details {
    /// What a reader checks: no seed is withheld because a detail beside it is unusual.
    fn are_within_limits(&self) -> bool {
        let within = |text: &String, most| (1..=most).contains(&text.len());
        self.derivation_paths.len() <= limits::DERIVATION_PATHS
            && self.derivation_paths.iter().all(|path| within(path, limits::DERIVATION_PATH_BYTES))
            && self.network.iter().all(|network| within(network, limits::NETWORK_BYTES))
            && self.birthday.iter().all(|birthday| within(birthday, limits::BIRTHDAY_BYTES))
    }

    /// What a writer checks.
    pub(super) fn check(&self) -> Result<(), EntryError> {
        let paths = &self.derivation_paths;
        if paths.len() > limits::DERIVATION_PATHS || !paths.iter().all(|path| is_derivation_path(path)) {
            return Err(EntryError::DerivationPath);
        }
        let within =
            |text: &str, most| (1..=most).contains(&text.len()) && !text.chars().any(char::is_control);
        if !self.network.as_deref().is_none_or(|network| within(network, limits::NETWORK_BYTES)) {
            return Err(EntryError::Network);
        }
        if !self.birthday.as_deref().is_none_or(is_birthday) {
            return Err(EntryError::Birthday);
        }
        Ok(())
    }

    fn write(&self, map: &mut MapWriter) {
        if !self.derivation_paths.is_empty() {
            map.texts(DERIVATION_PATHS, &self.derivation_paths);
        }
        if let Some(network) = &self.network {
            map.text(NETWORK, network);
        }
        if let Some(birthday) = &self.birthday {
            map.text(BIRTHDAY, birthday);
        }
    }
}

/// `m`, then steps of up to 31 bits, each hardened by `'`, `h` or `H` or not.
fn is_derivation_path(path: &str) -> bool {
    let mut steps = path.split('/');
    let step = |step: &str| {
        let digits = step.strip_suffix(['\'', 'h', 'H']).unwrap_or(step);
        digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u32>().is_ok_and(|n| n < 1 << 31)
    };
    path.len() <= limits::DERIVATION_PATH_BYTES && steps.next() == Some("m") && steps.all(step)
}

/// A date `YYYY-MM-DD` or a block height.
fn is_birthday(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(text) {
        return text.len() <= 10;
    }
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |text: &str, length| {
        (text.len() == length && digits(text)).then(|| text.parse::<u16>().ok()).flatten()
    };
    let date = || {
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()
    };
    date().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_paths_and_birthdays() {
        for path in ["m", "m/84'/0'/0'", "m/0h/1H/2", "m/2147483647"] {
            assert!(is_derivation_path(path), "{path}");
        }
        for path in ["", "84'/0'", "m/", "m/x", "m/2147483648", "m/+1", "m/1''"] {
            assert!(!is_derivation_path(path), "{path}");
        }
        for birthday in ["2024-02-29", "1999-12-31", "0", "840000"] {
            assert!(is_birthday(birthday), "{birthday}");
        }
        for birthday in
            ["", "2023-02-29", "2024-13-01", "2024-1-1", "12345678901", "-5", "today", "2024-00-10"]
        {
            assert!(!is_birthday(birthday), "{birthday}");
        }
    }
}
