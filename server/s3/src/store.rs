//! The store's four calls as S3 requests.
//!
//! A read is attempted up to three times within [`READ`], a write once. Both leave time for several
//! attempts within the eight seconds of the vault's retry policy.

use crate::outcome::{BucketAddress, Call, Outcome, judge};
use crate::response::{Silence, StoreResponse};
use crate::seen::Seen;
use crate::{ConnectError, S3Settings, connect, etag, list};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use bytes::{Bytes, BytesMut};
use rootcellar_store::{Condition, Etag, Key, Object, Page, Read, Store, StoreError, WriteError};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Maximum time for one attempt of a write, including the response.
const WRITE_ATTEMPT: Duration = Duration::from_millis(3000);
/// Maximum time for one attempt of a read, including the body.
const READ_ATTEMPT: Duration = Duration::from_millis(2000);
/// Maximum time for a read with all attempts.
const READ: Duration = Duration::from_millis(4500);
/// Maximum attempts of a read, and the pause after the first, which doubles.
const READS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(50);
/// Maximum size of a vault's object, in bytes. A snapshot has at most 1 MiB.
const LARGEST: usize = 8 << 20;

/// A bucket or a part of it.
#[derive(Clone)]
pub struct S3Store {
    pub(crate) client: Client,
    pub(crate) settings: Arc<S3Settings>,
}

impl S3Store {
    /// Finds credentials and region, without a request to the bucket.
    ///
    /// # Errors
    /// If there are none. Each error says what to set.
    pub async fn connect(settings: S3Settings) -> Result<Self, ConnectError> {
        Ok(Self { client: connect::client(&settings, None).await?, settings: Arc::new(settings) })
    }

    /// The location of the vault's objects.
    #[must_use]
    pub fn settings(&self) -> &S3Settings {
        &self.settings
    }

