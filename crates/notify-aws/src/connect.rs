//! Settings, and the SDK's clients made from them.

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use notify_core::aws::Region;
use notify_core::provider::{ErrorClass, ProviderError};
use std::time::Duration;

/// For a TCP connection to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// For one attempt to be answered.
const ATTEMPT: Duration = Duration::from_secs(20);
/// For an operation with all its attempts.
const OPERATION: Duration = Duration::from_mins(1);

/// What overrides the AWS configuration of the environment and the profile files.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The profile, instead of `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Where all services are reached, instead of AWS's own addresses.
    pub endpoint_url: Option<String>,
    /// The region, instead of `AWS_REGION` and the profile's.
    pub region: Option<Region>,
}

/// The clients of one region.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Topics and subscriptions.
    pub sns: aws_sdk_sns::Client,
    /// Rules and targets.
    pub events: aws_sdk_eventbridge::Client,
    /// Alarms.
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    /// What carries a tag.
    pub tagging: aws_sdk_resourcegroupstagging::Client,
    /// Who asks.
    pub sts: aws_sdk_sts::Client,
    /// Web ACLs.
    pub waf: aws_sdk_wafv2::Client,
}

impl Clients {
    pub(crate) fn of(config: &SdkConfig, region: &Region) -> Self {
        let region = aws_config::Region::new(region.to_string());
        let config = config.to_builder().region(region).build();
        Self {
            sns: aws_sdk_sns::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            waf: aws_sdk_wafv2::Client::new(&config),
        }
    }
}

/// Reads the AWS configuration, and the region that it names.
///
/// The region comes from the environment or a profile file only. The SDK would go on to ask the
/// instance-metadata address, which costs seconds wherever there is none.
pub(crate) async fn load(
    connection: Connection,
) -> Result<(SdkConfig, Option<Region>), ProviderError> {
    let Connection { profile, endpoint_url, region } = connection;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let mut profile_region = ProfileFileRegionProvider::builder();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    if let Some(profile) = profile {
        profile_region = profile_region.profile_name(&profile);
        // A profile that was named wins over credentials in the environment, as in the AWS CLI:
        // the SDK's own chain would silently work in the environment's account.
        let named = ProfileFileCredentialsProvider::builder().profile_name(&profile).build();
        loader = loader.profile_name(profile).credentials_provider(named);
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader = match &region {
        Some(region) => loader.region(aws_config::Region::new(region.to_string())),
        None => loader.region(
            RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(profile_region.build()),
        ),
    };
    let config = loader.load().await;
    let region = named_region(config.region().map(AsRef::as_ref))?;
    Ok((config, region))
}

fn named_region(text: Option<&str>) -> Result<Option<Region>, ProviderError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    Region::parse(text).map(Some).map_err(|error| {
        let message = format!("{error}; {}", error.help);
        ProviderError::new(ErrorClass::Invalid, "AWS configuration", "", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_given_overrides_the_configuration_and_every_wait_has_an_end() {
        let connection = Connection {
            profile: None,
            endpoint_url: Some("http://127.0.0.1:4566".to_owned()),
            region: Some(Region::us_east_1()),
        };
        let (config, region) = load(connection).await.unwrap();
        assert_eq!(region, Some(Region::us_east_1()));
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        let timeouts = config.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(CONNECT));
        assert_eq!(timeouts.operation_attempt_timeout(), Some(ATTEMPT));
        assert_eq!(timeouts.operation_timeout(), Some(OPERATION));

        let elsewhere = Region::parse("ap-northeast-1").unwrap();
        let clients = Clients::of(&config, &elsewhere);
        let region = clients.waf.config().region().map(ToString::to_string);
        assert_eq!(region.as_deref(), Some("ap-northeast-1"));
    }

    #[test]
    fn a_region_that_cannot_be_one_is_refused() {
        assert_eq!(named_region(None).unwrap(), None);
        assert_eq!(named_region(Some("")).unwrap(), None);
        assert_eq!(named_region(Some("us-east-1")).unwrap(), Some(Region::us_east_1()));
        let error = named_region(Some("tokyo")).unwrap_err();
        assert_eq!(error.class, ErrorClass::Invalid);
        assert!(error.message.contains("`tokyo`"), "{error}");
    }
}
