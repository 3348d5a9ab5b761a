//! Responses as plain values: status, code and region, or why there is none.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;

/// A response that is not a success, or none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StoreResponse {
    /// S3 or a server in between responded.
    Status {
        /// The HTTP status.
        status: u16,
        /// S3's code, if the body has one.
        code: Option<String>,
        /// The bucket's region, if the response names it.
        region: Option<String>,
    },
    /// There is no readable response.
    None(Silence),
}

/// Why there is no response. The texts are for the operator and contain no secrets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Not in time.
    Timeout,
    /// The connection failed.
    Unreachable(String),
    /// There are no credentials, and nothing was sent.
    NoCredentials(String),
    /// The response is not from S3.
    Garbled(String),
}

impl StoreResponse {
    pub(crate) fn region(&self) -> Option<&str> {
        match self {
            Self::Status { region, .. } => region.as_deref(),
            Self::None(_) => None,
        }
    }
}

impl<E> From<&SdkError<E, HttpResponse>> for StoreResponse
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::ServiceError(context) => {
                let meta = context.err().meta();
                Self::status(context.raw(), meta.code(), meta.message())
            }
            SdkError::ResponseError(context) if !context.raw().status().is_success() => {
                Self::status(context.raw(), None, None)
            }
            SdkError::ResponseError(_) => {
                Self::None(Silence::Garbled("a success that cannot be read".to_owned()))
            }
            SdkError::TimeoutError(_) => Self::None(Silence::Timeout),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::None(Silence::Timeout),
            other => Self::None(match credentials(other) {
                Some(why) => Silence::NoCredentials(why),
                None => Silence::Unreachable(root_cause(other)),
            }),
        }
    }
}

impl StoreResponse {
    fn status(raw: &HttpResponse, code: Option<&str>, message: Option<&str>) -> Self {
        let region = raw.headers().get("x-amz-bucket-region").or_else(|| message.and_then(expected_region));
        Self::Status {
            status: raw.status().as_u16(),
            code: code.and_then(word),
            region: region.and_then(word),
        }
    }
}

/// AWS's words for a wrong region: "the region 'us-east-1' is wrong; expecting 'eu-west-1'".
fn expected_region(message: &str) -> Option<&str> {
    message.split_once("expecting '")?.1.split('\'').next()
}

/// One short word, so that a response cannot write arbitrary text into logs.
fn word(text: &str) -> Option<String> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    (plain && !text.is_empty() && text.len() <= 64).then(|| text.to_owned())
}

/// Whether and why credentials are missing.
fn credentials(error: &(dyn Error + 'static)) -> Option<String> {
    causes(error)
        .any(|cause| cause.is::<aws_credential_types::provider::error::CredentialsError>())
        .then(|| why_none(error))
}

/// Why no source has credentials. A chain of sources lists all of them, on many lines.
pub(crate) fn why_none(error: &(dyn Error + 'static)) -> String {
    match root_cause(error) {
        all if all.contains('\n') => "none of the usual sources has credentials".to_owned(),
        one => one,
    }
}

/// The innermost cause, which contains nothing of the request.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| error.source())
}
