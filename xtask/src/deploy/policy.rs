//! What the policies in `deploy/terraform/` allow and deny, asked of a small evaluator: the servers' role can do what a
//! server does with its bucket, and nothing that reaches the bucket's history.
//!
//! The evaluator knows what these documents use and refuses the rest, so that nothing is passed over.

use crate::workspace;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The folder of the documents.
pub(super) const FOLDER: &str = "deploy/terraform";
/// What the servers' role may do.
pub(super) const SERVER: &str = "server-policy.json.tftpl";
/// What the bucket itself refuses.
pub(super) const BUCKET: &str = "bucket-policy.json.tftpl";
/// What else the role needs where the bucket's objects are encrypted with a key of KMS.
pub(super) const KEY: &str = "key-policy.json.tftpl";

const ARN: &str = "arn:aws:s3:::a-vault";
const OTHER: &str = "arn:aws:s3:::another";

/// What a server does with objects, the only things that it does with them.
const OBJECTS: &[&str] = &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
/// What a server asks of the bucket.
const ASKS: &[&str] = &["s3:ListBucket"];
/// What must stay denied, whatever else the role is given.
const FORBIDDEN: &[&str] = &[
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:GetObjectVersion",
    "s3:ListBucketVersions",
    "s3:PutBucketAcl",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectAcl",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectVersionAcl",
    "s3:PutReplicationConfiguration",
];

pub(super) fn check() -> Result<()> {
    named(&sources(&workspace::root().join("server/s3/src"))?).context("server/s3")?;
    for names in ["", "vault/"] {
        server(&server_policy(names)?, names).with_context(|| format!("{SERVER}, names below `{names}`"))?;
    }
    bucket(&rendered(BUCKET, &[("bucket_arn", ARN)])?).context(BUCKET)
}

/// What the server's own code names is what the role may do, or what it must not.
fn named(source: &str) -> Result<()> {
    let of_name =
        |rest: &str| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned();
    let named: BTreeSet<String> = source
        .split("s3:")
        .skip(1)
        .map(of_name)
        .filter(|name| name.starts_with(char::is_uppercase))
        .collect();
    let knows = |name: &String| {
        let action = format!("s3:{name}");
        [OBJECTS, ASKS, FORBIDDEN].iter().any(|actions| actions.contains(&action.as_str()))
    };
    let unknown: Vec<&String> = named.iter().filter(|name| !knows(name)).collect();
    ensure!(unknown.is_empty(), "names {unknown:?}: the role is neither given nor denied that");
    let needed = OBJECTS.iter().chain(ASKS);
    let unused: Vec<_> = needed.filter(|action| !named.contains(&action[3..])).collect();
    ensure!(unused.is_empty(), "no longer names {unused:?}: does a server need that?");
    Ok(())
}

/// The text of all files of a folder.
fn sources(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        text.push_str(&if path.is_dir() { sources(&path)? } else { std::fs::read_to_string(&path)? });
    }
    Ok(text)
}

fn server_policy(names: &str) -> Result<String> {
    rendered(SERVER, &[("bucket_arn", ARN), ("names", names)])
}

/// A document with its placeholders filled in.
pub(super) fn rendered(name: &str, values: &[(&str, &str)]) -> Result<String> {
    let path = workspace::root().join(FOLDER).join(name);
    let mut text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
    for (placeholder, value) in values {
        let placeholder = format!("${{{placeholder}}}");
        ensure!(text.contains(&placeholder), "{name} does not use {placeholder}");
        text = text.replace(&placeholder, value);
    }
    ensure!(!text.contains("${") && !text.contains("%{"), "{name} has a placeholder that nothing fills");
    Ok(text)
}

