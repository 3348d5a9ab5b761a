//! The forms of Unicode that names, passphrases and words are brought to (protocol.md section 3).
//!
//! Their tables are compiled in, unless the program was built without the feature `unicode`: then it lends those of the
//! platform, as a browser has them, and text of ASCII alone needs none. What is taken is of one edition of Unicode for ever, which
//! `spec/unicode.txt` lists: of an assigned character no later edition changes a form, and one that was taken before its forms were known
//! would lead to another name later. Tests here and of the page hold both to that list.

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
    /// Whether each character is assigned in the edition of `spec/unicode.txt`, for more than private use, and its forms are known.
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

#[cfg(all(test, feature = "unicode"))]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// What is assigned, and how it folds: first the edition, then a line for each run of assigned characters (`+first-last`), and one
    /// for each character that folds (`character folded…`). The page's tests read it, too.
    const TABLE: &str = include_str!("../../../../spec/unicode.txt");

    fn table() -> String {
        let (major, minor, update) = unicode_normalization::UNICODE_VERSION;
        let mut table = format!("Unicode {major}.{minor}.{update}\n");
        let line = "writing to memory does not fail";
        let mut run: Option<(u32, u32)> = None;
        for code in 0..=u32::from(char::MAX) + 1 {
            let is_assigned = char::from_u32(code)
                .is_some_and(|character| are_assigned(character.encode_utf8(&mut [0; 4])));
            match (&mut run, is_assigned) {
                (Some((_, last)), true) => *last = code,
                (None, true) => run = Some((code, code)),
                (Some((first, last)), false) => {
                    writeln!(table, "+{first:x}-{last:x}").expect(line);
                    run = None;
                }
                (None, false) => {}
            }
        }
        for character in char::MIN..=char::MAX {
            let text = character.to_string();
            let folded = in_form(Form::Folded, &text);
            if *folded != text {
                write!(table, "{:x}", u32::from(character)).expect(line);
                folded.chars().for_each(|one| write!(table, " {:x}", u32::from(one)).expect(line));
                table.push('\n');
            }
        }
        table
    }

    #[test]
    fn names_keep_their_form() {
        let table = table();
        let differs = table.lines().zip(TABLE.lines()).find(|(now, kept)| now != kept);
        // What is taken and how it folds is part of the protocol: where it differs, names lead nowhere.
        assert_eq!(differs, None, "what is written in spec/unicode.txt is not what the library does");
        assert_eq!(table.len(), TABLE.len());
    }

    #[test]
    fn what_is_assigned_and_how_it_folds_is_of_one_edition() {
        let (major, minor, update) = unicode_normalization::UNICODE_VERSION;
        assert_eq!((u64::from(major), u64::from(minor), u64::from(update)), caseless::UNICODE_VERSION);
        // Of Unicode 17, with a small letter that an older table of foldings does not know.
        for newer in ["\u{a7ce}", "\u{a7d2}", "\u{a7d4}", "\u{16ea0}"] {
            assert!(!are_assigned(newer), "{newer} is taken before it is known how it folds");
        }
    }
}
