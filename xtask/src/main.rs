//! Every habitual command of the project: `cargo xtask COMMAND`. CI calls exactly these.

mod arguments;
mod bench;
mod bindings;
mod build;
mod check;
mod ci;
mod demo;
mod deploy;
mod npm;
mod openapi;
mod page;
mod page_test;
mod seaweed;
mod test;
mod vectors;

use anyhow::{Result, bail};
use arguments::Arguments;
use std::process::ExitCode;
use xtask_tools::output;

const HELP: &str = "\
Every habitual command of the project

Usage: cargo xtask COMMAND

  demo [--s3]              Build both programs, back up, lose the device, restore; --s3 keeps the vault in a bucket
  test [FILTER] [--s3 | --optimised]
                           Run the tests, or those whose name contains FILTER; --s3 runs the end-to-end tests with every
                           vault in a bucket, --optimised measures memory and start of optimised programs
  s3                       Start an S3 server for tests run by hand; print what they need in their environment
  check [--quick]          Check dependencies, documents and formatting, then lint; --quick does not lint
  lint                     Run clippy and rustdoc, with every warning an error
  page [--check]           Build the page into target/page; --check builds it again elsewhere and compares
  page-test [FILTER]       Test the page's logic, and the built page in Chromium against the real server
  bench [--turns N] [--json]
                           Measure a restore in the page: Argon2id against the native library, and until the words appear
  bindings [--full | --write | --cost | --release]
                           Generate the bindings for Kotlin, Swift and Python, and test them against the real server:
                           the story of each language, or everything with --full; --write accepts a changed Swift
                           interface; --cost only measures the border; --release packs what an app ships
  deploy-check             Validate deploy/ and the script of CI
  vectors [--check]        Generate spec/vectors; --check changes nothing and fails if a vector differs
  openapi [--check]        Generate spec/openapi.json; --check changes nothing and fails if it differs
  ci                       Everything that must pass before a change lands, with the seconds of each stage
  nightly                  What finds little per run: the full form of what ci runs in part
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    match run(&command, Arguments::new(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error("xtask", &error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, mut given: Arguments) -> Result<()> {
    match command {
        "demo" => {
            let s3 = given.flag("--s3");
            given.end()?;
            demo::run(s3)
        }
        "test" => {
            let [s3, optimised] = ["--s3", "--optimised"].map(|name| given.flag(name));
            let filter = given.word();
            given.end()?;
            test::run(filter.as_deref(), test::Scope::of(s3, optimised)?)
        }
        "page-test" => {
            let filter = given.word();
            given.end()?;
            page_test::run(filter.as_deref())
        }
        "check" => {
            let quick = given.flag("--quick");
            given.end()?;
            check::run(quick)
        }
        "bench" => {
            let turns = given.number("--turns")?;
            let json = given.flag("--json");
            given.end()?;
            bench::run(turns.unwrap_or(bench::TURNS), json)
        }
        "bindings" => bindings(given),
        "page" | "vectors" | "openapi" => {
            let check = given.flag("--check");
            given.end()?;
            match command {
                "page" => page::run(check),
                "vectors" => vectors::run(check),
                _ => openapi::run(check),
            }
        }
        "s3" | "lint" | "deploy-check" | "ci" | "nightly" | "help" | "--help" | "-h" => {
            given.end()?;
            match command {
                "s3" => seaweed::stay(),
                "lint" => check::lint(),
                "deploy-check" => deploy::run(),
                "ci" => ci::run(),
                "nightly" => ci::nightly(),
                _ => {
                    output::line(HELP.trim_end());
                    Ok(())
                }
            }
        }
        "" => bail!("command required\n\n{HELP}"),
        unknown => bail!("unknown command {unknown:?}\n\n{HELP}"),
    }
}

fn bindings(mut given: Arguments) -> Result<()> {
    let [full, write, cost, release] =
        ["--full", "--write", "--cost", "--release"].map(|name| given.flag(name));
    given.end()?;
    match [full, write, cost, release] {
        [_, _, false, false] => bindings::run(full, write),
        [false, false, true, false] => bindings::cost(),
        [false, false, false, true] => bindings::release(),
        _ => bail!("--full, --write, --cost and --release exclude each other"),
    }
}
