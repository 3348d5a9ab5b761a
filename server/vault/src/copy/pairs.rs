//! Merges two listings in the order of names.

use super::CopyError;
use crate::listing::Listing;
use crate::names;
use rootcellar_store::{Key, Listed, Store};
use std::cmp::Ordering;

/// One name, and which stores have it.
pub(super) enum Pair {
    Both(Listed),
    SourceOnly(Listed),
    TargetOnly(Listed),
}

pub(super) struct Pairs<'a> {
    from: Listing<'a>,
    to: Listing<'a>,
    next_from: Option<Listed>,
    next_to: Option<Listed>,
}

impl<'a> Pairs<'a> {
    pub(super) async fn begin(from: &'a dyn Store, to: &'a dyn Store) -> Result<Self, CopyError> {
        let (from, to) = (Listing::new(from), Listing::new(to));
        let mut pairs = Self { from, to, next_from: None, next_to: None };
        pairs.step_from().await?;
        pairs.step_to().await?;
        Ok(pairs)
    }

    pub(super) async fn next(&mut self) -> Result<Option<Pair>, CopyError> {
        let order = match (&self.next_from, &self.next_to) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(from), Some(to)) => from.key.cmp(&to.key),
        };
        let from = if order.is_le() { self.step_from().await? } else { None };
        let to = if order.is_ge() { self.step_to().await? } else { None };
        Ok(match (from, to) {
            (Some(from), Some(_)) => Some(Pair::Both(from)),
            (Some(from), None) => Some(Pair::SourceOnly(from)),
            (None, Some(to)) => Some(Pair::TargetOnly(to)),
            (None, None) => None,
        })
    }

    async fn step_from(&mut self) -> Result<Option<Listed>, CopyError> {
        let next = copied(&mut self.from).await.map_err(CopyError::From)?;
        Ok(std::mem::replace(&mut self.next_from, next))
    }

    async fn step_to(&mut self) -> Result<Option<Listed>, CopyError> {
        let next = copied(&mut self.to).await.map_err(CopyError::To)?;
        Ok(std::mem::replace(&mut self.next_to, next))
    }
}

/// The next object to copy: not `vault`, the mark, or remains of a probe.
async fn copied(listing: &mut Listing<'_>) -> Result<Option<Listed>, rootcellar_store::StoreError> {
    loop {
        match listing.next().await? {
            Some(listed) if is_apart(&listed.key) => {}
            other => return Ok(other),
        }
    }
}

fn is_apart(key: &Key) -> bool {
    *key == names::vault() || *key == names::copy() || key.as_str().starts_with(names::PROBES)
}
