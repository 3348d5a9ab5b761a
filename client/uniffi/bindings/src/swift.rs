//! Swift, as far as a machine without its compiler can: what is generated is held against the interface in
//! `client/uniffi/swift/interface.txt`, parsed by the grammar of tree-sitter, and its C header read by a C compiler; the guide is
//! parsed, too, and what it names must be in the interface.

use crate::guide;
use crate::places::{fresh, source};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_tools::{process, workspace};

/// How a declaration of the interface begins.
const DECLARES: &[&str] = &[
    "case ",
    "open class ",
    "open func ",
    "public convenience init",
    "public enum ",
    "public func ",
    "public init(",
    "public let ",
    "public protocol ",
    "public static func open",
    "public struct ",
    "public var ",
    "func ",
];
/// What is public for the generated code alone.
const INNER: &[&str] =
    &["FfiConverter", "Handle", "RustBuffer", "hash(into", "noHandle", "uniffi", "Uniffi", "UInt64) throws"];

/// Checks what was generated; with `write`, takes its interface over.
pub(super) fn check(generated: &Path, parser: &Path, write: bool) -> Result<()> {
    let swift = generated.join("Rootcellar.swift");
    let found = interface(&std::fs::read_to_string(&swift)?);
    let golden = source().join("swift/interface.txt");
    if write {
        std::fs::write(&golden, &found)?;
    }
    let known = std::fs::read_to_string(&golden).unwrap_or_default();
    if known != found {
        let differs = |(one, other): &(&str, &str)| one != other;
        let first = known.lines().zip(found.lines()).find(differs).map_or("its length", |(_, found)| found);
        bail!(
            "the Swift interface has changed at '{first}': look at it, and run 'cargo xtask bindings --write'"
        );
    }
    header(&generated.join("rootcellarFFI.h"))?;
    let code = guide::code("swift")?;
    names_what_there_is(&code, &found)?;
    let guide = fresh("swift-guide")?.join("guide.swift");
    std::fs::write(&guide, code)?;
    process::run(Command::new(parser).arg(source().join("swift/parse.py")).args([swift, guide]))
}

/// The declarations that an app sees, in their order.
fn interface(source: &str) -> String {
    let declares = |line: &&str| {
        let is_declared = DECLARES.iter().any(|start| line.starts_with(start));
        let redacts = line.starts_with("extension ") && line.contains("CustomReflectable");
        (is_declared || redacts) && !INNER.iter().any(|inner| line.contains(inner))
    };
    let lines = source.lines().map(str::trim).filter(declares);
    lines.map(|line| format!("{}\n", line.trim_end_matches('{').trim_end())).collect()
}

/// Every name before a parenthesis or a colon in the guide, but for Swift's own.
fn names_what_there_is(code: &str, interface: &str) -> Result<()> {
    const SWIFTS: &[&str] = &["Data", "String", "print", "resetBytes", "decoding"];
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let words = |text: &str| text.split(|c: char| !is_name(c)).map(str::to_owned).collect::<BTreeSet<_>>();
    let known = words(interface);
    for (at, _) in code.match_indices('(') {
        let name = code[..at].rsplit(|c: char| !is_name(c)).next().unwrap_or_default();
        let is_own = code.contains(&format!("func {name}("));
        if !name.is_empty() && !is_own && !known.contains(name) && !SWIFTS.contains(&name) {
            bail!("swift.md calls {name}, which the interface does not have");
        }
    }
    Ok(())
}

/// The header through a C compiler, which does not know what Clang says of pointers that may be null.
fn header(header: &Path) -> Result<()> {
    let folder = fresh("swift-header")?;
    let unit = folder.join("header.c");
    std::fs::write(&unit, format!("#include \"{}\"\n", header.display()))?;
    let mut compiler = Command::new("cc");
    process::run(
        compiler.args(["-fsyntax-only", "-Wall", "-Werror", "-D_Nullable=", "-D_Nonnull="]).arg(unit),
    )
}

/// The Python that has the parser.
pub(super) fn parser() -> Result<PathBuf> {
    let python = workspace::program("python")
        .or_else(|| workspace::program("python3"))
        .context("Python is missing")?;
    if !process::works(Command::new(&python).args(["-c", "import tree_sitter, tree_sitter_swift"])) {
        bail!("tree-sitter and its grammar of Swift are missing: .ci/validators-bindings.txt names them");
    }
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_what_an_app_sees() {
        let source = "public struct Saved {\n    public var number: UInt64\n    fileprivate let x: Int\n}\npublic func FfiConverterTypeSaved_lift(_ x: Int) {\n";
        assert_eq!(interface(source), "public struct Saved\npublic var number: UInt64\n");
    }

    #[test]
    fn a_guide_names_nothing_that_is_not_there() {
        assert!(names_what_there_is("Data(x.save(y))", "open func save(change: Change)\n").is_ok());
        assert!(names_what_there_is("x.store(y)", "open func save(change: Change)\n").is_err());
    }
}
