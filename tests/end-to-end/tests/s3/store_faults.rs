//! Every write to the bucket, of every operation, disturbed on the wire between vault and bucket; and the vault killed
//! right before and right after each. The writes are not listed here: each operation is run until it needs no further.

use crate::story::{Operation, Person};
use crate::vault::{Vault, is_write};
use rootcellar_end_to_end::{Fault, Wallet};
use std::time::Duration;

/// Beyond what the vault waits for one attempt of a write.
const TOO_LATE: Duration = Duration::from_millis(3300);
/// No operation has so many.
const WRITES: usize = 30;

/// Disturbs the `number`th write of an operation; returns whether there was one.
async fn disturb(vault: &Vault, first: &Wallet, operation: Operation, number: usize, fault: Fault) -> bool {
    let account =
        format!("{operation:?}-{number}-{}", std::time::UNIX_EPOCH.elapsed().expect("now").as_nanos());
    let mut person = Person::about_to(operation, first.elsewhere(&account), &account).await;
    vault.store.nth(number, is_write, fault);
    let outcome = person.run(operation).await;
    let happened = vault.store.heal();
    // A restart may be in progress still.
    drop(vault.server());
    person.judge(operation, outcome).await;
    happened
}

async fn disturb_each(vault: &Vault, operation: Operation, fault: impl Fn() -> Fault) {
    let first = Wallet::patient(&vault.wire.url(), "nobody");
    for number in 1..WRITES {
        if !disturb(vault, &first, operation, number, fault()).await {
            assert!(number > 1, "{operation:?} writes something");
            return;
        }
    }
    panic!("{operation:?} never ends");
}

/// Slow answers take long: each write has a vault and a thread of its own.
fn delay_each(operation: Operation) {
    let one = move |number: usize| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let vault = Vault::for_test_of("late answers of the bucket").expect("there is a bucket");
        let first = Wallet::patient(&vault.wire.url(), "nobody");
        runtime.block_on(disturb(&vault, &first, operation, number, Fault::Late(TOO_LATE)))
    };
    for first in (1..WRITES).step_by(4) {
        let cases: Vec<_> =
            (first..first + 4).map(|number| std::thread::spawn(move || one(number))).collect();
        let happened: Vec<bool> = cases.into_iter().map(|case| case.join().expect("it holds")).collect();
        if happened.contains(&false) {
            return;
        }
    }
    panic!("{operation:?} never ends");
}

macro_rules! operations {
    ($($name:ident: $operation:ident,)*) => { $(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn whose_writes_are_lost_or_refused() {
                let Some(vault) = Vault::for_test_of("faults of the bucket") else { return };
                disturb_each(&vault, Operation::$operation, || Fault::LoseRequest).await;
                disturb_each(&vault, Operation::$operation, || Fault::LoseResponse).await;
                disturb_each(&vault, Operation::$operation, || Fault::Refuse(500)).await;
            }

            #[test]
            fn whose_writes_are_answered_too_late() {
                if Vault::for_test_of("late answers of the bucket").is_some() {
                    delay_each(Operation::$operation);
                }
            }

            #[tokio::test]
            async fn whose_vault_is_killed_before_or_after_a_write() {
                let Some(vault) = Vault::for_test_of("a killed vault on a bucket") else { return };
                let before = || Fault::Instead(Box::new(vault.killer()));
                disturb_each(&vault, Operation::$operation, before).await;
                let after = || Fault::After(Box::new(vault.killer()));
                disturb_each(&vault, Operation::$operation, after).await;
            }
        }
    )* };
}

operations! {
    a_registration: Register,
    a_login: Login,
    a_save: Save,
    a_recovery: Recover,
    a_change_of_passphrase: ChangePassphrase,
}