/// The servers' role, for objects whose names begin with `names`.
fn server(text: &str, names: &str) -> Result<()> {
    let policy = Policy::read(text)?;
    let named = policy.0.iter().flat_map(|statement| &statement.actions);
    if let Some(action) = named.into_iter().find(|action| action.contains(['*', '?'])) {
        bail!("{action} may match more than is meant");
    }
    let mut allowed: Vec<&str> = policy.allowed().collect();
    allowed.sort_unstable();
    let mut needed: Vec<&str> = OBJECTS.iter().chain(ASKS).copied().collect();
    needed.sort_unstable();
    ensure!(allowed == needed, "allows {allowed:?}, a server needs {needed:?}");

    let own = format!("{ARN}/{names}accounts/00/account");
    let mut questions = vec![
        ("s3:ListBucket", ARN.to_owned(), Some(format!("{names}guesses/")), Decision::Allowed),
        // Without permission to list, S3 answers 403 for an object that is not there: the server needs the 404.
        ("s3:ListBucket", ARN.to_owned(), None, Decision::Allowed),
        ("s3:ListBucket", OTHER.to_owned(), None, Decision::NotAllowed),
    ];
    for action in OBJECTS {
        questions.push((action, own.clone(), None, Decision::Allowed));
        questions.push((action, format!("{OTHER}/{names}vault"), None, Decision::NotAllowed));
        if !names.is_empty() {
            questions.push((action, format!("{ARN}/elsewhere"), None, Decision::NotAllowed));
        }
    }
    if !names.is_empty() {
        let elsewhere = Some("elsewhere/".to_owned());
        questions.push(("s3:ListBucket", ARN.to_owned(), elsewhere, Decision::NotAllowed));
    }
    for action in FORBIDDEN {
        for resource in [ARN.to_owned(), own.clone(), format!("{ARN}/elsewhere")] {
            questions.push((action, resource, None, Decision::Denied));
        }
    }
    for (action, resource, listed, expected) in questions {
        let context = listed.map(|prefix| ("s3:prefix", prefix));
        let decision = policy.decide(action, &resource, context.as_slice());
        ensure!(decision == expected, "{action} on {resource} is {decision:?}, not {expected:?}");
    }
    Ok(())
}

/// The bucket, which takes nothing without TLS.
fn bucket(text: &str) -> Result<()> {
    let policy = Policy::read(text)?;
    for resource in [ARN.to_owned(), format!("{ARN}/vault")] {
        for (tls, expected) in [("false", Decision::Denied), ("true", Decision::NotAllowed)] {
            let context = [("aws:SecureTransport", tls.to_owned())];
            let decision = policy.decide("s3:GetObject", &resource, &context);
            ensure!(decision == expected, "with TLS {tls}, {resource} is {decision:?}, not {expected:?}");
        }
    }
    Ok(())
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it, whatever others allow.
    Denied,
}

struct Policy(Vec<Statement>);

struct Statement {
    allows: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    /// Operator, key and patterns, all of which must hold.
    conditions: Vec<(String, String, Vec<String>)>,
}

impl Policy {
    fn read(text: &str) -> Result<Self> {
        let document: BTreeMap<String, Value> = serde_json::from_str(text).context("no JSON object")?;
        ensure!(document.get("Version").is_some_and(|version| version == "2012-10-17"), "another version");
        let statements = document.get("Statement").and_then(Value::as_array).context("no statements")?;
        ensure!(document.len() == 2, "more than Version and Statement");
        Ok(Self(statements.iter().map(Statement::read).collect::<Result<_>>()?))
    }

    /// Every action that some statement allows.
    fn allowed(&self) -> impl Iterator<Item = &str> {
        let allowing = self.0.iter().filter(|statement| statement.allows);
        allowing.flat_map(|statement| statement.actions.iter().map(String::as_str))
    }

    fn decide(&self, action: &str, resource: &str, context: &[(&str, String)]) -> Decision {
        let matching = self.0.iter().filter(|statement| statement.matches(action, resource, context));
        matching.fold(Decision::NotAllowed, |decision, statement| match statement.allows {
            false => Decision::Denied,
            true if decision == Decision::Denied => decision,
            true => Decision::Allowed,
        })
    }
}

impl Statement {
    fn read(value: &Value) -> Result<Self> {
        let members = value.as_object().context("a statement is no object")?;
        let mut statement = Self { allows: false, actions: vec![], resources: vec![], conditions: vec![] };
        for (name, value) in members {
            match name.as_str() {
                "Sid" => {}
                "Effect" => statement.allows = value == "Allow",
                "Action" => statement.actions = texts(value)?,
                "Resource" => statement.resources = texts(value)?,
                "Condition" => statement.conditions = conditions(value)?,
                "Principal" => ensure!(value == "*", "a principal other than everybody"),
                other => bail!("{other} is not known here"),
            }
        }
        let effect = &members.get("Effect").context("a statement without effect")?;
        ensure!(*effect == "Allow" || *effect == "Deny", "the effect {effect}");
        ensure!(
            !statement.actions.is_empty() && !statement.resources.is_empty(),
            "a statement about nothing"
        );
        Ok(statement)
    }

