//! Every habitual command of the project: `cargo xtask COMMAND`. CI calls exactly these.

mod bench;
mod bindings;
mod check;
mod ci;
mod demo;
mod deploy;
mod npm;
mod openapi;
mod output;
mod page;
mod page_test;
mod process;
mod seaweed;
mod test;
mod vectors;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Every habitual command of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds both programs and plays the story with them: back up, lose the device, restore.
    Demo {
        /// Keeps the vault in a bucket of SeaweedFS, which is started for it.
        #[arg(long)]
        s3: bool,
    },
    /// Runs all tests, documentation tests included.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Starts an S3 server for tests that are run by hand, and prints what they need in their environment.
    S3,
    /// Formatting, clippy, rustdoc, arrows between crates, file length, licences, words, links.
    Check {
        /// Only the checks that need no compiler.
        #[arg(long)]
        quick: bool,
    },
    /// Builds the page into target/page, and fails where it is too large.
    Page {
        /// Builds it once more elsewhere, and fails where a byte differs.
        #[arg(long)]
        check: bool,
    },
    /// Tests the page: its logic, and the built page in Chromium against the real server.
    PageTest {
        /// Only tests of the browser whose name matches this.
        filter: Option<String>,
    },
    /// Measures a restore in the page: Argon2id against the native library, and the time until the words are there.
    Bench {
        /// How often, by turns.
        #[arg(long, default_value_t = 9)]
        turns: usize,
        /// Prints the figures as JSON, in milliseconds.
        #[arg(long)]
        json: bool,
    },
    /// Generates the bindings for Kotlin, Swift and Python, and tests them against the real server.
    Bindings {
        /// Takes over a changed Swift interface.
        #[arg(long)]
        write: bool,
        /// Only measures what crossing the border costs, with what an earlier run has built.
        #[arg(long)]
        cost: bool,
        /// Packs what an app ships: sources and wheel with the optimised library. The tests are run without this.
        #[arg(long)]
        release: bool,
    },
    /// Validates what stands in deploy/: image, Compose files, proxy, unit, Terraform module and policies; and CI's script.
    DeployCheck,
    /// Writes spec/vectors anew.
    Vectors {
        /// Changes nothing, and fails where a vector differs.
        #[arg(long)]
        check: bool,
    },
    /// Writes spec/openapi.json anew.
    Openapi {
        /// Changes nothing, and fails where the description differs.
        #[arg(long)]
        check: bool,
    },
    /// Everything that has to pass before a change lands, with the seconds of each stage.
    Ci,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo { s3 } => demo::run(s3),
        Command::Test { filter } => test::run(filter.as_deref()),
        Command::S3 => seaweed::stay(),
        Command::Check { quick } => check::run(quick),
        Command::Page { check } => page::run(check),
        Command::PageTest { filter } => page_test::run(filter.as_deref()),
        Command::Bench { turns, json } => bench::run(turns, json),
        Command::Bindings { cost: true, .. } => bindings::cost(),
        Command::Bindings { release: true, .. } => bindings::release(),
        Command::Bindings { write, .. } => bindings::run(write),
        Command::DeployCheck => deploy::run(),
        Command::Vectors { check } => vectors::run(check),
        Command::Openapi { check } => openapi::run(check),
        Command::Ci => ci::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
