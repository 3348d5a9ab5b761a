//! Holds every answer of every test against the description: its status, its media type, and a refusal's code.

use super::Reply;
use http::{Method, header};
use rootcellar_spec::wire::paths;
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../spec/openapi.json")).expect("the description is JSON")
});

#[track_caller]
pub(super) fn check(method: &Method, path: &str, reply: &Reply) {
    let name = method.as_str().to_lowercase();
    let item = &DOCUMENT["paths"][template(path)];
    let Some(operation) = item.get(&name) else {
        let expected = if item.is_null() { 404 } else { 405 };
        assert_eq!(reply.status, expected, "{method} {path} is not described");
        return;
    };
    let response = resolve(&operation["responses"][reply.status.to_string()]);
    assert!(response.is_object(), "{method} {path}: status {} is not described", reply.status);
    let media_type = reply.headers[header::CONTENT_TYPE].to_str().expect("text");
    let content = &response["content"][media_type];
    assert!(content.is_object(), "{method} {path}: {media_type} is not described");
    if reply.status >= 400 {
        let problem: Value = serde_json::from_slice(&reply.body).expect("a problem document");
        let codes = content.pointer("/schema/allOf/1/properties/code/enum").and_then(Value::as_array);
        let codes = codes.expect("a refusal names its codes");
        assert!(codes.contains(&problem["code"]), "{method} {path}: {} is not described", problem["code"]);
    }
}

/// The path as the description has it.
fn template(path: &str) -> &str {
    let is_named = path.strip_prefix(paths::SNAPSHOTS).is_some_and(|rest| rest.matches('/').count() == 1);
    if is_named && path != paths::HEAD { paths::SNAPSHOT } else { path }
}

/// What a reference leads to.
fn resolve(value: &'static Value) -> &'static Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    reference.map_or(value, |to| DOCUMENT.pointer(to.trim_start_matches('#')).expect("what is referred to"))
}
