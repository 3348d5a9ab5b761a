//! Top-level modules of a crate import each other in one direction: no cycle.
//!
//! The imports that were part of a cycle when this check began are listed in `cycles.txt`. The list only shrinks: an import
//! that is not on it and is part of a cycle is a finding, and so is a line that is no longer needed.

use rootcellar_tree::{Findings, nothing_in, texts_with};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The crates in which modules are layers.
const CRATES: &[&str] = &["client/core", "client/local", "server", "server/vault"];

/// Each line is a crate, a module and a module that it imports.
const KNOWN: &str = include_str!("cycles.txt");

/// Modules with the modules that they import.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn modules_form_no_new_cycle() {
    let texts: Vec<_> = texts_with("rs").collect();
    let mut cyclic = BTreeSet::new();
    for name in CRATES {
        let folder = Path::new(name).join("src");
        let inside = texts.iter().filter_map(|(file, text)| {
            let file = file.strip_prefix(&folder).ok()?;
            Some((file.to_string_lossy().into_owned(), text.clone()))
        });
        let edges = in_cycles(&imports(&inside.collect::<Vec<_>>())).into_iter();
        cyclic.extend(edges.map(|(from, to)| format!("{name} {from} {to}")));
    }
    nothing_in(&compare(&cyclic, KNOWN));
}

fn compare(cyclic: &BTreeSet<String>, known: &str) -> Findings {
    let known: BTreeSet<String> =
        known.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    let new = cyclic.difference(&known).map(|edge| {
        format!(
            "import cycle, crate, module and what it imports: {edge}. Move what both need into a third module"
        )
    });
    let gone = known.difference(cyclic).map(|edge| {
        format!("no import cycle any more, remove the line from tests/tree/checks/cycles.txt: {edge}")
    });
    new.chain(gone).collect()
}

/// What each top-level module imports, outside of tests.
fn imports(sources: &[(String, String)]) -> Imports {
    let is_root = |path: &str| matches!(path, "lib.rs" | "main.rs");
    let module = |path: &str| path.split(['/', '.']).next().unwrap_or_default().to_owned();
    let modules: BTreeSet<String> =
        sources.iter().filter(|(path, _)| !is_root(path)).map(|(path, _)| module(path)).collect();
    let root = sources.iter().find(|(path, _)| path == "lib.rs").map_or("", |(_, text)| text);
    let exported = exports(root);
    let mut imports = Imports::new();
    for (path, text) in sources.iter().filter(|(path, _)| !is_root(path) && !is_test(path)) {
        let (from, code) = (module(path), code(text));
        // Only in a module of the top level is `super` the root.
        let is_top = *path == format!("{from}.rs") || *path == format!("{from}/mod.rs");
        let mut names = named_after(&code, "crate::");
        if is_top {
            names.extend(named_after(&code, "super::"));
        }
        let named = names.into_iter().filter_map(|name| match modules.contains(&name) {
            true => Some(name),
            false => exported.get(&name).cloned(),
        });
        imports.entry(from.clone()).or_default().extend(named.filter(|to| *to != from));
    }
    imports
}

/// Whether a file contains only tests.
fn is_test(path: &str) -> bool {
    path.split(['/', '.']).any(|part| part == "tests" || part.ends_with("_tests"))
}

/// What the root gives under another module's name: `pub use session::{Change, Session}`.
fn exports(root: &str) -> BTreeMap<String, String> {
    let mut exported = BTreeMap::new();
    for rest in code(root).split("pub use ").skip(1) {
        let Some((path, _)) = rest.split_once(';') else { continue };
        let Some((module, names)) = path.split_once("::") else { continue };
        let names = names.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty());
        exported.extend(names.map(|name| (name.to_owned(), module.trim().to_owned())));
    }
    exported
}

/// A source up to its tests, without comments and without the space in it.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.flat_map(|line| line.trim().chars().chain([' '])).collect()
}

/// The first name of each path after a start such as `crate::`, those in braces included.
fn named_after(code: &str, start: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for rest in code.split(start).skip(1) {
        let Some(list) = rest.trim_start().strip_prefix('{') else {
            names.push(name(rest));
            continue;
        };
        let (mut depth, mut begin) = (0_usize, 0);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    names.push(name(&list[begin..at]));
                    begin = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    names
}

/// Every import whose target leads back to its source.
fn in_cycles(imports: &Imports) -> Vec<(String, String)> {
    let edges = imports.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to)));
    edges
        .filter(|(from, to)| reaches(imports, to, from))
        .map(|(from, to)| (from.clone(), to.clone()))
        .collect()
}

fn reaches(imports: &Imports, from: &str, to: &str) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(next) = waiting.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            waiting.extend(imports.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

fn edges(sources: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<_> = sources.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
    in_cycles(&imports(&sources)).into_iter().map(|(from, to)| format!("{from} {to}")).collect()
}

#[test]
fn cycles_are_found_through_lists_exports_and_super() {
    let root = ("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::{Inner, Other as Renamed};");
    let leaf = ("c.rs", "use crate::a::X; // crate::d\n");
    let imports_in_a_list = ("a/part.rs", "use crate::{\n    c::{self, Deep},\n    unknown,\n};");
    assert_eq!(edges(&[root, leaf, imports_in_a_list]), ["a c", "c a"]);
    assert_eq!(
        edges(&[root, ("a.rs", "fn f(_: crate::Inner) {}"), ("b.rs", "use super::a;")]),
        ["a b", "b a"]
    );
    assert_eq!(edges(&[root, ("a.rs", "use crate::b;"), ("b.rs", "use crate::c;"), leaf]).len(), 3);
}

#[test]
fn tests_comments_and_one_way_are_no_cycle() {
    let root = ("lib.rs", "mod a;\nmod b;");
    let one_way = ("b.rs", "use crate::a;");
    assert!(
        edges(&[root, one_way, ("a.rs", "/// [`crate::b`]\n#[cfg(test)]\nmod tests { use crate::b; }")])
            .is_empty()
    );
    assert!(edges(&[root, one_way, ("a/tests.rs", "use crate::b;")]).is_empty());
    // Here `super` is the module `a` itself.
    assert!(edges(&[root, one_way, ("a/part.rs", "use super::b;")]).is_empty());
}

#[test]
fn a_new_import_and_a_line_without_need_are_found() {
    let cyclic = BTreeSet::from(["x a b".to_owned(), "x b a".to_owned()]);
    assert!(compare(&cyclic, "# known\nx a b\nx b a\n").is_empty());
    assert_eq!(compare(&cyclic, "x a b\n").len(), 1);
    assert_eq!(compare(&cyclic, "x a b\nx b a\nx c d\n").len(), 1);
}
