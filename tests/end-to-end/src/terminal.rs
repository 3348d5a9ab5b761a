//! A terminal in which the real command line asks and a person types.

use crate::Client;
use crate::texts::{Shown, Text, text};
use expectrl::{Eof, Expect, Regex, Session, process::unix::WaitStatus};
use std::process::Command;
use std::time::Duration;

/// A command on a terminal of its own.
pub struct Terminal {
    session: expectrl::session::OsSession,
    screen: String,
}

/// Far longer than any answer takes: only a command that hangs meets it.
const TIMEOUT: Duration = Duration::from_secs(60);

impl Terminal {
    /// Starts a command of a device.
    #[must_use]
    pub fn run(device: &Client, arguments: &[&str]) -> Self {
        Self::of(device.command(arguments))
    }

    /// Starts any command.
    #[must_use]
    pub fn of(mut command: Command) -> Self {
        command.env("NO_COLOR", "1");
        let mut session = Session::spawn(command).expect("the program runs");
        session.set_expect_timeout(Some(TIMEOUT));
        Self { session, screen: String::new() }
    }

    /// Waits for a prompt, then types a line.
    pub fn answer(&mut self, prompt: impl Shown, line: impl ToString) {
        self.see(prompt);
        self.session.send_line(line.to_string()).expect("it reads");
    }

    /// Waits until this is on the screen.
    pub fn see(&mut self, shown: impl Shown) {
        let pattern = shown.pattern();
        match self.session.expect(Regex(&pattern)) {
            Ok(found) => self.screen.push_str(&String::from_utf8_lossy(found.as_bytes())),
            Err(error) => {
                let rest = self.session.expect(Eof).map(|rest| rest.as_bytes().to_vec()).unwrap_or_default();
                let rest = String::from_utf8_lossy(&rest);
                panic!("{pattern:?} did not appear ({error}) after:\n{}\nthen:\n{rest}", self.screen);
            }
        }
    }

    /// Waits for what this regular expression finds, and returns it.
    pub fn read(&mut self, pattern: &str) -> String {
        let found = self.session.expect(Regex(pattern));
        let found = found
            .unwrap_or_else(|error| panic!("{pattern:?} did not appear ({error}) after:\n{}", self.screen));
        self.screen.push_str(&String::from_utf8_lossy(found.as_bytes()));
        let found = found.get(0).expect("it was found");
        String::from_utf8_lossy(found).into_owned()
    }

    /// Reads the recovery code that is shown.
    pub fn write_down(&mut self) -> String {
        self.read(r"(?m)^ {4}[a-z]+(?: [a-z]+){11}").trim().to_owned()
    }

    /// Types the two words of a recovery code that are asked for.
    pub fn confirm(&mut self, code: &str) {
        let words: Vec<_> = code.split(' ').collect();
        for _ in 0..2 {
            let place = self.read_number(&text("code.word"), "place");
            let word = words[place - 1];
            self.session.send_line(word).expect("it reads");
        }
    }

    /// Waits for a text, and returns the number in the place of its placeholder.
    fn read_number(&mut self, wanted: &Text, placeholder: &str) -> usize {
        let pattern = wanted.clone().wanting(placeholder).pattern();
        let found = self
            .session
            .expect(Regex(&pattern))
            .unwrap_or_else(|error| panic!("{pattern:?} did not appear ({error}) after:\n{}", self.screen));
        self.screen.push_str(&String::from_utf8_lossy(found.as_bytes()));
        // The whole text, then the number in it.
        let number = found.get(1).expect("the text has the number");
        String::from_utf8_lossy(number).parse().expect("digits")
    }

    /// Waits for the end; returns the exit code and all that was on the screen.
    #[must_use]
    pub fn end(mut self) -> (i32, String) {
        let rest = self.session.expect(Eof).expect("it ends");
        self.screen.push_str(&String::from_utf8_lossy(rest.as_bytes()));
        match self.session.get_process().wait() {
            Ok(WaitStatus::Exited(_, code)) => (code, self.screen),
            other => panic!("it ended otherwise: {other:?} after:\n{}", self.screen),
        }
    }
}
