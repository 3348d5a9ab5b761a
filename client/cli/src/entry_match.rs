//! Which entry a person means: by label, or by the first digits of its id.

use crate::entry_view::ItemView;
use crate::exit::{Exit, Failure};
use crate::output::printable;
use rootcellar_client::inventory::Item;
use rootcellar_spec::EntryId;

/// The fewest digits of an id that name an entry.
const FEWEST_DIGITS: usize = 4;
/// Digits of the short form of an id.
const SHORT_DIGITS: usize = 8;

/// An id as people and programs see it: 32 hexadecimal digits, which never look like an option.
pub(crate) fn id_text(id: EntryId) -> String {
    hex(&id.0)
}

/// The first digits of an id.
pub(crate) fn short_id(id: EntryId) -> String {
    hex(&id.0[..SHORT_DIGITS / 2])
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The one entry that `wanted` names: an exact label or the beginning of an id; else a label in another case.
pub(crate) fn find<'a>(items: &'a [Item], wanted: &str) -> Result<&'a Item, Failure> {
    let wanted = wanted.trim();
    let digits = wanted.to_lowercase();
    let exact: Vec<_> = items
        .iter()
        .filter(|item| {
            item.label.as_str() == wanted || is_id(&digits) && id_text(item.id).starts_with(&digits)
        })
        .collect();
    let found = if exact.is_empty() {
        items.iter().filter(|item| item.label.as_str().to_lowercase() == digits).collect()
    } else {
        exact
    };
    match found.as_slice() {
        [item] => Ok(item),
        [] if is_short_id(&digits) => Err(Failure::new(
            Exit::NoEntry,
            "no-such-entry",
            format!(
                "No entry has the label '{}'; an id needs at least {FEWEST_DIGITS} digits.",
                printable(wanted)
            ),
        )
        .advise("'rootcellar list' shows which there are.")),
        [] => Err(Failure::new(
            Exit::NoEntry,
            "no-such-entry",
            "The backup holds no entry of this label or id.",
        )
        .advise("'rootcellar list' shows which there are.")),
        several => Err(ambiguous(several)),
    }
}

fn is_short_id(digits: &str) -> bool {
    (1..FEWEST_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_id(digits: &str) -> bool {
    digits.len() >= FEWEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn ambiguous(several: &[&Item]) -> Failure {
    let list: Vec<_> =
        several.iter().map(|item| format!("    {}", ItemView::of(item).line().trim_end())).collect();
    Failure::new(Exit::NoEntry, "ambiguous-entry", format!("{} entries match.", several.len()))
        .advise(format!("Give the id of the one that you mean:\n{}", list.join("\n")))
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