    fn matches(&self, action: &str, resource: &str, context: &[(&str, String)]) -> bool {
        // S3 reads actions without regard to case.
        let action = action.to_ascii_lowercase();
        self.actions.iter().any(|pattern| like(&pattern.to_ascii_lowercase(), &action))
            && self.resources.iter().any(|pattern| like(pattern, resource))
            && self.conditions.iter().all(|(operator, key, patterns)| {
                match context.iter().find(|(name, _)| name == key) {
                    Some((_, value)) => patterns.iter().any(|pattern| like(pattern, value)),
                    None => operator.ends_with("IfExists"),
                }
            })
    }
}

fn conditions(value: &Value) -> Result<Vec<(String, String, Vec<String>)>> {
    let mut conditions = Vec::new();
    for (operator, keys) in value.as_object().context("a condition is no object")? {
        ensure!(["Bool", "StringLikeIfExists"].contains(&operator.as_str()), "{operator} is not known here");
        for (key, patterns) in keys.as_object().context("a condition without keys")? {
            conditions.push((operator.clone(), key.clone(), texts(patterns)?));
        }
    }
    Ok(conditions)
}

/// One text or a list of texts.
fn texts(value: &Value) -> Result<Vec<String>> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        other => serde_json::from_value(other.clone()).context("neither a text nor a list of texts"),
    }
}

/// Whether a text is as the pattern says, in which `*` stands for any text and `?` for one character.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| like(rest, &text[at..]))
        }
        Some(first) => text.chars().next().is_some_and(|found| {
            (first == '?' || first == found) && like(&pattern[first.len_utf8()..], &text[found.len_utf8()..])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_role_does_what_a_server_does_and_reaches_no_history() {
        check().expect("the policies are as they should be");
    }

    #[test]
    fn a_policy_that_gives_more_or_less_is_found() {
        let good = server_policy("vault/").expect("a policy");
        let changes = [
            (r#""s3:PutObject", "#, ""),
            (r#""s3:PutObject""#, r#""s3:PutObject", "s3:PutObjectTagging""#),
            (r#""s3:GetObject""#, r#""s3:Get*""#),
            ("a-vault/vault/*", "a-vault/*"),
            ("a-vault/vault/*", "*"),
            (r#""s3:DeleteObjectVersion","#, ""),
            (r#""arn:aws:s3:::a-vault/*""#, r#""arn:aws:s3:::a-vault/vault/*""#),
            ("StringLikeIfExists", "StringLike"),
            (r#""s3:prefix": "vault/*""#, r#""s3:prefix": "*""#),
            (r#""Effect": "Deny""#, r#""Effect": "Allow""#),
            (r#""Action": ["#, r#""NotAction": ["#),
        ];
        for (from, to) in changes {
            let changed = good.replace(from, to);
            assert_ne!(changed, good, "{from}");
            assert!(server(&changed, "vault/").is_err(), "{from} became {to}");
        }
    }

    #[test]
    fn a_bucket_that_speaks_without_tls_is_found() {
        let good = rendered(BUCKET, &[("bucket_arn", ARN)]).expect("a policy");
        for (from, to) in
            [(r#""false""#, r#""true""#), (r#", "arn:aws:s3:::a-vault/*""#, ""), ("Deny", "Allow")]
        {
            assert!(bucket(&good.replace(from, to)).is_err(), "{from} became {to}");
        }
    }

    #[test]
    fn an_action_that_the_server_begins_to_need_is_found() {
        let source = "s3:GetObject s3:PutObject s3:DeleteObject s3:ListBucket s3://bucket";
        assert!(named(source).is_ok() && named(&format!("{source} \"s3:DeleteObjectVersion\"")).is_ok());
        assert!(named(&format!("{source} s3:PutObjectTagging")).is_err());
        assert!(named(&source.replace("s3:PutObject", "")).is_err());
    }

    #[test]
    fn patterns_match_whole_texts() {
        assert!(like("a*c", "abbc") && like("*", "") && like("a?", "ab") && like("", ""));
        assert!(!like("a*c", "abcd") && !like("a", "ab") && !like("a?", "a") && !like("", "a"));
    }
}
