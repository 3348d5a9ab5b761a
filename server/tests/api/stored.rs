//! What the vault stores, compared with spec/storage.md: another vault must be able to read it from that page alone.

use crate::support::client::User;
use crate::support::vault;
use rootcellar_spec::wire::account::{DeleteResponse, SnapshotResponse};
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::registration::PassphraseFinishResponse;
use rootcellar_vault::invite;
use serde_json::Value;
use std::collections::BTreeSet;

fn members(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                found.insert(name.clone());
                members(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

/// The names in code spans of the section about members.
fn documented() -> BTreeSet<String> {
    let page = include_str!("../../../spec/storage.md");
    let section =
        page.split("## Members").nth(1).expect("the section").split("\n## ").next().expect("its text");
    section.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every kind of object, with every member that it may have.
#[tokio::test]
async fn every_member_is_documented() {
    let vault = vault().await;
    let mut user = User::new("alice");
    user.register(&vault, "old").await;
    let session = user.log_in(&vault, "old").await;
    let snapshot = user.snapshot(None, "content");
    user.put(&vault, &session, &snapshot).await.parts::<SnapshotResponse>();
    crate::pairing::pair(&vault, &user, &session).await;
    let request = crate::passphrase::prepare(&vault, &mut user, &session, "new").await;
    user.post(&vault, &session, paths::PASSPHRASE_FINISH, &request).await.json::<PassphraseFinishResponse>();
    let begun = user.begin("wrong");
    for _ in 0..2 {
        vault.post(paths::LOGIN_START, &begun.request).await;
    }
    invite::create(&vault.state, 600).await.expect("an invite");
    let mut gone = User::new("gone");
    gone.register(&vault, "x").await;
    let session = gone.log_in(&vault, "x").await;
    let request = crate::deletion::request(&gone);
    gone.post(&vault, &session, paths::DELETE, &request).await.json::<DeleteResponse>();
    crate::root_secret_replaced::replace_secret(&vault, 1, 2).await;

    let documented = documented();
    let mut kinds = BTreeSet::new();
    for (name, bytes) in vault.store.contents().await {
        if name.contains("/snapshots/") {
            assert_eq!(bytes, snapshot.bytes);
            continue;
        }
        kinds.insert(name.split('/').next().expect("a word").to_owned());
        let mut found = BTreeSet::new();
        members(&serde_json::from_slice(&bytes).expect("JSON"), &mut found);
        assert!(found.len() > 4, "{name}");
        for member in found {
            assert!(documented.contains(&member), "{member} of {name} is not documented");
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["accounts", "clock", "guesses", "invites", "locators", "names", "pairings", "vault"]
    );
}
