//! Secrets are searched for wherever something is written: store, logs, metrics, the device's home, the wire.

use rootcellar_client::phrase::Phrase;
use rootcellar_end_to_end::{
    Client, Fault, OTHER_PASSPHRASE, PASSPHRASE, PHRASE_12, Server, WRONG_PASSPHRASE, Wire, files_below,
};
use rootcellar_spec::base64url;

const ACCOUNT: &str = "canary-account-zq81";
const LABEL: &str = "canary label zq82";
const TEXT: &str = "canary text zq83";
const BIP39_PASSPHRASE: &str = "canary trezor zq84";

fn metrics(server: &Server) -> String {
    let status = server.administer(&["admin", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    let address = status["metrics_address"].as_str().expect("an address");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let request = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request).expect("it reads");
    std::io::read_to_string(stream).expect("it answers")
}

#[test]
fn no_secret_is_written_anywhere() {
    let server = Server::with(&["--metrics-listen", "127.0.0.1:0", "--log-level", "trace"]);
    let wire = Wire::to(server.address());
    let (device, code) = Client::registered(&wire.url(), ACCOUNT, PASSPHRASE);
    let (phrase, bip39) = (device.write("phrase", PHRASE_12), device.write("bip39", BIP39_PASSPHRASE));
    device.json(&["add", "--label", LABEL, "--from", &phrase, "--bip39-passphrase-file", &bip39]);
    let text = device.write("text", TEXT);
    // One save stays unfinished, so that the home holds it.
    wire.always("PUT", Fault::LoseRequest);
    assert_eq!(device.run(&["add", "--label", LABEL, "--again", "--kind", "text", "--from", &text]).code, 9);
    let mut written = files_below(&device.home());
    assert!(written.iter().any(|(path, _)| path.ends_with("pending.json")), "{written:?}");
    assert!(wire.heal());
    assert_eq!(device.run(&["list"]).code, 0);
    assert_eq!(Client::new(&wire.url(), WRONG_PASSPHRASE).run(&["restore", "--account", ACCOUNT]).code, 3);
    assert_eq!(Client::new(&wire.url(), WRONG_PASSPHRASE).run(&["register", "--account", ACCOUNT]).code, 6);
    let found = Client::new(&wire.url(), OTHER_PASSPHRASE);
    let (code_file, new) = (found.write("code", &code), found.write("new", OTHER_PASSPHRASE));
    found.json(&["recover", "--recovery-code-file", &code_file, "--new-passphrase-file", &new]);

    written.extend(files_below(&device.home()));
    written.extend(files_below(&found.home()));
    let (log, metrics) = (server.log(), metrics(&server));
    assert!(log.contains("login") && metrics.contains("# TYPE"), "there is something to search");
    written.push(("log".into(), log.into_bytes()));
    written.push(("metrics".into(), metrics.into_bytes()));
    let store = server.stored();
    assert!(store.iter().any(|(_, bytes)| contains(bytes, b"RCSNAP")), "the search finds what is there");
    written.extend(store);

    let entropy = Phrase::parse(PHRASE_12, None).expect("a phrase").entropy().to_vec();
    let mut canaries: Vec<Vec<u8>> = [
        ACCOUNT,
        LABEL,
        TEXT,
        BIP39_PASSPHRASE,
        PASSPHRASE,
        OTHER_PASSPHRASE,
        WRONG_PASSPHRASE,
        PHRASE_12,
        &code,
    ]
    .iter()
    .flat_map(|canary| [canary.as_bytes().to_vec(), base64url::encode(canary.as_bytes()).into_bytes()])
    .collect();
    // Three neighbouring words do not stand together by chance.
    for words in [PHRASE_12, &code] {
        let words: Vec<&str> = words.split(' ').collect();
        canaries.extend(words.windows(3).map(|words| words.join(" ").into_bytes()));
    }
    canaries.push(base64url::encode(&entropy).into_bytes());
    canaries.push(entropy);
    for (path, bytes) in &written {
        for canary in &canaries {
            assert!(!contains(bytes, canary), "{:?} in {}", String::from_utf8_lossy(canary), path.display());
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
