//! Reads the headers of encrypted objects, snapshots and device lists (protocol.md sections 10 and
//! 18): their account, and what they follow. They are not authenticated here; clients do that.

use crate::Vault;
use crate::account::Account;
use crate::{Error, keyslot};
use rootcellar_spec::header::{Header, LayoutError};
use rootcellar_spec::{AccountId, Digest, Generation, Number, OperationId, device_list, snapshot};

/// The header of a snapshot with a suite that the vault offers.
pub(crate) fn read_snapshot(vault: &Vault, bytes: &[u8]) -> Result<Header, Error> {
    read(vault, "snapshot", snapshot::Layout::parse(bytes).map(|layout| layout.header))
}

fn read(vault: &Vault, field: &'static str, parsed: Result<Header, LayoutError>) -> Result<Header, Error> {
    match parsed {
        Ok(header) => keyslot::check_suite(vault, field, header.suite).map(|()| header),
        Err(LayoutError::Malformed(problem)) => Err(Error::Malformed { field, problem }),
        Err(LayoutError::UnsupportedVersion(_)) => {
            Err(Error::Unsupported { field, problem: "This vault does not know the format version." })
        }
        Err(LayoutError::UnsupportedSuite(_)) => {
            Err(Error::Unsupported { field, problem: "This vault does not know the suite." })
        }
    }
}

/// Whether an object follows the one with this number and digest at any distance: its ancestors
/// then contain it at its place. If there is none before, only the first object follows.
///
/// A chain that followed once and does not follow a later head never follows again, as long as each
/// list of ancestors continues the one before. The head that it missed would be an ancestor of
/// every later head.
pub(crate) fn descends(header: &Header, before: Option<(Number, Digest)>) -> bool {
    let Some((number, digest)) = before else { return header.number == Number::FIRST };
    let distance = header.number.0.checked_sub(number.0).and_then(|distance| usize::try_from(distance).ok());
    let index = distance.and_then(|distance| distance.checked_sub(1));
    index.and_then(|index| header.ancestors.get(index)) == Some(&digest)
}

/// Whether an object directly follows.
fn is_next(header: &Header, before: Option<(Number, Digest)>) -> bool {
    let next = before.map_or(Some(Number::FIRST), |(number, _)| number.next());
    Some(header.number) == next && descends(header, before)
}

/// The header of an operation's device list: what can be checked without the account.
pub(crate) fn read_list_of(
    vault: &Vault,
    list: &[u8],
    account: AccountId,
    operation: OperationId,
) -> Result<Header, Error> {
    let header = read(vault, "list", device_list::Layout::parse(list).map(|layout| layout.header))?;
    if header.account != account || header.operation != operation {
        let problem = "The list belongs to another account or operation.";
        return Err(Error::Malformed { field: "list", problem });
    }
    Ok(header)
}

/// Checks that a device list follows the account's current one.
pub(crate) fn check_list(account: &Account, header: &Header, generation: Generation) -> Result<(), Error> {
    if header.generation != generation {
        return Err(Error::GenerationMoved);
    }
    let newest = account.device_list.as_deref().map(|newest| {
        let layout = device_list::Layout::parse(newest);
        let layout = layout.map_err(|_| Error::Internal("a stored device list is damaged"))?;
        Ok::<_, Error>((layout.header.number, Digest::of(newest)))
    });
    if is_next(header, newest.transpose()?) { Ok(()) } else { Err(Error::DevicesMoved) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rootcellar_spec::SuiteId;
    use rootcellar_spec::snapshot::FORM;

    fn digest(branch: u8, number: u64) -> Digest {
        Digest::of(&[&[branch][..], &number.to_be_bytes()].concat())
    }

    /// The header of a number on a chain that left branch 0 after `fork`.
    fn header(branch: u8, fork: u64, number: u64) -> Header {
        let branch_of = |number| if number > fork { branch } else { 0 };
        let named = FORM.ancestors_of(Number(number)) as u64;
        Header {
            suite: SuiteId::ONE,
            account: AccountId([1; 16]),
            generation: Generation::FIRST,
            number: Number(number),
            operation: OperationId([2; 16]),
            ancestors: (1..=named).map(|back| number - back).map(|n| digest(branch_of(n), n)).collect(),
        }
    }

    #[test]
    fn only_the_first_follows_nothing() {
        assert!(descends(&header(0, 0, 1), None));
        assert!(!descends(&header(0, 0, 2), None));
    }

    #[test]
    fn the_next_is_the_one_behind_it() {
        let before = Some((Number(7), digest(0, 7)));
        assert!(is_next(&header(0, 9, 8), before));
        assert!(!is_next(&header(0, 9, 9), before) && descends(&header(0, 9, 9), before));
        assert!(!is_next(&header(0, 9, 7), before));
    }

    proptest! {
        #[test]
        fn whatever_is_ahead_on_the_same_chain_follows_as_far_as_ancestors_reach(
            head in 1..2000_u64, ahead in 0..600_u64,
        ) {
            let follows = descends(&header(0, u64::MAX, head + ahead), Some((Number(head), digest(0, head))));
            prop_assert_eq!(follows, (1..=256).contains(&ahead));
        }

        #[test]
        fn nothing_of_another_chain_follows(
            head in 1..2000_u64, ahead in 0..600_u64, behind in 1..600_u64,
        ) {
            let fork = head.saturating_sub(behind);
            let other = header(1, fork, head + ahead);
            prop_assert!(!descends(&other, Some((Number(head), digest(0, head)))));
            let on_the_trunk = fork > 0 && head + ahead - fork <= 256;
            prop_assert_eq!(descends(&other, Some((Number(fork), digest(0, fork)))), on_the_trunk);
        }

        #[test]
        fn what_is_not_ahead_never_follows(head in 1..2000_u64, behind in 0..600_u64) {
            let number = head.saturating_sub(behind).max(1);
            prop_assert!(!descends(&header(0, u64::MAX, number), Some((Number(head), digest(0, head)))));
        }

        /// A save depends on this: it gives up its bytes if another one was first.
        #[test]
        fn what_a_head_overtook_follows_no_later_head(
            start in 1..300_u64,
            steps in prop::collection::vec(1..60_u64, 1..12),
            forked_after in 0..300_u64,
            ahead in 1..300_u64,
        ) {
            let fork = start + forked_after;
            let ours = header(1, fork, fork + ahead);
            let heads = steps.iter().scan(start, |head, step| { *head += step; Some(*head) });
            let mut follows: Vec<bool> =
                heads.map(|head| descends(&ours, Some((Number(head), digest(0, head))))).collect();
            // First too far ahead, then it follows, and then it was overtaken.
            follows.dedup();
            prop_assert!(follows.iter().filter(|follows| **follows).count() <= 1, "{:?}", follows);
        }
    }
}
