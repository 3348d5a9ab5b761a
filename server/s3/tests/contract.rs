//! The contract of all stores, against a real server of S3 (`ROOTCELLAR_TEST_S3`).

use rootcellar_s3::{S3Settings, S3Store};
use rootcellar_store::contract;
use std::io::Write;
use std::sync::Arc;

fn settings(prefix: &str) -> Option<S3Settings> {
    let Some(endpoint) = std::env::var_os("ROOTCELLAR_TEST_S3") else {
        left_out("the store's contract on a real server of S3: ROOTCELLAR_TEST_S3 is not set");
        return None;
    };
    let endpoint = endpoint.to_str().expect("text").parse().expect("a URL");
    let nonce = std::process::id();
    let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos();
    Some(S3Settings {
        bucket: "rootcellar-test".to_owned(),
        endpoint: Some(endpoint),
        region: None,
        prefix: format!("contract/{prefix}-{nonce}-{since}"),
    })
}

fn left_out(what: &str) {
    let _ = writeln!(std::io::stderr(), "left out: {what}");
    let Some(file) = std::env::var_os("ROOTCELLAR_LEFT_OUT") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    file.expect("opens").write_all(format!("{what}\n").as_bytes()).expect("writes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let Some(settings) = settings("keeps") else { return };
    let store = S3Store::connect(settings).await.expect("credentials");
    contract::check(Arc::new(store)).await;
}
