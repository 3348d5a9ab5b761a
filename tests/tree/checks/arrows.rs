//! Arrows between crates run one way: cli, uniffi → client core → spec ← store ← vault ← server. Tests may depend on both
//! sides.

use rootcellar_tree::nothing_in;
use std::collections::{BTreeMap, BTreeSet};
use xtask_tools::process;

/// Each member and the members that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("rootcellar-spec", &[]),
    ("rootcellar-client", &["rootcellar-spec"]),
    ("rootcellar-cli", &["rootcellar-client", "rootcellar-spec"]),
    ("rootcellar-uniffi", &["rootcellar-client", "rootcellar-end-to-end", "rootcellar-spec"]),
    ("rootcellar-web", &["rootcellar-client", "rootcellar-spec"]),
    ("rootcellar-store", &["rootcellar-spec"]),
    ("rootcellar-s3", &["rootcellar-spec", "rootcellar-store"]),
    ("rootcellar-vault", &["rootcellar-spec", "rootcellar-store"]),
    ("rootcellar-server", &["rootcellar-s3", "rootcellar-spec", "rootcellar-store", "rootcellar-vault"]),
    ("rootcellar-conformance", &["rootcellar-client", "rootcellar-server", "rootcellar-spec"]),
    ("rootcellar-end-to-end", &["rootcellar-client", "rootcellar-server", "rootcellar-spec"]),
    (
        "rootcellar-faults",
        &[
            "rootcellar-client",
            "rootcellar-server",
            "rootcellar-spec",
            "rootcellar-store",
            "rootcellar-vault",
        ],
    ),
    ("rootcellar-demo", &[]),
    ("rootcellar-features", &[]),
    ("rootcellar-tree", &["xtask-tools"]),
    ("rootcellar-bindings", &["xtask-tools"]),
    ("rootcellar-page", &["xtask-tools"]),
    ("xtask", &["xtask-tools"]),
    ("xtask-tools", &[]),
];

/// What must not be linked into a program by any way: the start of a package's name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("rootcellar-spec", &["aws-", "axum", "tokio", "reqwest"]),
    ("rootcellar-client", &["aws-", "axum", "redb", "rootcellar-server"]),
    ("rootcellar-cli", &["aws-", "axum", "redb", "rootcellar-server"]),
    ("rootcellar-uniffi", &["aws-", "axum", "redb", "rootcellar-server"]),
    ("rootcellar-web", &["aws-", "axum", "redb", "rootcellar-server"]),
    ("rootcellar-vault", &["axum", "http", "hyper", "redb", "reqwest", "tower"]),
    ("rootcellar-server", &["reqwest", "rootcellar-cli", "rootcellar-client"]),
    // It is compiled before anything else starts.
    ("xtask", &["clap", "tokio", "uniffi", "wasm-bindgen-cli"]),
];

/// Of every platform and with every feature: the depth, then name, version and place of each package.
const EVERYTHING: [&str; 7] =
    ["tree", "--workspace", "--locked", "--offline", "--target=all", "--all-features", "--prefix=depth"];

#[test]
fn members_depend_on_each_other_one_way() {
    let mut cargo = process::cargo(EVERYTHING);
    let direct = cargo.args(["--no-dedupe", "--depth=1", "--edges=normal,build,dev"]);
    nothing_in(&unlisted(&process::read(direct).expect("cargo knows the workspace")));
}

#[test]
fn no_program_links_what_another_layer_needs() {
    let tree = process::read(process::cargo(EVERYTHING).arg("--edges=normal,build"));
    let tree = tree.expect("cargo knows the workspace");
    let needed = needed(&tree);
    assert!(FORBIDDEN.iter().all(|(from, _)| needed.contains_key(from)), "a member that there is not");
    let findings = FORBIDDEN.iter().flat_map(|(from, starts)| forbidden(from, starts, &needed));
    nothing_in(&findings.collect::<Vec<_>>());
}

/// Packages of a tree with their depths.
fn packages(tree: &str) -> impl Iterator<Item = (usize, &str)> {
    tree.lines().filter_map(|line| {
        let name = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let depth = line[..line.len() - name.len()].parse().ok()?;
        Some((depth, name.split(' ').next()?))
    })
}

/// What each package needs to be built and run, by name: two versions are one here, which can only find too much. A tree names the
/// dependencies of a package once.
fn needed(tree: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let (mut needed, mut path) = (BTreeMap::<_, BTreeSet<_>>::new(), Vec::new());
    for (depth, name) in packages(tree) {
        path.truncate(depth);
        if let Some(from) = path.last() {
            needed.entry(*from).or_default().insert(name);
        }
        path.push(name);
    }
    needed
}

/// Members that are not listed, and their dependencies on members that are not allowed.
fn unlisted(tree: &str) -> Vec<String> {
    let members: BTreeSet<&str> =
        packages(tree).filter(|(depth, _)| *depth == 0).map(|(_, name)| name).collect();
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let (mut member, mut findings) = ("", Vec::new());
    for (depth, name) in packages(tree) {
        let is_root = depth == 0;
        if is_root {
            member = name;
        }
        match allowed.get(member) {
            None if is_root => {
                findings.push(format!("{member} is a new member: say what it may depend on, in {}", file!()));
            }
            Some(allowed) if !is_root && members.contains(name) && !allowed.contains(&name) => {
                findings.push(format!("{member} must not depend on {name}"));
            }
            _ => {}
        }
    }
    findings
}

fn forbidden(from: &str, starts: &[&str], needed: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let (mut linked, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(next) = waiting.pop() {
        waiting.extend(needed.get(next).into_iter().flatten().filter(|to| linked.insert(**to)));
    }
    linked.retain(|name| starts.iter().any(|start| name.starts_with(start)));
    linked.into_iter().map(|name| format!("{from} links {name}")).collect()
}

#[test]
fn allowed_arrows_pass_and_others_are_found() {
    let cli = "0rootcellar-cli v0.1.0 (/x)\n1rootcellar-client v0.1.0 (/y)\n1serde v1.0.0\n\n0rootcellar-client v0.1.0 (/y)\n";
    assert!(unlisted(cli).is_empty());
    let server =
        "0rootcellar-client v0.1.0 (/y)\n0rootcellar-server v0.1.0 (/x)\n1rootcellar-client v0.1.0 (/y)\n";
    assert_eq!(unlisted(server), ["rootcellar-server must not depend on rootcellar-client"]);
    assert_eq!(unlisted("0rootcellar-new v0.1.0 (/x)\n1serde v1.0.0\n").len(), 1);
}

#[test]
fn a_forbidden_package_is_found_at_any_depth() {
    let tree = "0rootcellar-cli v0.1.0 (/x)\n1rootcellar-client v0.1.0 (/y)\n2innocent v1.0.0\n3aws-sdk-s3 v1.0.0\n2redb v1.0.0\n\n\
                0rootcellar-client v0.1.0 (/y) (*)\n\n0rootcellar-server v0.1.0 (/z)\n1axum v1.0.0\n";
    let needed = needed(tree);
    assert_eq!(
        forbidden("rootcellar-client", &["aws-", "axum"], &needed),
        ["rootcellar-client links aws-sdk-s3"]
    );
    assert_eq!(forbidden("rootcellar-server", &["aws-"], &needed), [""; 0]);
}
