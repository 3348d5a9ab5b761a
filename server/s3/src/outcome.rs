//! The meaning of S3's responses, as pure functions.
//!
//! Only certain outcomes are reported as certain. A status that a store, a proxy or a load balancer
//! may send for any reason leaves the outcome of a write unknown.

use crate::response::{Silence, StoreResponse};
use rootcellar_store::{StoreError, WriteError};
use std::fmt;

#[cfg(test)]
mod tests;

/// A request to S3, and the action that a policy must allow for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Get,
    List,
    Create,
    Replace,
    Delete,
    DeleteVersion,
}

/// The bucket, for error messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BucketAddress<'a> {
    pub(crate) bucket: &'a str,
    /// Without credentials. `None` for AWS.
    pub(crate) endpoint: Option<&'a str>,
}

/// The meaning of a response that is not a success.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The object does not exist.
    NoObject,
    /// The condition is not met.
    ConditionFailed,
    /// Another write was in progress.
    Contended,
    /// The store is full.
    Full,
    /// The store refused the request, for this reason.
    Refused(String),
    /// The outcome is unknown.
    Unclear(Unclear),
}

/// A response without a certain meaning. The text has the status and the code, but nothing else of
/// the response.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action}: {what}")]
pub(crate) struct Unclear {
    action: &'static str,
    what: String,
}

impl Call {
    /// The name of the action in a policy.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Get => "s3:GetObject",
            Self::List => "s3:ListBucket",
            Self::Create | Self::Replace => "s3:PutObject",
            Self::Delete => "s3:DeleteObject",
            Self::DeleteVersion => "s3:DeleteObjectVersion",
        }
    }

    pub(crate) fn unclear(self, what: impl Into<String>) -> Unclear {
        Unclear { action: self.action(), what: what.into() }
    }
}

/// Determines the meaning of a response.
pub(crate) fn judge(call: Call, place: BucketAddress<'_>, answer: &StoreResponse) -> Outcome {
    let (status, code) = match answer {
        StoreResponse::Status { status, code, .. } => (*status, code.as_deref().unwrap_or_default()),
        StoreResponse::None(silence) => return unanswered(call, place, silence),
    };
    match (status, code) {
        (412, _) => Outcome::ConditionFailed,
        (409, _) => Outcome::Contended,
        (404, "NoSuchKey") => Outcome::NoObject,
        (404, "NoSuchBucket") => refused(format!(
            "The bucket {} does not exist{place}. Create it, or check --s3-bucket and --s3-endpoint.",
            place.bucket
        )),
        (507, _) | (_, "QuotaExceeded" | "XMinioStorageFull" | "InsufficientStorage") => Outcome::Full,
        (501, _) => refused(format!(
            "The store{place} does not support {} as requested. A vault needs conditional writes and deletes. Use \
             another store, and test it with rootcellar-server store check.",
            call.action()
        )),
        (301 | 308, _)
        | (_, "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException") => {
            refused(wrong_region(place, answer.region()))
        }
        (400..=403, _) => denied(call, place, status, code),
        _ => Outcome::Unclear(call.unclear(format!("response {status} {code}").trim_end())),
    }
}

fn refused(reason: String) -> Outcome {
    Outcome::Refused(reason)
}

fn unanswered(call: Call, place: BucketAddress<'_>, silence: &Silence) -> Outcome {
    match silence {
        // Nothing was sent.
        Silence::NoCredentials(why) => {
            refused(format!("No credentials for the bucket {} ({why}). Check AWS_ACCESS_KEY_ID, AWS_PROFILE or the role.", place.bucket))
        }
        Silence::Timeout => Outcome::Unclear(call.unclear(format!("no response in time{place}"))),
        Silence::Unreachable(why) if why.starts_with("invalid peer certificate") => {
            Outcome::Unclear(call.unclear(format!(
                "the certificate{place} is not trusted ({why}); set SSL_CERT_FILE to a file with its CA's certificate"
            )))
        }
        Silence::Unreachable(why) => Outcome::Unclear(
            call.unclear(format!("no connection{place} ({why}); check the endpoint and the network")),
        ),
        Silence::Garbled(why) => {
            Outcome::Unclear(call.unclear(format!("an invalid response{place} ({why})")))
        }
    }
}