    fn place(&self) -> BucketAddress<'_> {
        let endpoint = self.settings.endpoint.as_ref();
        BucketAddress {
            bucket: &self.settings.bucket,
            endpoint: endpoint.map(|url| url.as_str().trim_end_matches('/')),
        }
    }

    pub(crate) fn judge(&self, call: Call, answer: &StoreResponse) -> Outcome {
        judge(call, self.place(), answer)
    }

    /// Attempts a read until the response is clear, or time or attempts run out.
    async fn read<T, F>(&self, call: Call, attempt: impl Fn() -> F) -> Result<T, Outcome>
    where
        F: Future<Output = Result<T, StoreResponse>>,
    {
        let end = Instant::now() + READ;
        let mut tries = 0;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let answer = timeout(READ_ATTEMPT.min(left), attempt()).await;
            let outcome = match answer {
                Ok(Ok(read)) => return Ok(read),
                Ok(Err(answer)) => self.judge(call, &answer),
                Err(_) => self.judge(call, &StoreResponse::None(Silence::Timeout)),
            };
            let pause = PAUSE * (1 << tries);
            tries += 1;
            if !matches!(outcome, Outcome::Unclear(_)) || tries == READS || Instant::now() + pause >= end {
                return Err(outcome);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a write once.
    pub(crate) async fn write<T, E>(
        &self,
        call: Call,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Outcome>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match timeout(WRITE_ATTEMPT, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.judge(call, &StoreResponse::from(&error))),
            Err(_) => Err(self.judge(call, &StoreResponse::None(Silence::Timeout))),
        }
    }

    async fn get_once(&self, key: &Key) -> Result<Read, StoreResponse> {
        let seen = Seen::default();
        let request =
            self.client.get_object().bucket(&self.settings.bucket).key(self.settings.name(key.as_str()));
        let object = match request.customize().interceptor(seen.clone()).send().await {
            Ok(output) => Some(object(output).await?),
            Err(error) => match StoreResponse::from(&error) {
                StoreResponse::Status { status: 404, code: Some(code), .. } if code == "NoSuchKey" => None,
                other => return Err(other),
            },
        };
        Ok(Read { object, time: seen.time().ok_or_else(|| garbled("it has no Date"))? })
    }

    async fn list_once(
        &self,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<ListObjectsV2Output, StoreResponse> {
        let request = self.client.list_objects_v2().bucket(&self.settings.bucket).prefix(prefix);
        let request = request.max_keys(list::PAGE).set_start_after(after.map(str::to_owned));
        request.send().await.map_err(|error| StoreResponse::from(&error))
    }
}

fn garbled(why: &str) -> StoreResponse {
    StoreResponse::None(Silence::Garbled(why.to_owned()))
}

/// Reads a body, which is short.
async fn object(output: GetObjectOutput) -> Result<Object, StoreResponse> {
    let etag = etag::received(output.e_tag()).ok_or_else(|| garbled("it has no ETag"))?;
    let announced = output.content_length().and_then(|length| usize::try_from(length).ok());
    let mut stream = output.body;
    let mut body = BytesMut::with_capacity(announced.unwrap_or_default().min(LARGEST));
    while let Some(part) = stream.try_next().await.map_err(|_| garbled("the body was truncated"))? {
        if body.len() + part.len() > LARGEST {
            return Err(garbled("it is larger than any object of a vault"));
        }
        body.extend_from_slice(&part);
    }
    match announced {
        Some(length) if length != body.len() => Err(garbled("the body was truncated")),
        _ => Ok(Object { body: body.freeze(), etag }),
    }
}

#[async_trait]
impl Store for S3Store {
    async fn get(&self, key: &Key) -> Result<Read, StoreError> {
        let read = self.read(Call::Get, || self.get_once(key)).await;
        read.map_err(|outcome| outcome.of_read(Call::Get))
    }

    async fn put(&self, key: &Key, body: Bytes, condition: Condition) -> Result<Etag, WriteError> {
        let request =
            self.client.put_object().bucket(&self.settings.bucket).key(self.settings.name(key.as_str()));
        let request = request.body(body.into());
        let (call, request) = match &condition {
            Condition::Absent => (Call::Create, request.if_none_match("*")),
            Condition::Matches(etag) => (Call::Replace, request.if_match(etag::sent(etag))),
        };
        let answer = self.write(call, request.send()).await.map_err(|outcome| outcome.of_write(call))?;
        // Written, but the response has no version. It is read back.
        etag::received(answer.e_tag())
            .ok_or_else(|| WriteError::Unknown(Box::new(call.unclear("answered without an ETag"))))
    }

    async fn delete(&self, key: &Key, etag: &Etag) -> Result<(), WriteError> {
        let request = self.client.delete_object().bucket(&self.settings.bucket);
        let request = request.key(self.settings.name(key.as_str())).if_match(etag::sent(etag));
        let seen = Seen::default();
        let answer = self.write(Call::Delete, request.customize().interceptor(seen.clone()).send()).await;
        match answer {
            // The SDK accepts any success, even a proxy's welcome page.
            Ok(_) if !seen.is_bare() => {
                Err(WriteError::Unknown(Box::new(Call::Delete.unclear("answered a page to a deletion"))))
            }
            Ok(_) => Ok(()),
            Err(outcome) => Err(outcome.of_write(Call::Delete)),
        }
    }

    async fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, StoreError> {
        let prefix = self.settings.name(prefix);
        let mut after = after.map(|key| self.settings.name(key.as_str()));
        loop {
            let page = self.read(Call::List, || self.list_once(&prefix, after.as_deref())).await;
            let page = page.map_err(|outcome| outcome.of_read(Call::List))?;
            let objects: Vec<_> =
                page.contents().iter().filter_map(|object| list::own(&self.settings, object)).collect();
            let more = page.is_truncated().unwrap_or(false);
            let last = page.contents().last().and_then(|object| object.key()).map(str::to_owned);
            if !list::moves_on(page.contents(), after.as_deref()) {
                let unclear = Call::List.unclear("answered names that were not asked for, or out of order");
                return Err(StoreError::Unavailable(Box::new(unclear)));
            }
            // A page with only foreign objects is skipped.
            if !objects.is_empty() || !more || last.is_none() {
                return Ok(Page { objects, more });
            }
            after = last;
        }
    }
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Store({})", self.settings)
    }
}
