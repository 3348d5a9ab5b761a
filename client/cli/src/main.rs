//! `rootcellar`, the command line of a person who backs up seeds. All protocol and all cryptography live in
//! `rootcellar-client`; here are arguments, prompts, the home folder and what is printed.

mod access;
mod args;
mod code_notice;
mod commands;
mod connection;
mod device_store;
mod device_view;
mod enrolling;
mod entry_input;
mod entry_match;
mod entry_view;
mod exit;
mod failure;
mod history_view;
mod home;
mod marked;
mod new_passphrase;
mod new_recovery_code;
mod output;
mod progress;
mod qr;
mod recovery_code_input;
mod secret_input;
mod secret_output;
mod secret_text;
mod terminal;
mod text;
mod time_text;
mod word_input;

use args::{Arguments, ColorWhen};
use exit::{Exit, Failure};
use output::Output;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => return refuse_usage(&error),
    };
    leave_no_core_dump();
    let global = &arguments.global;
    let output = Output::new(global.json, global.quiet, global.color);
    match run(&arguments, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// A core dump would hold passphrases and seeds.
fn leave_no_core_dump() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // Lowering a limit is always allowed; were it not, the command would still be worth running.
    let _ = setrlimit(Resource::Core, none);
}

/// One thread: the client does one thing at a time, and its memory is bounded.
fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(1)
        .thread_stack_size(512 * 1024)
        .build()
        .map_err(|error| Failure::file(text::file::START, &error))?;
    runtime.block_on(commands::run(arguments, output))
}

/// Help and version are no failures; wrong usage is one, in JSON where that was asked for.
fn refuse_usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os()
        .skip(1)
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json");
    if !error.use_stderr() || !json {
        // Where nothing can be printed, the exit code still says it.
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(Exit::Usage as u8) } else { ExitCode::SUCCESS };
    }
    let text = error.render().to_string();
    let message = text.trim().trim_start_matches("error: ");
    let failure = Failure::usage(message);
    Output::new(true, false, ColorWhen::Never).failure(&failure);
    ExitCode::from(failure.exit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getrlimit;

    #[test]
    fn core_dumps_are_off() {
        leave_no_core_dump();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
    }
}