fn wrong_region(place: BucketAddress<'_>, right: Option<&str>) -> String {
    let bucket = place.bucket;
    match right {
        Some(region) => format!("The bucket {bucket} is in the region {region}. Set --s3-region {region}."),
        None => {
            format!("The bucket {bucket} is in another region or at another endpoint. Set --s3-region.")
        }
    }
}

/// The meaning of 400 to 403, by code. A code that says nothing about credentials or permissions
/// leaves the outcome unknown.
fn denied(call: Call, place: BucketAddress<'_>, status: u16, code: &str) -> Outcome {
    let BucketAddress { bucket, .. } = place;
    let advice = match code {
        "SignatureDoesNotMatch" => {
            "The secret access key is wrong, or a proxy changes requests. Check AWS_SECRET_ACCESS_KEY."
        }
        "InvalidAccessKeyId" => {
            "The store does not know the access key. Check AWS_ACCESS_KEY_ID and --s3-endpoint."
        }
        "ExpiredToken" | "TokenRefreshRequired" => "The session credentials have expired. Get new ones.",
        "InvalidToken" => "The session token is not valid. Check AWS_SESSION_TOKEN.",
        "RequestTimeTooSkewed" => {
            "The clocks of this machine and of the store differ. Set this machine's clock."
        }
        "InvalidBucketName" => "The bucket's name is not valid. Check --s3-bucket.",
        "AllAccessDisabled" | "AccountProblem" | "NotSignedUp" => {
            "The account at the store's provider is closed or unpaid. Contact the provider."
        }
        _ if status == 401 || status == 403 => return refused(missing_action(call, bucket, code)),
        _ => return Outcome::Unclear(call.unclear(format!("response {status} {code}").trim_end())),
    };
    refused(format!("{advice} (bucket {bucket}, {code})"))
}

fn missing_action(call: Call, bucket: &str, code: &str) -> String {
    let action = call.action();
    let on = match call {
        Call::List => "the bucket itself",
        _ => "its objects",
    };
    let note = match call {
        Call::Get => {
            " S3 also responds like this for objects that do not exist, if s3:ListBucket is not allowed."
        }
        _ => "",
    };
    let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
    format!(
        "Access denied for {action} on {on}, bucket {bucket}{code}. Allow it in the policies of the role and of the \
         bucket.{note}"
    )
}

impl Outcome {
    /// The error of a read or a listing. The caller handles a missing object.
    pub(crate) fn of_read(self, call: Call) -> StoreError {
        match self {
            Self::Refused(reason) => StoreError::Refused { reason },
            Self::Unclear(unclear) => StoreError::Unavailable(Box::new(unclear)),
            Self::NoObject => {
                StoreError::Unavailable(Box::new(call.unclear("responded that there is no object")))
            }
            Self::ConditionFailed | Self::Contended | Self::Full => {
                StoreError::Unavailable(Box::new(call.unclear("responded as if to a write")))
            }
        }
    }

    /// The error of a write.
    pub(crate) fn of_write(self, call: Call) -> WriteError {
        match self {
            Self::NoObject if call == Call::Create => {
                WriteError::Unknown(Box::new(call.unclear("responded that there is nothing to replace")))
            }
            Self::NoObject => WriteError::Gone,
            Self::ConditionFailed => WriteError::ConditionFailed,
            Self::Contended => WriteError::Contended,
            Self::Full => WriteError::Full,
            Self::Refused(reason) => WriteError::Refused { reason },
            Self::Unclear(unclear) => WriteError::Unknown(Box::new(unclear)),
        }
    }
}

impl fmt::Display for BucketAddress<'_> {
    /// ` at ENDPOINT`, for the middle of a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.endpoint.map_or(Ok(()), |endpoint| write!(f, " at {endpoint}"))
    }
}
