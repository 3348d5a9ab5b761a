//! A real S3 server for the tests and the demo: SeaweedFS on loopback, in a folder that goes away with it.
//!
//! `.ci/run` installs the program `weed` with the validators; one on the path serves as well. It is ready when an object
//! was written and read, not when it listens. Its end comes with the end of this process, however that ends.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use xtask_tools::{Scratch, output, workspace};

/// The bucket that is there from the start.
pub(crate) const BUCKET: &str = "rootcellar-test";
/// The one key pair that may do everything, as the SDK's variables; the region is not checked.
const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "rootcellar-test"),
    ("AWS_SECRET_ACCESS_KEY", "rootcellar-test-secret"),
    ("AWS_REGION", "us-east-1"),
];
/// Tells tests where the server is.
pub(crate) const ENDPOINT: &str = "ROOTCELLAR_TEST_S3";
/// What to do when the program is missing.
pub(crate) const INSTALL: &str =
    "no SeaweedFS here: `.ci/run` installs it, and any program `weed` on the path will do";

/// Written and read to see that the server is ready.
const PROBE: &str = "ready";
/// Ports that one server takes, each listener and its gRPC sibling.
const PORTS: usize = 8;
/// Below the range from which the system gives out ports for port 0: no test takes one of these by chance.
const LOWEST: u16 = 12_000;
const HIGHEST: u16 = 32_000;
/// How often another set of ports is tried.
const TURNS: u32 = 4;
/// A start takes 4 seconds, 20 on a machine that is busy.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Ends a program when standard input ends, which it does whatever becomes of this process, and then removes what it
/// leaves: a folder and four sockets, the first arguments. What a program leaves that ended by itself stays to be read.
const KEEPER: &str = r#"
exec 3<&0
folder=$1 a=$2 b=$3 c=$4 d=$5; shift 5
"$@" 3<&- & weed=$!
(read -r _ <&3; kill -KILL "$weed") &
wait "$weed"; code=$?
[ "$code" = 137 ] && rm -rf "$folder" "$a" "$b" "$c" "$d"
exit "$code"
"#;

/// A server that was started; ended when dropped.
pub(crate) struct Seaweed {
    program: PathBuf,
    run: Run,
}

/// One try: a process on one set of ports.
struct Run {
    folder: Scratch,
    ports: Ports,
    keeper: Child,
    /// Held open for as long as the server is wanted.
    lifeline: Option<ChildStdin>,
}

impl Seaweed {
    /// Starts a server and does not wait for it; `None` where the program is not on this machine.
    pub(crate) fn begin() -> Result<Option<Self>> {
        let Some(program) = workspace::program("weed") else { return Ok(None) };
        let run = Run::begin(&program)?;
        Ok(Some(Self { program, run }))
    }

    /// Waits until it serves; another try on other ports where it ended, as when a port was taken meanwhile.
    pub(crate) fn wait(&mut self) -> Result<()> {
        for turn in 1..=TURNS {
            match self.run.wait() {
                Ok(()) => return Ok(()),
                Err(error) if turn == TURNS => return Err(error.context("SeaweedFS does not start")),
                Err(_) => self.run = Run::begin(&self.program)?,
            }
        }
        Ok(())
    }

    /// Where it serves.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.run.ports.s3)
    }
}

/// `cargo xtask s3`: a server for tests that are run by hand, until Ctrl-C.
pub(crate) fn stay() -> Result<()> {
    let Some(mut seaweed) = Seaweed::begin()? else { bail!(INSTALL) };
    seaweed.wait()?;
    output::line(&format!("export {ENDPOINT}={}", seaweed.endpoint()));
    for (name, value) in KEYS {
        output::line(&format!("export {name}={value}"));
    }
    output::progress(&format!("the bucket {BUCKET} serves until Ctrl-C"));
    let status = seaweed.run.keeper.wait()?;
    bail!("weed ended with {status}:\n{}", seaweed.run.last_words())
}

/// Gives a command the keys of the test server, and no others that the machine may hold.
pub(crate) fn credentials(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.envs(KEYS)
}

impl Run {
    fn begin(program: &PathBuf) -> Result<Self> {
        let folder = Scratch::new()?;
        let ports = Ports::find()?;
        std::fs::create_dir(folder.path().join("data"))?;
        std::fs::write(folder.path().join("identities.json"), identities())?;
        let log = File::create(folder.path().join("log"))?;
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(folder.path()).args(ports.sockets());
        keeper.arg(program).args(ports.arguments(&folder));
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        // Out of reach of the terminal's Ctrl-C, which would end it under the tests that still run.
        keeper.process_group(0);
        let mut keeper = keeper.spawn().context("cannot start a shell")?;
        let lifeline = keeper.stdin.take();
        Ok(Self { folder, ports, keeper, lifeline })
    }

    /// Ready is when the bucket exists and an object in it was written and read.
    fn wait(&mut self) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < TIMEOUT {
            if let Some(status) = self.keeper.try_wait()? {
                bail!("weed ended with {status}:\n{}", self.last_words());
            }
            if self.serves() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("weed does not serve after {} s:\n{}", TIMEOUT.as_secs(), self.last_words())
    }

