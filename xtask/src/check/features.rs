//! Every build of `cargo xtask` gives third-party crates the same features, so that each is compiled once: what the programs and
//! generators lack beside the tests is in `tests/features`. Macros and build scripts are not checked.

use crate::build::{Programs, TESTED};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use xtask_tools::process;

/// A crate's version, with each set of features that it is built with.
type Crates = BTreeMap<String, BTreeSet<String>>;

/// Packages that are built along with the programs.
const ALONG: &[&str] = &["rootcellar-demo", "rootcellar-uniffi", "rootcellar-bindings", "rootcellar-page"];

pub(super) fn check() -> Result<Vec<String>> {
    let whole = tree(&TESTED, &[], "normal,dev,no-proc-macro")?;
    let small = tree(&Programs::SMALL.selection(), &["-p", ALONG[0]], "normal,no-proc-macro")?;
    let programs = tree(&Programs::WHOLE.selection(), &[], "normal,no-proc-macro")?;
    let mut findings =
        [small, programs].iter().flat_map(|tree| missing(tree, &whole)).collect::<BTreeSet<_>>();
    for package in &ALONG[1..] {
        findings.extend(missing(
            &tree(&Programs::WHOLE.selection(), &["-p", package], "normal,no-proc-macro")?,
            &whole,
        ));
    }
    Ok(findings.into_iter().collect())
}

/// What `cargo tree` says of the crates of a registry.
fn tree(selection: &[&str], more: &[&str], edges: &str) -> Result<Crates> {
    let mut cargo =
        process::cargo(["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p}|{f}"]);
    let listed = process::read(cargo.args(["--edges", edges]).args(selection).args(more))?;
    Ok(read(&listed))
}

fn read(listed: &str) -> Crates {
    let mut crates = Crates::new();
    for line in listed.lines() {
        let Some((package, features)) = line.split_once('|') else { continue };
        // A path follows the members of the workspace, and remarks the macros and what was listed before.
        let package = package.trim_end_matches(" (proc-macro)");
        let features = features.trim_end_matches(" (*)");
        if !package.contains('(') {
            crates.entry(package.to_owned()).or_default().insert(features.to_owned());
        }
    }
    crates
}

/// Crates that the tests have with other features.
fn missing(built: &Crates, tested: &Crates) -> Vec<String> {
    let mut findings = Vec::new();
    for (package, sets) in built {
        let Some(whole) = tested.get(package) else { continue };
        findings.extend(sets.difference(whole).map(|set| {
            let whole = whole.iter().map(String::as_str).collect::<Vec<_>>().join("] or [");
            format!("{package} is built with [{set}], the tests have [{whole}]: add what is missing to tests/features")
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_with_fewer_features_is_found() {
        let tested = read("one v1.0.0|a,b\none v1.0.0|a (*)\ntwo v1.0.0 (proc-macro)|\nown v0.1.0 (/x)|x\n");
        assert!(missing(&read("one v1.0.0|a\ntwo v1.0.0|\nown v0.1.0 (/x)|\n"), &tested).is_empty());
        assert_eq!(missing(&read("one v1.0.0|b\n"), &tested).len(), 1);
        assert_eq!(missing(&read("two v1.0.0|z\n"), &tested).len(), 1);
    }
}
