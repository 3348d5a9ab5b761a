//! The OpenAPI description of every route (protocol.md sections 13 to 15), stored in
//! `spec/openapi.json`.
//!
//! The protocol is normative, and this description follows it. It contains what a schema cannot
//! express, such as the making of signatures and the order of checks. It is built only with the
//! feature `openapi`; `cargo xtask openapi` writes the file.

mod components;
mod devices;
mod keys;
mod operation;
mod operations;
mod problems;

pub(crate) use devices::*;
pub(crate) use keys::*;
pub(crate) use operation::Described;
pub(crate) use operations::*;

use rootcellar_spec::wire::vault::PROTOCOL;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths, PathsBuilder};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder};

/// A route: method, path, and what the description says about it.
pub(crate) type Route = (HttpMethod, &'static str, fn() -> Described);

/// The whole description.
pub(crate) fn document(routes: &[Route]) -> OpenApi {
    let license =
        LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Rootcellar vault")
        .version(format!("{PROTOCOL}"))
        .description(Some(ABOUT))
        .license(Some(license));
    let server = ServerBuilder::new()
        .url("http://127.0.0.1:8787")
        .description(Some("A vault with default settings."))
        .build();
    let tags = operations::TAGS
        .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([server]))
        .paths(paths(routes))
        .components(Some(components::all(routes)))
        .tags(Some(tags))
        .build()
}

const ABOUT: &str = "The HTTP interface of protocol version 1. `spec/protocol.md` is normative. It defines formats, keys, \
    signatures and how a client handles responses. `spec/errors.md` gives the next step for each code.\n\nEvery request can \
    be sent again. Bytes in JSON, in paths and in headers are base64url without padding. Times are seconds since the Unix \
    epoch. A client ignores unknown members of a response. The vault refuses unknown members of a request. The response for \
    any other path is 404 `not-found`, and for another method 405 `method-not-allowed`.";

fn paths(routes: &[Route]) -> Paths {
    let add = |paths: PathsBuilder, (method, path, described): &Route| {
        paths.path(*path, PathItem::new(method.clone(), described().build(path)))
    };
    routes.iter().fold(PathsBuilder::new(), add).build()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// Every reference below a value.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(crate::openapi_document()).expect("JSON");
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }

    #[test]
    fn the_file_says_what_the_code_does() {
        let text = crate::openapi_document().to_pretty_json().expect("JSON");
        let kept = include_str!("../../../spec/openapi.json");
        assert!(kept == format!("{text}\n"), "spec/openapi.json is not current: run `cargo xtask openapi`");
    }
}
