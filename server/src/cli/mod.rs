//! The command line: its commands, and how it prints results and errors.

mod admin;
mod arguments;
mod copy;
mod failure;
mod health;
mod process;
mod replace_root_secret;
mod root_secret;
mod store;
mod sweep;

use anyhow::Context;
use arguments::{Arguments, Command, ConfigCommand};
use clap::FromArgMatches;
use rootcellar_server::config::{Config, Merged};
use rootcellar_server::serve;
use rootcellar_server::telemetry::logs;
use std::io::{self, Write};
use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    let matches = arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, there is no place to report it.
            let _ = writeln!(io::stderr(), "{}", failure::text(&error));
            ExitCode::from(failure::code(&error).exit())
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut arguments::command(), "rootcellar-server", &mut script);
            return page(&script);
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(arguments::command())
                .render(&mut text)
                .context("Cannot write the manual page.")?;
            return page(&text);
        }
        _ => {}
    }
    let merged = Merged::gather(&arguments.flags, environment())?;
    if let Some(Command::Copy { from, to, json }) = &arguments.command {
        return copy::run(&merged, from, to, *json);
    }
    let config = Config::read(&merged)?;
    match arguments.command {
        None => start(&config),
        Some(Command::Config { command: ConfigCommand::Check }) => {
            serve::check(&config)?;
            say("The settings are valid.")
        }
        Some(Command::Config { command: ConfigCommand::Print { .. } }) => {
            page(config.redacted(&merged).as_bytes())
        }
        Some(Command::RootSecret { command }) => root_secret::run(&config, &command),
        Some(Command::Store { command }) => store::run(&config, &command),
        Some(Command::Admin { command }) => admin::run(&config, command),
        Some(Command::Healthcheck) => health::check(&config),
        Some(Command::Copy { .. } | Command::Completions { .. } | Command::Man) => Ok(()),
    }
}

/// The variables that are UTF-8. Others cannot be settings.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn start(config: &Config) -> anyhow::Result<()> {
    logs::start(config.log);
    process::forbid_core_dumps();
    let starting = process::end_on_panic();
    let runtime = process::runtime().context(NO_THREADS)?;
    let ready = |url: &str| {
        drop(starting);
        // A closed standard output must not stop the server.
        let _ = say(&format!("listening on {url}"));
    };
    Ok(runtime.block_on(serve::run(config, ready))?)
}

/// Writes a long text. A reader that closes the pipe early is not an error.
fn page(text: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("Cannot write to standard output."),
    }
}

/// Writes one or more lines to standard output.
fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("Cannot write to standard output.")
}

/// The runtime's threads cannot be created.
const NO_THREADS: &str = "Cannot start threads. Check the limits of this process.";
