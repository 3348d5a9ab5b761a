//! The description of one route.

use super::components::{CONTENT_DIGEST, SESSION, SIGNATURE, SIGNATURE_INPUT};
use super::problems;
use crate::middleware::REQUEST_ID;
use rootcellar_spec::limits::SNAPSHOT_BYTES;
use rootcellar_spec::{OperationId, ProblemCode, openapi::Bytes, parts, request_signature::LOGIN_MAC_HEADER};
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Ref, Required, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

/// Media type of an encrypted object.
const SEALED: &str = "application/octet-stream";
/// Extension with the schema of a response's first part.
const CONTROL: &str = "x-control-part";

/// What the description says about a route.
pub(crate) struct Described {
    /// `operationId`, which is stable.
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) signed: Signed,
    pub(super) body: Body,
    pub(super) answer: ResponseBody,
    /// Whether the limits apply. They do not apply to health checks.
    pub(super) limited: bool,
    /// The codes of its refusals, apart from those of every route.
    pub(super) codes: Vec<ProblemCode>,
}

/// Who signs the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    Not,
    /// A key that belongs to no session yet.
    ByItself,
    /// The same, with the login's MAC.
    ByItselfWithMac,
    /// The request key of a session or device.
    InSession,
}

pub(super) enum Body {
    None,
    Json(Ref),
    Snapshot,
    /// JSON and a snapshot.
    Parts(Ref),
}

pub(super) enum ResponseBody {
    Text(&'static str),
    Json(Ref),
    /// JSON and a snapshot.
    Parts(Ref),
}

/// A reference to a type's schema.
pub(super) fn schema<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

impl Described {
    pub(super) fn build(&self, path: &str) -> Operation {
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(Some(self.description))
            .request_body(self.body.build())
            .security(self.signed.requirement())
            .response("200", self.answer.build());
        if path.contains("{operation}") {
            operation = operation.parameter(operation_id());
        }
        if self.signed == Signed::ByItselfWithMac {
            operation = operation.parameter(login_mac());
        }
        for (status, codes) in problems::by_status(&self.codes, self.limited) {
            let refusal = Ref::from_response_name(problems::name(&codes));
            operation = operation.response(status.to_string(), refusal);
        }
        operation.build()
    }
}

impl Signed {
    /// All its headers together. Empty if there are none.
    fn requirement(self) -> SecurityRequirement {
        let headers: &[&str] = match self {
            Self::Not => &[],
            Self::ByItself | Self::ByItselfWithMac => &[SIGNATURE_INPUT, SIGNATURE, CONTENT_DIGEST],
            Self::InSession => &[SIGNATURE_INPUT, SIGNATURE, CONTENT_DIGEST, SESSION],
        };
        let none: [&str; 0] = [];
        headers.iter().fold(SecurityRequirement::default(), |all, header| all.add(*header, none))
    }
}

impl Body {
    fn build(&self) -> Option<RequestBody> {
        let (media_type, content) = match self {
            Self::None => return None,
            Self::Json(schema) => ("application/json", Content::new(Some(schema.clone()))),
            Self::Snapshot => {
                let schema = bytes("A snapshot (protocol section 10).").max_length(Some(SNAPSHOT_BYTES));
                (SEALED, Content::new(Some(schema)))
            }
            Self::Parts(control) => (parts::MEDIA_TYPE, two_parts(control)),
        };
        Some(RequestBodyBuilder::new().content(media_type, content).required(Some(Required::True)).build())
    }
}

impl ResponseBody {
    fn build(&self) -> Response {
        let (description, media_type, content) = match self {
            Self::Text(text) => {
                let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([*text]));
                ("The check passed.", "text/plain", Content::new(Some(schema)))
            }
            Self::Json(schema) => ("Success.", "application/json", Content::new(Some(schema.clone()))),
            Self::Parts(control) => ("JSON and snapshot.", parts::MEDIA_TYPE, two_parts(control)),
        };
        answer(description).content(media_type, content).build()
    }
}

/// JSON and snapshot, in a request or a response.
fn two_parts(control: &Ref) -> Content {
    let description = "`encode_parts(JSON, snapshot)` (protocol sections 1 and 13): the length of the JSON as four \
        big-endian bytes, the JSON with the schema in `x-control-part`, the length of the snapshot as four bytes, and the \
        snapshot, which is empty if there is none.";
    let control = serde_json::to_value(control).expect("a reference is plain JSON");
    ContentBuilder::new()
        .schema(Some(bytes(description)))
        .extensions(Some(Extensions::builder().add(CONTROL, control).build()))
        .build()
}

/// A response with the header that each of them has.
pub(super) fn answer(description: impl Into<String>) -> ResponseBuilder {
    let id = Ref::new(format!("#/components/headers/{REQUEST_ID}"));
    ResponseBuilder::new().description(description).header_ref(REQUEST_ID.as_str(), id)
}

/// An opaque byte string.
fn bytes(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).content_media_type(SEALED).description(Some(description))
}

fn operation_id() -> Parameter {
    ParameterBuilder::new()
        .name("operation")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The operation that saved the snapshot."))
        .schema(Some(schema::<OperationId>()))
        .build()
}

fn login_mac() -> Parameter {
    let description = "HMAC-SHA-512 under the login's MAC key over name hash, token, KE3, request key and the body's digest \
        (protocol section 15.3). It binds the request to the OPAQUE handshake.";
    ParameterBuilder::new()
        .name(LOGIN_MAC_HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(Bytes::<64>::schema()))
        .build()
}
