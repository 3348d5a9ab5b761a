//! The command line: what is said to the operator, and with which exit code.

mod admin;
mod arguments;
mod copy;
mod health;
mod process;
mod replace_root_secret;
mod root_secret;
mod store;
mod sweep;

use anyhow::Context;
use arguments::{Arguments, Command, ConfigCommand};
use clap::FromArgMatches;
use rootcellar_server::config::{Config, ConfigError, Merged};
use rootcellar_server::serve::{self, StartError};
use rootcellar_server::telemetry::logs;
use std::io::{self, Write};
use std::process::ExitCode;

/// Something failed that no other code names, or a start that may succeed later without being mended.
const FAILED: u8 = 1;
/// The command line or the settings are wrong; clap uses it too.
const USAGE: u8 = 2;
/// What a start needs is missing or wrong: root secret, store, address or certificate. Commands fail of the same with it.
const NO_START: u8 = 3;
/// No server answers, or the one that answers is not healthy.
const NO_SERVER: u8 = 4;

/// An argument is wrong in a way that clap does not see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misused(String);

pub(crate) fn main() -> ExitCode {
    let matches = arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut message = String::from("rootcellar-server: ");
            for (index, cause) in error.chain().enumerate() {
                let separator = if index == 0 { "" } else { ": " };
                message.push_str(separator);
                message.push_str(&cause.to_string());
            }
            // Nobody is left to tell when standard error is gone.
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::from(code(&error))
        }
    }
}

fn code(error: &anyhow::Error) -> u8 {
    if error.is::<ConfigError>() || error.is::<Misused>() {
        USAGE
    } else if matches!(error.downcast_ref(), Some(StartError::Away(_))) {
        FAILED
    } else if error.is::<StartError>()
        || error.is::<store::Unusable>()
        || error.is::<root_secret::Missing>()
        || error.is::<rootcellar_server::root_secret::file::FileError>()
    {
        NO_START
    } else if error.is::<rootcellar_server::admin::AskError>() || error.is::<health::Unhealthy>() {
        NO_SERVER
    } else {
        FAILED
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
            clap_mangen::Man::new(arguments::command()).render(&mut text).context("making the page")?;
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
            say("the settings are good")
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

/// Variables that are text; others cannot be settings.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn start(config: &Config) -> anyhow::Result<()> {
    logs::start(config.log);
    process::forbid_core_dumps();
    let starting = process::end_on_panic();
    let runtime = process::runtime().context("starting the threads")?;
    let ready = |url: &str| {
        drop(starting);
        // Who started the server without listening to it does not want to know.
        let _ = say(&format!("listening on {url}"));
    };
    Ok(runtime.block_on(serve::run(config, ready))?)
}

/// Writes what is long and can be had again; who stops reading has seen enough.
fn page(text: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("writing to standard output"),
    }
}

/// Writes one line, or several, for the operator.
fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("writing to standard output")
}
