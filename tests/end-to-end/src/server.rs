//! A running vault.

use crate::bucket::{self, Bucket};
use crate::clock::Clock;
use crate::http::TIMEOUT;
use crate::programs::server_program;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A vault, in a folder of its own or in a part of the test bucket; ended when it is dropped.
pub struct Server {
    folder: TempDir,
    arguments: Vec<String>,
    bucket: Option<Bucket>,
    /// What leads to the bucket.
    way: Vec<String>,
    clock: Option<Clock>,
    running: Option<(Child, SocketAddr)>,
    starts: u32,
}

impl Server {
    /// Starts a vault that everyone may register with.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a vault with further arguments. Where `ROOTCELLAR_TEST_STORE` is `s3`, it is in the bucket.
    #[must_use]
    pub fn with(arguments: &[&str]) -> Self {
        if bucket::is_wanted() {
            let bucket = Bucket::fresh().expect("ROOTCELLAR_TEST_S3 names a server");
            let server = bucket.server();
            return Self::in_bucket(bucket, server, arguments);
        }
        let mut server = Self::new(None, arguments);
        server.restart();
        server
    }

    /// Starts a vault in a folder, with this clock.
    #[must_use]
    pub fn with_clock(clock: &Clock, arguments: &[&str]) -> Self {
        let mut server = Self::new(None, arguments);
        server.clock = Some(clock.clone());
        server.restart();
        server
    }

    /// Starts a new vault in this part of the bucket, which it reaches over `way`: the S3 server or a wire to it.
    #[must_use]
    pub fn in_bucket(bucket: Bucket, way: SocketAddr, arguments: &[&str]) -> Self {
        let arguments_of_bucket = bucket.arguments(way).to_vec();
        let mut server = Self::new(Some(bucket), arguments);
        server.way = arguments_of_bucket;
        // In a bucket neither a root secret nor a vault is made without being asked for.
        let _ = server.administer(&["root-secret", "new"]);
        let _ = server.administer(&[&["store", "init"], arguments].concat());
        server.restart();
        server
    }

    /// Starts another process of the same vault in the bucket, with a folder of its own.
    #[must_use]
    pub fn replica(&self) -> Self {
        let mut replica = self.beside(self.bucket.clone());
        replica.way.clone_from(&self.way);
        replica.restart();
        replica
    }

    /// Starts a vault on a copy of this one's data, which must be stopped.
    #[must_use]
    pub fn fork(&self) -> Self {
        assert!(self.running.is_none(), "a running vault cannot be copied");
        let mut fork = self.beside(self.bucket.as_ref().map(Bucket::copy));
        if let Some(bucket) = &fork.bucket {
            fork.way = bucket.arguments(bucket.server()).to_vec();
        }
        fork
    }

    fn new(bucket: Option<Bucket>, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { folder, arguments, bucket, way: Vec::new(), clock: None, running: None, starts: 0 }
    }

    /// With a copy of the files of its data folder.
    fn beside(&self, bucket: Option<Bucket>) -> Self {
        let mut other = Self::new(bucket, &[]);
        other.arguments.clone_from(&self.arguments);
        fs::create_dir(other.data()).expect("a folder");
        for file in fs::read_dir(self.data()).expect("the data folder") {
            let file = file.expect("an entry");
            if file.file_type().expect("a type").is_file() {
                fs::copy(file.path(), other.data().join(file.file_name())).expect("a copy");
            }
        }
        other
    }

    /// Starts it again, on its data and on a new port.
    pub fn restart(&mut self) {
        self.stop();
        self.starts += 1;
        let log = File::create(self.log_file(self.starts)).expect("a log file");
        let mut command = server_program();
        if let Some(clock) = &self.clock {
            clock.set(&mut command);
        }
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(self.data())
            .args(&self.way)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("it prints where it listens");
        let address = line.trim().rsplit_once("//").and_then(|(_, address)| address.parse().ok());
        let Some(address) = address else { panic!("no address in {line:?}: {}", self.log()) };
        self.running = Some((child, address));
    }

    /// Kills it as a power cut would.
    pub fn stop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it ends");
        }
    }

    /// Asks it to end, as an operator does, and waits until it has.
    pub fn end(&mut self) {
        let (mut child, _) = self.running.take().expect("it runs");
        let id = i32::try_from(child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGTERM).expect("it is signalled");
        let status = child.wait().expect("it ends");
        assert!(status.success(), "{status}: {}", self.log());
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("it runs").1
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("it runs").0.id()
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Whether its store is the bucket.
    #[must_use]
    pub fn is_in_bucket(&self) -> bool {
        self.bucket.is_some()
    }

    /// Its data folder. Beside a bucket, the root secret is all that lasts in it.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything that it has stored, the root secret left out: files, and objects of the bucket.
    #[must_use]
    pub fn stored(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut stored = files_below(&self.data());
        stored.retain(|(path, _)| !path.ends_with("root-secret"));
        let objects = self.bucket.as_ref().map(Bucket::objects).unwrap_or_default();
        stored.extend(objects.into_iter().map(|(name, body)| (PathBuf::from(name), body)));
        stored
    }

    /// All that it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        (1..=self.starts).map(|start| fs::read_to_string(self.log_file(start)).unwrap_or_default()).collect()
    }

    fn log_file(&self, start: u32) -> PathBuf {
        self.folder.path().join(format!("log-{start}"))
    }

    /// Another command of the server's program on the same data.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = server_program();
        command.args(arguments).arg("--data").arg(self.data()).args(&self.way);
        command
    }

    /// Runs another command of the server's program on the same data; returns its standard output.
    #[must_use]
    pub fn administer(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the program runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Sends a request as it stands and returns the whole answer.
    #[must_use]
    pub fn raw(&self, request: &[u8]) -> String {
        answer(self.address(), request)
    }
}

/// Sends bytes to an address and reads until the other side closes.
fn answer(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("it is set");
    stream.write_all(request).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Every file below a folder, with its bytes.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("a readable file");
            files.push((path, bytes));
        }
    }
    files
}
