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
    assert!(written.iter().any(|(path, _)| path.ends_with("pending-save.json")), "{written:?}");
    assert!(wire.heal());
    assert_eq!(device.run(&["list"]).code, 0);
    assert_eq!(Client::new(&wire.url(), WRONG_PASSPHRASE).run(&["restore", "--account", ACCOUNT]).code, 3);
    assert_eq!(Client::new(&wire.url(), WRONG_PASSPHRASE).try_register(ACCOUNT, &[]).code, 6);
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

const DEVICE_LABEL: &str = "canary device zq85";
const DEVICE_PASSPHRASE: &str = "canary lanterns under the quiet wall zq86";

/// The secrets of a device that keeps them plainly.
fn plain_secrets(device: &Client) -> Vec<u8> {
    let file = std::fs::read(device.home().join("device-secrets.json")).expect("a file");
    let record: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
    base64url::decode(record["secrets"].as_str().expect("secrets")).expect("base64url")
}

#[test]
fn no_secret_of_a_device_leaves_its_keeper() {
    let server = Server::with(&["--metrics-listen", "127.0.0.1:0", "--log-level", "trace"]);
    let wire = Wire::to(server.address());
    let (device, _) = Client::registered(&wire.url(), ACCOUNT, PASSPHRASE);
    let phrase = device.write("phrase", PHRASE_12);
    let enrol = ["--enrol", "--permission", "manage", "--device-label", DEVICE_LABEL];
    device.json(&[&["login", "--account", ACCOUNT][..], &enrol, &["--device-secrets", "plain"]].concat());
    let sealed = Client::new(&wire.url(), PASSPHRASE);
    let own = sealed.write("own", DEVICE_PASSPHRASE);
    let restore = ["restore", "--account", ACCOUNT, "--device-passphrase-file", &own];
    sealed.json(&[&restore[..], &enrol].concat());
    let mut secrets = vec![plain_secrets(&device)];
    device.json_alone(&["add", "--label", LABEL, "--from", &phrase]);
    sealed.json_alone(&["show", LABEL, "--device-passphrase-file", &own]);
    let code = device.file("code");
    device.json(&["rekey", "--yes", "--recovery-code-output", code.to_str().expect("text")]);
    secrets.push(plain_secrets(&device));
    device.json_alone(&["history"]);

    let keeper = device.home().join("device-secrets.json");
    let mut written = files_below(&device.home());
    written.retain(|(path, _)| *path != keeper);
    // Before it hears of the new keys.
    written.extend(files_below(&sealed.home()));
    assert_eq!(sealed.run_alone(&["list", "--device-passphrase-file", &own]).code, 3);
    written.push(("log".into(), server.log().into_bytes()));
    written.push(("metrics".into(), metrics(&server).into_bytes()));
    written.push(("requests".into(), wire.passed().join("\n").into_bytes()));
    let store = server.stored();
    assert!(store.iter().any(|(_, bytes)| contains(bytes, b"RCSNAP")), "the search finds what is there");
    written.extend(store);
    // Either half alone would do harm, and base64url of both together holds the first half's.
    let halves = secrets.iter().flat_map(|both| both.chunks(32).map(<[u8]>::to_vec).collect::<Vec<_>>());
    let encoded = |bytes: &[u8]| base64url::encode(&bytes[..30]).into_bytes();
    let mut canaries: Vec<_> = halves.flat_map(|half| [encoded(&half), half]).collect();
    canaries.extend(secrets.iter().map(|both| base64url::encode(both).into_bytes()));
    canaries.extend([LABEL, DEVICE_LABEL, DEVICE_PASSPHRASE].map(|text| text.as_bytes().to_vec()));
    canaries.extend([LABEL, DEVICE_LABEL].map(|text| base64url::encode(text.as_bytes()).into_bytes()));
    for (path, bytes) in &written {
        // The home of a device holds its own label.
        let is_label = |canary: &[u8]| canary == DEVICE_LABEL.as_bytes() && path.ends_with("account.json");
        for canary in canaries.iter().filter(|canary| !is_label(canary)) {
            assert!(!contains(bytes, canary), "{:?} in {}", String::from_utf8_lossy(canary), path.display());
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
