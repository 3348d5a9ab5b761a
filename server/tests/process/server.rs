//! One server process, and how to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A data folder of its own, inside a folder that everyone may enter.
pub(crate) struct Folder {
    path: PathBuf,
    _whole: Option<tempfile::TempDir>,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        set_mode(folder.path(), 0o755);
        Self { path: folder.path().to_owned(), _whole: Some(folder) }
    }

    /// A folder of this name, which goes with the one that it is in.
    pub(crate) fn at(path: PathBuf) -> Self {
        std::fs::create_dir(&path).expect("makes");
        Self { path, _whole: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
}

/// Reports that a test cannot run on this machine.
pub(crate) fn left_out(what: &str) {
    let Some(file) = std::env::var_os("ROOTCELLAR_LEFT_OUT") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    file.expect("opens").write_all(format!("{what}\n").as_bytes()).expect("writes");
}

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_rootcellar-server"))
}

/// The program with this data folder, a free port and no environment.
pub(crate) fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().arg("--data").arg(folder.data()).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("runs")
}

pub(crate) fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{}", stderr(output));
    std::str::from_utf8(&output.stdout).expect("text").trim_end()
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Server {
    /// Starts a server on a free port and waits until it says that it listens.
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        Self::run(folder, command(folder, &["--listen", "127.0.0.1:0"]).args(arguments))
    }

    /// The same with a given command.
    pub(crate) fn run(folder: &Folder, command: &mut Command) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.path("log"));
        let mut child = command.stdout(Stdio::piped()).stderr(log.expect("a log")).spawn().expect("starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("reads");
        let url = line.trim_end().strip_prefix("listening on ").unwrap_or_default().to_owned();
        let server = Self { child, stdout, url };
        assert!(!server.url.is_empty(), "{}", std::fs::read_to_string(folder.path("log")).expect("a log"));
        server
    }

    pub(crate) fn address(&self) -> &str {
        self.url.split_once("://").expect("a URL").1
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address())
    }

    pub(crate) fn get(&self, path: &str) -> String {
        get(self.address(), path)
    }

    /// The response of `/readyz` once it has this status. The store is asked once a second at most, so
    /// that it may take that long until a change shows.
    pub(crate) fn readiness(&self, status: &str) -> String {
        let began = Instant::now();
        loop {
            let answer = self.get("/readyz");
            if answer.starts_with(&format!("HTTP/1.1 {status}")) {
                return answer;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it ever had, in KiB.
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()));
        let status = status.expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
        line.trim().trim_end_matches("kB").trim().parse().expect("a number")
    }

    /// Where it serves metrics.
    pub(crate) fn metrics_address(&self, folder: &Folder) -> String {
        let status = run(folder, &["admin", "status", "--json"]);
        let status: serde_json::Value = serde_json::from_str(stdout(&status)).expect("JSON");
        status["metrics_address"].as_str().expect("an address").to_owned()
    }

    /// Asks it to stop.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("sends");
        assert!(sent.success());
    }

    /// Waits for its end: the exit code, and what else it printed.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("reads");
        (self.child.wait().expect("ends").code(), rest)
    }

    pub(crate) fn stop(self) -> (Option<i32>, String) {
        self.signal("-TERM");
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("sets");
    stream
}

/// One request over plain HTTP; the whole answer.
pub(crate) fn get(address: &str, path: &str) -> String {
    exchange(&mut connect(address), address, path)
}

pub(crate) fn exchange(stream: &mut (impl Read + Write), host: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sends");
    let mut answer = String::new();
    // TLS without a farewell is an end too.
    let _ = stream.read_to_string(&mut answer);
    answer
}
