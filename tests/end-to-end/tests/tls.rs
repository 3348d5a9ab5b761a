//! HTTPS between the real programs: an authority of one's own is trusted only when it is named.

use rootcellar_end_to_end::{Client, PASSPHRASE, PHRASE_12, Server, text};
use std::path::Path;

#[test]
fn a_vault_with_its_own_authority_is_reached_with_ca_file_and_not_without() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/tests/process");
    let file = |name: &str| folder.join(name).to_str().expect("text").to_owned();
    let (certificate, key) = (file("localhost.pem"), file("localhost.key.pem"));
    let server = Server::with(&["--tls-cert", &certificate, "--tls-key", &key]);
    let vault = format!("https://localhost:{}", server.address().port());
    let device = Client::new(&vault, PASSPHRASE);
    let code = device.file("code");
    let register = ["register", "--account", "alice", "--recovery-code-output", code.to_str().expect("text")];
    let refused = device.run(&register);
    assert_eq!(refused.code, 5, "an unknown authority: {refused:?}");
    assert!(refused.says(&text("failure.authorityAdvice")), "{refused:?}");
    let empty = device.write("ca", "no certificate");
    let refused = device.run(&[&register[..], &["--ca-file", &empty]].concat());
    assert!(refused.code == 8 && refused.says(&text("vault.noCertificate")), "{refused:?}");
    let trusted = device.run(&[&register[..], &["--ca-file", &certificate]].concat());
    assert_eq!(trusted.code, 0, "{trusted:?}");
    let phrase = device.write("phrase", PHRASE_12);
    device.json(&["add", "--label", "everyday", "--from", &phrase, "--ca-file", &certificate]);
    let list = device.json(&["list", "--ca-file", &certificate]);
    assert_eq!(list["entries"][0]["label"], "everyday");
}
