//! Which entry or device a person means: by label, or by the first digits of its id.

use crate::entry_view::ItemView;
use crate::exit::{Exit, Failure};
use crate::text;
use rootcellar_client::VaultText;
use rootcellar_client::inventory::Item;
use rootcellar_spec::EntryId;
use rootcellar_spec::hex;

/// The fewest digits of an id that name an entry.
const FEWEST_DIGITS: usize = 4;
/// Digits of the short form of an id.
const SHORT_DIGITS: usize = 8;

/// An id as people and programs see it: 32 hexadecimal digits, which never look like an option.
pub(crate) fn id_text(id: EntryId) -> String {
    hex::encode(&id.0)
}

/// The first digits of an id.
pub(crate) fn short_id(id: EntryId) -> String {
    hex::encode(&id.0[..SHORT_DIGITS / 2])
}

/// What can be named by its label or by the beginning of its id.
pub(crate) trait Named {
    /// What to say if none matches.
    const NONE: &'static str;
    /// The code of that.
    const NONE_CODE: &'static str;
    /// The code if several match.
    const SEVERAL_CODE: &'static str;
    /// What names the command that lists them.
    const LIST: &'static str;

    /// What to say if none matches, and an id would need more digits.
    fn short_id_text(label: &VaultText, digits: usize) -> String;

    /// What to say if so many match.
    fn several_text(n: u64) -> String;

    /// Its label.
    fn label(&self) -> &str;

    /// Its id, as 32 hexadecimal digits.
    fn id_text(&self) -> String;

    /// One line that tells it from others.
    fn line(&self) -> String;
}

impl Named for Item {
    const NONE: &'static str = text::entry::NONE;
    const NONE_CODE: &'static str = "no-such-entry";
    const SEVERAL_CODE: &'static str = "ambiguous-entry";
    const LIST: &'static str = text::entry::LIST_ADVICE;

    fn short_id_text(label: &VaultText, digits: usize) -> String {
        text::entry::ShortId { label, digits }.into()
    }

    fn several_text(n: u64) -> String {
        text::entry::Several { n }.into()
    }

    fn label(&self) -> &str {
        self.label.exact()
    }

    fn id_text(&self) -> String {
        id_text(self.id)
    }

    fn line(&self) -> String {
        ItemView::of(self).line()
    }
}

/// The one that `wanted` names: an exact label or the beginning of an id; else a label in another case.
pub(crate) fn find<'a, T: Named>(all: &'a [T], wanted: &str) -> Result<&'a T, Failure> {
    let wanted = wanted.trim();
    let digits = wanted.to_lowercase();
    let exact: Vec<_> = all
        .iter()
        .filter(|one| one.label() == wanted || is_id(&digits) && one.id_text().starts_with(&digits))
        .collect();
    let found = if exact.is_empty() {
        all.iter().filter(|one| one.label().to_lowercase() == digits).collect()
    } else {
        exact
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(none::<T>(wanted, &digits)),
        several => Err(ambiguous(several)),
    }
}

fn none<T: Named>(wanted: &str, digits: &str) -> Failure {
    let message = if is_short_id(digits) {
        T::short_id_text(&VaultText::new(wanted), FEWEST_DIGITS)
    } else {
        T::NONE.to_owned()
    };
    Failure::new(Exit::NoEntry, T::NONE_CODE, message).advise(T::LIST)
}

fn is_short_id(digits: &str) -> bool {
    (1..FEWEST_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_id(digits: &str) -> bool {
    digits.len() >= FEWEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn ambiguous<T: Named>(several: &[&T]) -> Failure {
    let list: Vec<_> = several.iter().map(|one| format!("    {}", one.line().trim_end())).collect();
    Failure::new(Exit::NoEntry, T::SEVERAL_CODE, T::several_text(several.len() as u64)).advise(format!(
        "{}\n{}",
        text::entry::SEVERAL_ADVICE,
        list.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rootcellar_client::entry::Kind;
    use rootcellar_client::inventory::Label;
    use rootcellar_spec::{Digest, Timestamp};

    fn item(first_byte: u8, label: &str) -> Item {
        let mut id = EntryId([0xab; 16]);
        id.0[0] = first_byte;
        let label = Label::parse(label).expect("a label");
        Item::new(id, label, Kind::Text, Timestamp(0), Digest([0; 32]), None)
    }

    fn found(wanted: &str) -> Result<u8, &'static str> {
        let items = [
            item(1, "Savings"),
            item(2, "savings"),
            item(3, "Old wallet"),
            item(4, "Twice"),
            item(4, "Twice"),
            item(5, "03ab"),
        ];
        find(&items, wanted).map(|item| item.id.0[0]).map_err(|failure| failure.code)
    }

    #[test]
    fn names_one_entry_or_none() {
        assert_eq!(found("Savings"), Ok(1));
        assert_eq!(found(" savings "), Ok(2));
        assert_eq!(found("SAVINGS"), Err("ambiguous-entry"), "in another case it is either");
        assert_eq!(found("old WALLET"), Ok(3));
        assert_eq!(found("01AB"), Ok(1));
        assert_eq!(found(&id_text(item(2, "x").id)), Ok(2));
        assert_eq!(found("01a"), Err("no-such-entry"), "too few digits");
        assert_eq!(found(""), Err("no-such-entry"));
        assert_eq!(found("wallet"), Err("no-such-entry"), "no part of a label");
    }

    #[test]
    fn a_label_that_reads_as_another_id_decides_nothing() {
        assert_eq!(found("03ab"), Err("ambiguous-entry"));
        assert_eq!(found("Twice"), Err("ambiguous-entry"));
    }
}