    fn serves(&self) -> bool {
        // A bucket is a folder of the filer; that it exists already is as good.
        let status = |answer: Option<(u16, Vec<u8>)>| answer.map(|(status, _)| status);
        let made = ask(self.ports.filer, "POST", &format!("/buckets/{BUCKET}/"), "");
        if !matches!(status(made), Some(201 | 409)) {
            return false;
        }
        let path = format!("/{BUCKET}/{PROBE}");
        let written = status(ask(self.ports.s3, "PUT", &path, "written")) == Some(200);
        written && ask(self.ports.s3, "GET", &path, "").is_some_and(|(_, body)| body == b"written")
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // The keeper kills and clears away; nothing can be done about a failure to hear of it.
        self.keeper.wait().ok();
    }
}

/// One exchange in plain HTTP with a port of this machine: status and body; `None` where there is no answer.
pub(crate) fn ask(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    // The older version has no chunks, and ends with the connection.
    let head = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).ok()?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body))
}

fn identities() -> String {
    let all = ["Admin", "Read", "Write", "List", "Tagging"];
    // So that readiness can be seen, and what a vault stored, in plain HTTP and by other eyes than the vault's.
    let anyone = ["Read", "Write", "List"].map(|action| format!("{action}:{BUCKET}"));
    let [(_, key), (_, secret), _] = KEYS;
    let keys = serde_json::json!([{"accessKey": key, "secretKey": secret}]);
    let identities = [
        serde_json::json!({"name": "tests", "credentials": keys, "actions": all}),
        serde_json::json!({"name": "anonymous", "actions": anyone}),
    ];
    serde_json::json!({"identities": identities}).to_string()
}

/// Ports of one server; each service's gRPC has the port after its own.
struct Ports {
    master: u16,
    volume: u16,
    filer: u16,
    s3: u16,
}

impl Ports {
    /// A row of ports that are free now, from a place that differs between two processes.
    fn find() -> Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("a clock before 1970")?;
        let seed = u64::from(now.subsec_micros()) + 7919 * u64::from(std::process::id());
        let rows = u64::from(HIGHEST - LOWEST) / PORTS as u64;
        for turn in 0..rows {
            let row = u16::try_from((seed + turn) % rows).context("a row of ports")?;
            let first = LOWEST + row * u16::try_from(PORTS).context("a number of ports")?;
            let held: Vec<_> = (first..)
                .take(PORTS)
                .map_while(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
                .collect();
            if held.len() == PORTS {
                return Ok(Self { master: first, volume: first + 2, filer: first + 4, s3: first + 6 });
            }
        }
        bail!("no free ports from {LOWEST} to {HIGHEST}")
    }

    fn arguments(&self, folder: &Scratch) -> Vec<String> {
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let mut arguments: Vec<String> =
            ["-logtostderr=true", "server", "-filer", "-s3"].map(str::to_owned).to_vec();
        let mut set = |name: &str, value: &str| arguments.push(format!("-{name}={value}"));
        set("dir", &path("data"));
        set("ip", "127.0.0.1");
        set("ip.bind", "127.0.0.1");
        set("volume.max", "50");
        set("master.volumeSizeLimitMB", "64");
        // It would tell its maker of itself.
        set("master.telemetry", "false");
        for (service, port) in self.services() {
            set(&format!("{service}.port"), &port.to_string());
            set(&format!("{service}.port.grpc"), &(port + 1).to_string());
        }
        set("filer.localSocket", &path("filer.sock"));
        set("s3.localSocket", &path("s3.sock"));
        set("s3.port.iceberg", "0");
        set("s3.port.lance", "0");
        set("s3.iam", "false");
        set("s3.config", &path("identities.json"));
        arguments
    }

    fn services(&self) -> [(&'static str, u16); 4] {
        [("master", self.master), ("volume", self.volume), ("filer", self.filer), ("s3", self.s3)]
    }

    /// What a killed server leaves outside of its folder.
    fn sockets(&self) -> [PathBuf; 4] {
        self.services()
            .map(|(name, port)| PathBuf::from(format!("/tmp/seaweedfs-{name}-grpc-{}.sock", port + 1)))
    }
}

/// A path on which programs stand that were installed for the tests.
pub(crate) fn path() -> Result<std::ffi::OsString> {
    let own = workspace::validators().join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))
        .context("a path of programs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_and_apart() {
        let ports = Ports::find().expect("there are some");
        let mut all: Vec<u16> = ports.services().iter().flat_map(|(_, port)| [*port, port + 1]).collect();
        all.dedup();
        assert_eq!(all.len(), PORTS);
        assert!(all.iter().all(|port| (LOWEST..HIGHEST).contains(port)));
    }

    #[test]
    fn the_keeper_ends_with_its_lifeline_and_with_its_program() {
        let folder = Scratch::new().expect("a folder");
        let left = ["folder", "1", "2", "3", "4"].map(|name| folder.path().join(name));
        std::fs::create_dir(&left[0]).expect("a folder");
        let keep = |program: &[&str]| {
            let mut keeper = Command::new("sh");
            keeper
                .args(["-c", KEEPER, "sh"])
                .args(&left)
                .args(program)
                .stdin(Stdio::piped())
                .stderr(Stdio::null());
            keeper.spawn().expect("sh runs")
        };
        let mut failure = keep(&["sh", "-c", "exit 7"]);
        let lifeline = failure.stdin.take();
        assert_eq!(failure.wait().expect("it ends").code(), Some(7));
        drop(lifeline);
        assert!(left[0].exists(), "what it left can be read");
        let mut sleeper = keep(&["sleep", "600"]);
        assert_eq!(sleeper.try_wait().expect("a child"), None);
        drop(sleeper.stdin.take());
        assert_eq!(sleeper.wait().expect("it ends").code(), Some(128 + 9));
        assert!(!left[0].exists(), "nothing is left");
    }
}
