//! Creates the S3 client from the settings.

use crate::S3Settings;
use crate::response::why_none;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::region::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    Builder, ProvideCredentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedCredentialsProvider, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::time::Duration;

/// The default region with an endpoint, for stores without regions.
const ANY_REGION: &str = "us-east-1";
/// Maximum time to connect, before a retry.
const CONNECTING: Duration = Duration::from_millis(1500);
/// Servers and load balancers close idle connections. A write on a connection that is being closed
/// has an unknown outcome.
const IDLE: Duration = Duration::from_secs(10);
/// Maximum time to fetch credentials.
const CREDENTIALS: Duration = Duration::from_secs(10);

/// Why a bucket cannot be used at all. Nothing was sent to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No source has credentials.
    #[error(
        "No credentials for the bucket {bucket} ({reason}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, set a \
         profile (AWS_PROFILE), or give this machine or container a role."
    )]
    NoCredentials {
        /// The name of the bucket.
        bucket: String,
        /// The error of the last source, without secrets.
        reason: String,
    },
    /// AWS requires a region.
    #[error(
        "No region is set for the bucket {0}. Set --s3-region, or --s3-endpoint if the bucket is not on AWS."
    )]
    NoRegion(String),
}

/// Creates a client, and checks that there are credentials: those of the settings, or those of the
/// SDK's default chain.
pub(crate) async fn client(
    settings: &S3Settings,
    keys: Option<SharedCredentialsProvider>,
) -> Result<Client, ConnectError> {
    let shared = shared(settings, keys).await;
    if shared.region().is_none() {
        return Err(ConnectError::NoRegion(settings.bucket.clone()));
    }
    check_credentials(settings, &shared).await?;
    let mut config = Builder::from(&shared);
    if settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http") {
        // Needs no root certificates, which a container may not have.
        config = config.http_client(plain_client());
    }
    let config = config
        .force_path_style(shared.endpoint_url().is_some())
        // The caller retries. The SDK would repeat a conditional write that timed out, and then
        // report the 412 that its own first attempt caused.
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECTING).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // Simple stores do not know trailing checksums.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    Ok(Client::from_conf(config.build()))
}

async fn shared(settings: &S3Settings, keys: Option<SharedCredentialsProvider>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
    if let Some(keys) = keys {
        loader = loader.credentials_provider(keys);
    }
    if let Some(endpoint) = &settings.endpoint {
        // Most other stores ignore the region, and asking a cloud's metadata service for one takes
        // time.
        let known = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
        let known = known.or_else(ProfileFileRegionProvider::new()).or_else(Region::from_static(ANY_REGION));
        loader = loader.endpoint_url(endpoint.as_str().trim_end_matches('/')).region(known);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

/// TLS with the only cryptography provider of this program, and the system's root certificates.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .pool_idle_timeout(IDLE)
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}

fn plain_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().pool_idle_timeout(IDLE).build_http()
}

/// Otherwise missing credentials would only show as a failure of the first request.
async fn check_credentials(settings: &S3Settings, shared: &SdkConfig) -> Result<(), ConnectError> {
    let missing = |reason: String| ConnectError::NoCredentials { bucket: settings.bucket.clone(), reason };
    let Some(provider) = shared.credentials_provider() else {
        return Err(missing("there is no source of them".to_owned()));
    };
    match tokio::time::timeout(CREDENTIALS, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(missing(why_none(&error))),
        Err(_) => Err(missing("their source does not respond".to_owned())),
    }
}
