//! All responses with a known meaning, and some without.

use super::*;

const PLACE: BucketAddress<'_> = BucketAddress { bucket: "vaults", endpoint: Some("https://s3.example.org") };

fn status(status: u16, code: &str) -> StoreResponse {
    StoreResponse::Status { status, code: (!code.is_empty()).then(|| code.to_owned()), region: None }
}

fn write(call: Call, answer: &StoreResponse) -> &'static str {
    match judge(call, PLACE, answer).of_write(call) {
        WriteError::ConditionFailed => "condition failed",
        WriteError::Gone => "gone",
        WriteError::Contended => "contended",
        WriteError::Full => "full",
        WriteError::Refused { .. } => "refused",
        WriteError::Unknown(_) => "unknown",
    }
}

fn read(call: Call, answer: &StoreResponse) -> &'static str {
    match judge(call, PLACE, answer) {
        Outcome::NoObject if call == Call::Get => "absent",
        other => match other.of_read(call) {
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Refused { .. } => "refused",
        },
    }
}

/// Status and code; then the outcomes of a creation, a replacement, a deletion and a read.
type Case = (u16, &'static str, [&'static str; 4]);

const CASES: &[Case] = &[
    (412, "PreconditionFailed", ["condition failed", "condition failed", "condition failed", "unavailable"]),
    (412, "", ["condition failed", "condition failed", "condition failed", "unavailable"]),
    (404, "NoSuchKey", ["unknown", "gone", "gone", "absent"]),
    (404, "", ["unknown", "unknown", "unknown", "unavailable"]),
    (404, "NoSuchUpload", ["unknown", "unknown", "unknown", "unavailable"]),
    (404, "NoSuchBucket", ["refused", "refused", "refused", "refused"]),
    (409, "ConditionalRequestConflict", ["contended", "contended", "contended", "unavailable"]),
    (409, "OperationAborted", ["contended", "contended", "contended", "unavailable"]),
    (401, "", ["refused", "refused", "refused", "refused"]),
    (403, "AccessDenied", ["refused", "refused", "refused", "refused"]),
    (403, "", ["refused", "refused", "refused", "refused"]),
    (403, "SignatureDoesNotMatch", ["refused", "refused", "refused", "refused"]),
    (403, "InvalidAccessKeyId", ["refused", "refused", "refused", "refused"]),
    (403, "RequestTimeTooSkewed", ["refused", "refused", "refused", "refused"]),
    (403, "QuotaExceeded", ["full", "full", "full", "unavailable"]),
    (400, "ExpiredToken", ["refused", "refused", "refused", "refused"]),
    (400, "AuthorizationHeaderMalformed", ["refused", "refused", "refused", "refused"]),
    (400, "InvalidBucketName", ["refused", "refused", "refused", "refused"]),
    (400, "RequestTimeout", ["unknown", "unknown", "unknown", "unavailable"]),
    (400, "InvalidArgument", ["unknown", "unknown", "unknown", "unavailable"]),
    (301, "PermanentRedirect", ["refused", "refused", "refused", "refused"]),
    (307, "TemporaryRedirect", ["unknown", "unknown", "unknown", "unavailable"]),
    (507, "", ["full", "full", "full", "unavailable"]),
    (501, "NotImplemented", ["refused", "refused", "refused", "refused"]),
    (429, "SlowDown", ["unknown", "unknown", "unknown", "unavailable"]),
    (500, "InternalError", ["unknown", "unknown", "unknown", "unavailable"]),
    (502, "", ["unknown", "unknown", "unknown", "unavailable"]),
    (503, "SlowDown", ["unknown", "unknown", "unknown", "unavailable"]),
    (200, "", ["unknown", "unknown", "unknown", "unavailable"]),
    (418, "", ["unknown", "unknown", "unknown", "unavailable"]),
];

#[test]
fn each_answer_means_what_it_says_and_no_more() {
    for (number, code, expected) in CASES {
        let answer = status(*number, code);
        let found = [Call::Create, Call::Replace, Call::Delete].map(|call| write(call, &answer));
        assert_eq!(found[..], expected[..3], "{number} {code}");
        assert_eq!(read(Call::Get, &answer), expected[3], "{number} {code}");
        let listed = if expected[3] == "absent" { "unavailable" } else { expected[3] };
        assert_eq!(read(Call::List, &answer), listed, "{number} {code}");
    }
}

#[test]
fn silence_leaves_a_write_unknown_unless_nothing_was_sent() {
    let text = || "x".to_owned();
    for silence in [Silence::Timeout, Silence::Unreachable(text()), Silence::Garbled(text())] {
        let answer = StoreResponse::None(silence);
        assert_eq!(write(Call::Replace, &answer), "unknown", "{answer:?}");
        assert_eq!(read(Call::Get, &answer), "unavailable", "{answer:?}");
    }
    let unsent = StoreResponse::None(Silence::NoCredentials(text()));
    assert_eq!((write(Call::Create, &unsent), read(Call::List, &unsent)), ("refused", "refused"));
}

fn reason(call: Call, answer: &StoreResponse) -> String {
    match judge(call, PLACE, answer) {
        Outcome::Refused(reason) => reason,
        other => format!("{other:?} is no refusal"),
    }
}

#[test]
fn a_refusal_names_the_action_and_the_bucket() {
    let denied = status(403, "AccessDenied");
    for (call, action) in [
        (Call::Get, "s3:GetObject"),
        (Call::List, "s3:ListBucket"),
        (Call::Create, "s3:PutObject"),
        (Call::Replace, "s3:PutObject"),
        (Call::Delete, "s3:DeleteObject"),
    ] {
        let reason = reason(call, &denied);
        assert!(
            reason.contains(action) && reason.contains("vaults") && reason.contains("AccessDenied"),
            "{reason}"
        );
    }
    assert!(reason(Call::Get, &denied).contains("s3:ListBucket"), "absent objects are denied without it");
}

#[test]
fn a_refusal_says_what_to_check() {
    for (number, code, says) in [
        (404, "NoSuchBucket", "--s3-bucket"),
        (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (400, "ExpiredToken", "ExpiredToken"),
        (400, "InvalidToken", "AWS_SESSION_TOKEN"),
        (403, "RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        (301, "PermanentRedirect", "--s3-region"),
        (501, "NotImplemented", "rootcellar-server store check"),
    ] {
        let reason = reason(Call::Create, &status(number, code));
        assert!(reason.contains(says), "{code}: {reason}");
    }
    let region = Some("eu-west-1".to_owned());
    let answer =
        StoreResponse::Status { status: 400, code: Some("AuthorizationHeaderMalformed".to_owned()), region };
    assert!(reason(Call::Get, &answer).contains("--s3-region eu-west-1"));
}

#[test]
fn what_is_unclear_names_the_call_and_the_place() {
    let unclear = |answer| match judge(Call::Get, PLACE, &answer) {
        Outcome::Unclear(unclear) => unclear.to_string(),
        other => format!("{other:?} is clear"),
    };
    assert_eq!(unclear(status(503, "SlowDown")), "s3:GetObject: response 503 SlowDown");
    let timeout = unclear(StoreResponse::None(Silence::Timeout));
    assert!(timeout.contains("https://s3.example.org"), "{timeout}");
}
