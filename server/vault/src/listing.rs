//! Lists all objects of a store in the order of their names, page by page.

use rootcellar_store::{Key, Listed, Store, StoreError};
use std::collections::VecDeque;
use std::time::Duration;

/// How often a page is requested.
const TRIES: u32 = 4;
/// Pause before the second request. It doubles each time.
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) struct Listing<'a> {
    store: &'a dyn Store,
    page: VecDeque<Listed>,
    after: Option<Key>,
    more: bool,
}

impl<'a> Listing<'a> {
    pub(crate) fn new(store: &'a dyn Store) -> Self {
        Self { store, page: VecDeque::new(), after: None, more: true }
    }

    /// The next object, or `None` after the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Listed>, StoreError> {
        while self.page.is_empty() && self.more {
            self.turn().await?;
        }
        Ok(self.page.pop_front())
    }

    async fn turn(&mut self) -> Result<(), StoreError> {
        let mut tries = 1;
        let page = loop {
            match self.store.list("", self.after.as_ref()).await {
                Ok(page) => break page,
                Err(error) if tries == TRIES => return Err(error),
                Err(_) => tokio::time::sleep(PAUSE * 2_u32.pow(tries - 1)).await,
            }
            tries += 1;
        };
        self.more = page.more && !page.objects.is_empty();
        self.after = page.objects.last().map(|last| last.key.clone()).or(self.after.take());
        self.page = page.objects.into();
        Ok(())
    }
}
