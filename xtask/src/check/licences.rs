//! Every dependency bears a licence that MIT or Apache-2.0 code may ship with, and comes from the one registry.

use super::Findings;
use serde_json::Value;

/// Licences that ask for no more than a notice.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages under MPL-2.0, which asks that changes to their own files are passed on: these are used as they are, and what they
/// generate is not theirs.
const UNCHANGED: &str = "uniffi";

pub(super) fn check(metadata: &Value) -> Findings {
    let mut findings = Findings::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or("?");
        match package["license"].as_str() {
            Some(licence) if allowed(licence) => {}
            Some("MPL-2.0") if name == UNCHANGED || name.starts_with("uniffi_") => {}
            Some(licence) => findings.push(format!("{name}: {licence} is not on the list")),
            None => findings.push(format!("{name} names no licence")),
        }
        if package["source"].as_str().is_some_and(|source| !source.starts_with("registry+")) {
            findings.push(format!("{name} does not come from the registry"));
        }
    }
    findings
}

/// Whether an SPDX expression can be met with allowed licences alone. `AND` binds closer than `OR`; the old `A/B` is
/// `A OR B`; `L WITH exception` only widens L. Anything unreadable is refused.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let verdict = any(&mut rest);
    verdict && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut verdict = all(rest);
    while let [word, tail @ ..] = *rest {
        if *word != "OR" {
            break;
        }
        *rest = tail;
        verdict |= all(rest);
    }
    verdict
}

fn all(rest: &mut &[&str]) -> bool {
    let mut verdict = one(rest);
    while let [word, tail @ ..] = *rest {
        if *word != "AND" {
            break;
        }
        *rest = tail;
        verdict &= one(rest);
    }
    verdict
}

fn one(rest: &mut &[&str]) -> bool {
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let verdict = any(rest);
            let [")", tail @ ..] = *rest else { return false };
            *rest = tail;
            verdict
        }
        [licence, "WITH", _, tail @ ..] | [licence, tail @ ..] => {
            *rest = tail;
            ALLOWED.contains(licence)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-2.0 OR MIT AND ISC",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0", "MIT GPL-3.0", ""] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
