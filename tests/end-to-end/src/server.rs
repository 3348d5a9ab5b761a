//! A running vault.

use crate::programs::server_program;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// A vault in a folder of its own; ended when it is dropped.
pub struct Server {
    folder: TempDir,
    arguments: Vec<String>,
    running: Option<(Child, SocketAddr)>,
    starts: u32,
}

impl Server {
    /// Starts a vault that everyone may register with.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a vault with further arguments.
    #[must_use]
    pub fn with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut server = Self { folder, arguments, running: None, starts: 0 };
        server.restart();
        server
    }

    /// Starts a vault on a copy of this one's data, which must be stopped.
    #[must_use]
    pub fn fork(&self) -> Self {
        assert!(self.running.is_none(), "a running vault cannot be copied");
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("data")).expect("a folder");
        for file in fs::read_dir(self.data()).expect("the data folder") {
            let file = file.expect("an entry");
            if !file.file_type().expect("a type").is_file() {
                continue;
            }
            fs::copy(file.path(), folder.path().join("data").join(file.file_name())).expect("a copy");
        }
        Self { folder, arguments: self.arguments.clone(), running: None, starts: 0 }
    }

    /// Starts it again, on its data and on a new port.
    pub fn restart(&mut self) {
        self.stop();
        self.starts += 1;
        let log = File::create(self.log_file(self.starts)).expect("a log file");
        let mut child = server_program()
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(self.data())
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

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All that it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        (1..=self.starts).map(|start| fs::read_to_string(self.log_file(start)).unwrap_or_default()).collect()
    }

    fn log_file(&self, start: u32) -> PathBuf {
        self.folder.path().join(format!("log-{start}"))
    }

    /// Runs another command of the server's program on the same data; returns its standard output.
    #[must_use]
    pub fn administer(&self, arguments: &[&str]) -> String {
        let output = server_program()
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .output()
            .expect("the program runs");
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
