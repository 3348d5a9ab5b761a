//! `cargo xtask bench`: a restore in the page against the library as a native program, and the time from opening the page to
//! restored words on the screen. Both by turns in one run, so that a ratio holds where a second does not.
//!
//! The page is the one that a host serves, in Debian's Chromium against the real server on this machine; each turn is a browser that
//! has never seen it. The native program stretches once in a new process, with Argon2id compiled as for a release.

mod spread;

use crate::{npm, output, page_test, process, workspace};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use spread::Spread;
use std::path::Path;
use std::process::Command;

/// What a run of the page's tests measures, so that the bench does not rot.
const SHORT: usize = 1;

/// What was measured in one turn, in milliseconds.
struct Turn {
    /// One stretching by the native program.
    native: f64,
    /// One stretching in the page.
    page: f64,
    /// From the navigation to the first screen.
    opened: f64,
    /// From the navigation to the words on the screen.
    words: f64,
}

/// Builds everything, measures, and prints what came out.
pub(crate) fn run(turns: usize, as_json: bool) -> Result<()> {
    ensure!(turns > 0, "give at least one turn");
    ensure!(Path::new(page_test::CHROMIUM).is_file(), "there is no {}", page_test::CHROMIUM);
    npm::ready()?;
    process::run(process::cargo(["xtask", "page"]).stdout(std::io::stderr()))?;
    let turns = measure(turns, &workspace::build_programs()?)?;
    if as_json {
        output::line(&as_value(&turns).to_string());
    } else {
        report(&turns);
    }
    Ok(())
}

/// The shortest measurement, with what is built already.
pub(crate) fn short(programs: &Path) -> Result<()> {
    report(&measure(SHORT, programs)?);
    Ok(())
}

fn measure(turns: usize, programs: &Path) -> Result<Vec<Turn>> {
    process::run(process::cargo(["build", "--locked", "--example", "stretch"]).args(workspace::TESTED))?;
    let mut node = Command::new("node");
    node.current_dir(npm::folder()).arg("tests/browser/bench.mjs");
    node.arg(workspace::target().join("debug/examples/stretch")).arg(turns.to_string());
    page_test::places(&mut node, programs);
    let printed = process::read(&mut node)?;
    let turns: Vec<Turn> = printed.lines().map(turn).collect::<Result<_>>()?;
    if turns.is_empty() {
        bail!("nothing was measured");
    }
    Ok(turns)
}

fn turn(line: &str) -> Result<Turn> {
    let value: Value = serde_json::from_str(line).with_context(|| format!("no measurement: {line}"))?;
    let field = |name: &str| {
        let number = value[name].as_f64().filter(|number| *number > 0.0);
        number.with_context(|| format!("no {name}: {line}"))
    };
    Ok(Turn {
        native: field("native")?,
        page: field("page")?,
        opened: field("opened")?,
        words: field("words")?,
    })
}

/// Each figure over the turns.
fn figures(turns: &[Turn]) -> [(&'static str, Spread); 6] {
    let over = |figure: fn(&Turn) -> f64| Spread::of(turns.iter().map(figure).collect());
    [
        ("native", over(|turn| turn.native)),
        ("page", over(|turn| turn.page)),
        ("ratio", over(|turn| turn.page / turn.native)),
        ("opened", over(|turn| turn.opened)),
        ("words", over(|turn| turn.words)),
        ("share", over(|turn| turn.page / turn.words)),
    ]
}

/// The fastest of each side as a ratio: what else runs on the machine makes a stretching slower, and none faster.
fn fastest(native: &Spread, page: &Spread) -> f64 {
    page.least / native.least
}

fn report(turns: &[Turn]) {
    let [native, page, ratio, opened, words, share] = figures(turns).map(|(_, spread)| spread);
    let fastest = fastest(&native, &page);
    output::line(&format!(
        "a restore in the page, {} times: the median (the least to the most)",
        turns.len()
    ));
    output::line(&format!("  Argon2id, native             {} ms", native.shown(0)));
    output::line(&format!("  Argon2id, page               {} ms", page.shown(0)));
    output::line(&format!(
        "  page against native          {}, the fastest of each {fastest:.2}",
        ratio.shown(2)
    ));
    output::line(&format!("  page opened, first screen    {} ms", opened.shown(0)));
    output::line(&format!("  page opened, words restored  {} ms", words.shown(0)));
    output::line(&format!("  of which Argon2id            {} %", share.times(100.0).shown(0)));
}

fn as_value(turns: &[Turn]) -> Value {
    let figures = figures(turns);
    let mut value = json!({ "turns": turns.len(), "fastest": fastest(&figures[0].1, &figures[1].1) });
    for (name, spread) in figures {
        value[name] = spread.value();
    }
    value
}
