//! Arrows between crates run one way: cli, uniffi → client core → spec ← store ← vault ← server. Tests may depend on both
//! sides.

use super::Findings;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
    ("xtask", &[]),
    ("xtask-bindgen", &[]),
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

pub(super) fn check(metadata: &Value) -> Findings {
    let graph = Graph::read(metadata);
    let mut findings = Findings::new();
    for member in &graph.members {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == member) else {
            findings.push(format!("{member} is a new member: say what it may depend on, in {}", file!()));
            continue;
        };
        for to in graph.declared.get(member).into_iter().flatten() {
            if graph.members.contains(to) && !allowed.contains(&to.as_str()) {
                findings.push(format!("{member} must not depend on {to}"));
            }
        }
    }
    for (from, starts) in FORBIDDEN {
        for linked in graph.linked(from) {
            if starts.iter().any(|start| linked.starts_with(start)) {
                findings.push(format!("{from} links {linked}"));
            }
        }
    }
    findings
}

/// Packages by name; two versions of one package are one node here, which can only find too much.
struct Graph {
    members: BTreeSet<String>,
    /// What each member's manifest names, for development too.
    declared: BTreeMap<String, BTreeSet<String>>,
    /// What each package needs to be built and run, not to be tested.
    needed: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(metadata: &Value) -> Self {
        let names: BTreeMap<&str, &str> = list(&metadata["packages"])
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let name = |id: &Value| id.as_str().and_then(|id| names.get(id)).map(|name| (*name).to_owned());
        let members: BTreeSet<String> = list(&metadata["workspace_members"]).filter_map(name).collect();
        let mut declared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut needed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let Some(from) = name(&node["id"]) else { continue };
            for dependency in list(&node["deps"]) {
                let Some(to) = name(&dependency["pkg"]) else { continue };
                declared.entry(from.clone()).or_default().insert(to.clone());
                if list(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev") {
                    needed.entry(from.clone()).or_default().insert(to);
                }
            }
        }
        Self { members, declared, needed }
    }

    /// Everything that a package links, by any way.
    fn linked(&self, from: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from.to_owned()];
        while let Some(next) = waiting.pop() {
            for to in self.needed.get(&next).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    waiting.push(to.clone());
                }
            }
        }
        seen
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata(edges: &[(&str, &str, Option<&str>)]) -> Value {
        let names: BTreeSet<&str> = edges.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
        let nodes = names.iter().map(|name| {
            let deps = edges.iter().filter(|(from, _, _)| from == name);
            let deps = deps.map(|(_, to, kind)| json!({"pkg": to, "dep_kinds": [{"kind": kind}]}));
            json!({"id": name, "deps": deps.collect::<Vec<_>>()})
        });
        json!({
            "packages": names.iter().map(|name| json!({"id": name, "name": name})).collect::<Vec<_>>(),
            "workspace_members": names.iter().filter(|n| n.starts_with("rootcellar")).collect::<Vec<_>>(),
            "resolve": {"nodes": nodes.collect::<Vec<_>>()},
        })
    }

    #[test]
    fn allowed_arrows_pass() {
        let edges = [
            ("rootcellar-cli", "rootcellar-client", None),
            ("rootcellar-client", "rootcellar-spec", None),
            ("rootcellar-server", "rootcellar-spec", None),
        ];
        assert!(check(&metadata(&edges)).is_empty());
    }

    #[test]
    fn an_arrow_between_the_sides_is_found_even_for_development() {
        let edges = [("rootcellar-server", "rootcellar-client", Some("dev"))];
        assert_eq!(check(&metadata(&edges)), ["rootcellar-server must not depend on rootcellar-client"]);
    }

    #[test]
    fn a_forbidden_package_is_found_through_others() {
        let edges = [("rootcellar-client", "innocent", None), ("innocent", "aws-sdk-s3", None)];
        assert_eq!(check(&metadata(&edges)), ["rootcellar-client links aws-sdk-s3"]);
    }
}
