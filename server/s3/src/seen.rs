//! Parts of a response that the SDK does not return.

use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use rootcellar_spec::Timestamp;
use std::sync::{Arc, OnceLock};

/// The recorded parts of one response, whatever its status.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<OnceLock<Notes>>);

#[derive(Debug)]
struct Notes {
    date: Option<Timestamp>,
    is_bare: bool,
}

impl Seen {
    /// The store's time, from the `Date` header.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.0.get()?.date
    }

    /// Whether the response had no body, like that to a deletion.
    pub(crate) fn is_bare(&self) -> bool {
        self.0.get().is_some_and(|notes| notes.is_bare)
    }
}

impl Intercept for Seen {
    fn name(&self) -> &'static str {
        "Seen"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        self.0.get_or_init(|| Notes {
            date: time(answer.headers().get("date")),
            is_bare: answer.status().as_u16() == 204 || answer.headers().get("content-length") == Some("0"),
        });
        Ok(())
    }
}

fn time(date: Option<&str>) -> Option<Timestamp> {
    let date = DateTime::from_str(date?, Format::HttpDate).ok()?;
    u64::try_from(date.secs()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_one_of_http() {
        assert_eq!(time(Some("Sun, 06 Nov 1994 08:49:37 GMT")), Some(Timestamp(784_111_777)));
        for none in
            [None, Some(""), Some("yesterday"), Some("1994-11-06"), Some("Wed, 31 Dec 1969 23:59:59 GMT")]
        {
            assert_eq!(time(none), None, "{none:?}");
        }
    }
}
