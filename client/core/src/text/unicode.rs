//! The forms of Unicode that names, passphrases and words are brought to (protocol.md section 3).
//!
//! Their tables are compiled in, unless the program was built without the feature `unicode`: then it lends those of the
//! platform, as a browser has them, and text of ASCII alone needs none. That another edition of Unicode stands behind them does
//! no harm: the forms of an assigned character never change, and text with a character that one of the two editions does not
//! know yet is refused where it is not known.

use zeroize::Zeroizing;

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical decomposition.
    Nfd,
    /// Compatibility composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
    /// Compatibility decomposition of each character's lower case.
    LowerNfkd,
    /// Each character's full case folding.
    Folded,
}

/// The forms of a platform.
#[cfg(not(feature = "unicode"))]
#[derive(Clone, Copy, Debug)]
pub struct PlatformForms {
    /// Brings text to a form.
    pub in_form: fn(Form, &str) -> Zeroizing<String>,
    /// Whether each character is assigned, and for more than private use.
    pub are_assigned: fn(&str) -> bool,
}

#[cfg(not(feature = "unicode"))]
static PLATFORM: std::sync::OnceLock<PlatformForms> = std::sync::OnceLock::new();

#[cfg(not(feature = "unicode"))]
impl PlatformForms {
    /// Lends them for the rest of the program. Before that, text beyond ASCII is refused.
    pub fn lend(self) {
        let _ = PLATFORM.set(self);
    }
}

/// The text in a form, in one allocation unless it grows more than fourfold.
pub(crate) fn in_form(form: Form, text: &str) -> Zeroizing<String> {
    if text.is_ascii() {
        let mut ascii = Zeroizing::new(text.to_owned());
        if matches!(form, Form::LowerNfkd | Form::Folded) {
            ascii.make_ascii_lowercase();
        }
        return ascii;
    }
    beyond_ascii(form, text)
}

/// Whether each character keeps its form for ever.
pub(crate) fn are_assigned(text: &str) -> bool {
    text.is_ascii() || are_assigned_beyond_ascii(text)
}

#[cfg(feature = "unicode")]
fn beyond_ascii(form: Form, text: &str) -> Zeroizing<String> {
    use caseless::Caseless;
    use unicode_normalization::UnicodeNormalization;
    let mut formed = Zeroizing::new(String::with_capacity(4 * text.len()));
    match form {
        Form::Nfd => formed.extend(text.nfd()),
        Form::Nfkc => formed.extend(text.nfkc()),
        Form::Nfkd => formed.extend(text.nfkd()),
        Form::LowerNfkd => formed.extend(text.chars().flat_map(char::to_lowercase).nfkd()),
        Form::Folded => formed.extend(text.chars().default_case_fold()),
    }
    formed
}

#[cfg(feature = "unicode")]
fn are_assigned_beyond_ascii(text: &str) -> bool {
    text.chars().all(unicode_normalization::char::is_public_assigned)
}

#[cfg(not(feature = "unicode"))]
fn beyond_ascii(form: Form, text: &str) -> Zeroizing<String> {
    PLATFORM.get().map_or_else(|| Zeroizing::new(text.to_owned()), |platform| (platform.in_form)(form, text))
}

#[cfg(not(feature = "unicode"))]
fn are_assigned_beyond_ascii(text: &str) -> bool {
    PLATFORM.get().is_some_and(|platform| (platform.are_assigned)(text))
}
