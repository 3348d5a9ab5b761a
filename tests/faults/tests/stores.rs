//! The store that everything here is measured by keeps the contract of stores.

use rootcellar_faults::memory::{MemoryStore, Objects};
use rootcellar_faults::time::{BEGINNING, Time, run};
use rootcellar_store::contract;
use std::sync::Arc;

#[test]
fn the_store_in_memory_keeps_the_contract() {
    run(async {
        let store = MemoryStore::holding(Objects::new(), Time::beginning(BEGINNING));
        contract::check(Arc::new(store)).await;
    });
}
