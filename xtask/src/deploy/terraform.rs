//! The module in `deploy/terraform/`, read without Terraform: every file is parsed, whatever is named is declared, and
//! the arguments that protect a bucket's history are there. Terraform itself is asked nothing.

use super::policy::{self, FOLDER};
use crate::workspace;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Type of a resource, the path to an argument of it, and what that must be.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("aws_s3_bucket", "/lifecycle/0/prevent_destroy", "true"),
    ("aws_s3_bucket_versioning", "/versioning_configuration/0/status", r#""Enabled""#),
    ("aws_s3_bucket_public_access_block", "/block_public_acls", "true"),
    ("aws_s3_bucket_public_access_block", "/block_public_policy", "true"),
    ("aws_s3_bucket_public_access_block", "/ignore_public_acls", "true"),
    ("aws_s3_bucket_public_access_block", "/restrict_public_buckets", "true"),
    ("aws_s3_bucket_ownership_controls", "/rule/0/object_ownership", r#""BucketOwnerEnforced""#),
    (
        "aws_s3_bucket_lifecycle_configuration",
        "/rule/0/noncurrent_version_expiration/0/noncurrent_days",
        r#""${var.noncurrent_days}""#,
    ),
    (
        "aws_s3_bucket_lifecycle_configuration",
        "/rule/0/abort_incomplete_multipart_upload/0/days_after_initiation",
        "1",
    ),
];

/// Parses the module with `hcl2tojson` and looks at what it says.
pub(super) fn check(hcl2tojson: &Path) -> Result<()> {
    let mut module = Map::new();
    let mut source = String::new();
    for entry in std::fs::read_dir(workspace::root().join(FOLDER))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "tf") {
            continue;
        }
        let parsed = parse(hcl2tojson, &path).with_context(|| path.display().to_string())?;
        for (kind, blocks) in parsed.as_object().into_iter().flatten() {
            let all = module.entry(kind.clone()).or_insert_with(|| Value::Array(Vec::new()));
            let (Value::Array(all), Value::Array(blocks)) = (all, blocks) else {
                bail!("{kind} is no block")
            };
            all.extend(blocks.iter().cloned());
        }
        source.push_str(&std::fs::read_to_string(&path)?);
    }
    declared(&module, &source)?;
    arguments(&module)
}

/// One file as JSON.
fn parse(hcl2tojson: &Path, file: &Path) -> Result<Value> {
    let output = Command::new(hcl2tojson).arg(file).output().context("cannot start hcl2tojson")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(unquoted(serde_json::from_slice(&output.stdout).context("hcl2tojson printed no JSON")?))
}

/// Lints the policies with `parliament`: actions that exist, on resources and with conditions that they know.
pub(super) fn lint(parliament: &Path) -> Result<()> {
    let bucket = ("bucket_arn", "arn:aws:s3:::a-vault");
    let documents = [
        policy::rendered(policy::SERVER, &[bucket, ("names", "vault/")])?,
        policy::rendered(policy::BUCKET, &[bucket])?,
        policy::rendered(policy::KEY, &[("key_arn", "arn:aws:kms:eu-central-1:000000000000:key/a-key")])?,
    ];
    for document in documents {
        let found = Command::new(parliament).arg("--string").arg(&document).output()?;
        let said = String::from_utf8_lossy(&found.stdout);
        if !found.status.success() || !said.trim().is_empty() {
            bail!("{}{}", said.trim(), String::from_utf8_lossy(&found.stderr).trim());
        }
    }
    Ok(())
}

/// Every variable and resource that is named is declared, and every variable is used.
fn declared(module: &Map<String, Value>, source: &str) -> Result<()> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    let words = code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    let mut variables = BTreeSet::new();
    let mut resources = BTreeSet::new();
    for word in words {
        let parts: Vec<&str> = word.split('.').collect();
        match *parts.as_slice() {
            ["var", name, ..] => drop(variables.insert(name.to_owned())),
            [kind, name, ..] if kind.starts_with("aws_") => drop(resources.insert(format!("{kind}.{name}"))),
            _ => {}
        }
    }
    let known: BTreeSet<String> = labels(module, "variable").map(|(name, _)| name.clone()).collect();
    ensure!(variables == known, "variables used {variables:?}, declared {known:?}");
    let known: BTreeSet<String> = labels(module, "resource")
        .flat_map(|(kind, named)| {
            named
                .as_object()
                .into_iter()
                .flat_map(move |named| named.keys().map(move |name| format!("{kind}.{name}")))
        })
        .collect();
    let unknown: Vec<&String> = resources.difference(&known).collect();
    ensure!(unknown.is_empty(), "no such resources: {unknown:?}");
    Ok(())
}

/// The arguments that protect the bucket.
fn arguments(module: &Map<String, Value>) -> Result<()> {
    for (kind, path, expected) in ARGUMENTS {
        let resource = labels(module, "resource").find(|(name, _)| name == kind);
        let (_, resource) = resource.with_context(|| format!("there is no {kind}"))?;
        let value = resource.pointer(&format!("/vault{path}"));
        let value = value.with_context(|| format!("{kind} has no {path}"))?.to_string();
        ensure!(value == *expected, "{kind}{path} is {value}, not {expected}");
    }
    Ok(())
}

/// The blocks of a kind with their first labels.
fn labels<'a>(module: &'a Map<String, Value>, kind: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let blocks = module.get(kind).and_then(Value::as_array).into_iter().flatten();
    blocks.filter_map(Value::as_object).flatten().filter(|(_, value)| value.is_object())
}

/// The parser keeps the quotes of texts and labels.
fn unquoted(value: Value) -> Value {
    let bare = |text: String| match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.to_owned(),
        None => text,
    };
    match value {
        Value::String(text) => Value::String(bare(text)),
        Value::Array(items) => items.into_iter().map(unquoted).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (bare(name), unquoted(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_without_declaration_and_variables_without_use_are_found() {
        let module = json!({"variable": [{"a": {}}], "resource": [{"aws_x": {"vault": {}}}]});
        let module = module.as_object().expect("an object");
        assert!(declared(module, "b = var.a\nc = aws_x.vault.id\n# var.z").is_ok());
        assert!(declared(module, "b = var.a + var.b").is_err());
        assert!(declared(module, "b = aws_x.vault.id").is_err(), "the variable is not used");
        assert!(declared(module, "b = var.a\nc = aws_x.other.id").is_err());
        assert!(declared(module, "b = var.a\nc = aws_y.vault.id").is_err());
    }

    #[test]
    fn a_missing_protection_is_found() {
        let versioning = |status: &str| {
            json!({"resource": [{"aws_s3_bucket": {"vault": {"lifecycle": [{"prevent_destroy": true}]}}},
                {"aws_s3_bucket_versioning": {"vault": {"versioning_configuration": [{"status": status}]}}}]})
        };
        let says = |status: &str| {
            let error =
                arguments(versioning(status).as_object().expect("an object")).expect_err("much is missing");
            error.to_string()
        };
        assert!(says("Suspended").contains("Suspended"));
        assert!(says("Enabled").contains("aws_s3_bucket_public_access_block"));
    }
}
