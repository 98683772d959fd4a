//! Settings, and the SDK's clients made from them.

use crate::errors::innermost;
use crate::whole::Whole;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_sts::config::SharedHttpClient;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use notify_core::aws::Region;
use notify_core::provider::{ErrorClass, ProviderError};
use std::time::Duration;

/// For a TCP connection to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// For one attempt to be answered.
const ATTEMPT: Duration = Duration::from_secs(20);
/// For an operation with all its attempts: so many attempts' time.
const ATTEMPTS: u32 = 3;

/// What overrides the AWS configuration of the environment and the profile files.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The profile, instead of `AWS_PROFILE`.
    pub profile: Option<String>,
    /// Where all services are reached, instead of AWS's own addresses.
    pub endpoint_url: Option<String>,
    /// The region, instead of `AWS_REGION` and the profile's.
    pub region: Option<Region>,
    /// For one attempt at a call to be answered, instead of 20 seconds; a call with all its attempts
    /// may take three times as long. Not zero.
    pub patience: Option<Duration>,
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
    /// Recorded resources and the rules that they are held against.
    pub config: aws_sdk_config::Client,
    /// Roles.
    pub iam: aws_sdk_iam::Client,
    /// Keys.
    pub kms: aws_sdk_kms::Client,
    /// State machines.
    pub states: aws_sdk_sfn::Client,
    /// What happens once, later.
    pub scheduler: aws_sdk_scheduler::Client,
    /// Queues.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// The clients of a region, with everything else as the settings have it.
    pub fn of(config: &SdkConfig, region: &Region) -> Self {
        let region = aws_config::Region::new(region.to_string());
        let config = config.to_builder().region(region).build();
        Self {
            sns: aws_sdk_sns::Client::from_conf(
                aws_sdk_sns::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            events: aws_sdk_eventbridge::Client::from_conf(
                aws_sdk_eventbridge::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(
                aws_sdk_cloudwatch::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            tagging: aws_sdk_resourcegroupstagging::Client::from_conf(
                aws_sdk_resourcegroupstagging::config::Builder::from(&config)
                    .interceptor(Whole)
                    .build(),
            ),
            sts: aws_sdk_sts::Client::from_conf(
                aws_sdk_sts::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            waf: aws_sdk_wafv2::Client::from_conf(
                aws_sdk_wafv2::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            config: aws_sdk_config::Client::from_conf(
                aws_sdk_config::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            iam: aws_sdk_iam::Client::from_conf(
                aws_sdk_iam::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            kms: aws_sdk_kms::Client::from_conf(
                aws_sdk_kms::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            states: aws_sdk_sfn::Client::from_conf(
                aws_sdk_sfn::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            scheduler: aws_sdk_scheduler::Client::from_conf(
                aws_sdk_scheduler::config::Builder::from(&config).interceptor(Whole).build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(&config).interceptor(Whole).build(),
            ),
        }
    }
}

/// The HTTP client of [`AwsProvider::connect`](crate::AwsProvider::connect), for those who make
/// [`Clients`] of their own: the SDK crates are built without one.
pub fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// Reads the AWS configuration, and the region that it names.
///
/// The region comes from the environment or a profile file only. The SDK would go on to ask the
/// instance-metadata address, which costs seconds wherever there is none.
///
/// A profile that is given has the credentials, even where the environment has some: as in the AWS
/// CLI, and other than with `AWS_PROFILE`.
pub(crate) async fn load(
    connection: Connection,
) -> Result<(SdkConfig, Option<Region>), ProviderError> {
    let Connection { profile, endpoint_url, region, patience } = connection;
    let attempt = patience.unwrap_or(ATTEMPT);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(attempt)
        .operation_timeout(attempt.saturating_mul(ATTEMPTS))
        .build();
    let mut profile_region = ProfileFileRegionProvider::builder();
    if let Some(profile) = &profile {
        must_exist(profile).await?;
        profile_region = profile_region.profile_name(profile);
    }
    let region = match &region {
        Some(region) => Some(aws_config::Region::new(region.to_string())),
        None => {
            RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(profile_region.build())
                .region()
                .await
        }
    };
    let https = https_client();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https.clone())
        .timeout_config(timeouts.clone())
        .region(region.clone());
    if let Some(profile) = profile {
        // A profile with a role asks STS, which it must find and which must answer in time.
        let settings = ProviderConfig::without_region()
            .with_http_client(https)
            .with_region(region)
            .with_timeout_config(timeouts);
        let credentials = ProfileFileCredentialsProvider::builder()
            .configure(&settings)
            .profile_name(&profile)
            .build();
        let name = format!("the profile `{profile}`");
        loader = loader
            .profile_name(profile)
            .credentials_provider(CredentialsProviderChain::first_try(name, credentials));
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    let region = named_region(config.region().map(AsRef::as_ref))?;
    Ok((config, region))
}

/// A profile that is asked for by name and is nowhere is a slip, whatever the environment holds.
async fn must_exist(profile: &str) -> Result<(), ProviderError> {
    /// What AWS uses by default, of types that have no public names.
    fn usual<T: Default>() -> T {
        T::default()
    }
    let message = match profile::load(&usual(), &usual(), &usual(), None).await {
        Ok(all) if all.get_profile(profile).is_some() => return Ok(()),
        Ok(_) => format!("the profile `{profile}` is in none of the AWS configuration files"),
        Err(error) => format!("the profile `{profile}` cannot be read: {}", innermost(&error)),
    };
    Err(ProviderError::new(ErrorClass::Invalid, "AWS configuration", "", message))
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
    use crate::provider::AwsProvider;
    use aws_sdk_sts::config::{Credentials, ProvideCredentials};
    use notify_core::provider::Provider;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::process::Command;

    /// Set where a test runs again in a process with an environment of its own.
    const AGAIN: &str = "NOTIFY_AWS_TEST_AGAIN";

    /// Runs the test `name` again, with credentials and a region in the environment beside these
    /// profiles.
    fn again(name: &str, profiles: &str) {
        let file = std::env::temp_dir().join(format!("notify-aws-{}-{name}", std::process::id()));
        std::fs::write(&file, profiles).unwrap();
        let mut test = Command::new(std::env::current_exe().unwrap());
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("AWS_") {
                test.env_remove(variable);
            }
        }
        let test = test
            .args(["--exact", &format!("connect::tests::{name}")])
            .env(AGAIN, "1")
            .env("AWS_CONFIG_FILE", &file)
            .env("AWS_SHARED_CREDENTIALS_FILE", file.with_extension("none"))
            .env("AWS_ACCESS_KEY_ID", "environment")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "eu-west-1")
            .output();
        std::fs::remove_file(&file).unwrap();
        let test = test.unwrap();
        let said = String::from_utf8_lossy(&test.stdout);
        assert!(test.status.success() && said.contains("1 passed"), "{said}");
    }

    fn of(profile: Option<&str>, region: Option<Region>) -> Connection {
        Connection { profile: profile.map(str::to_owned), region, ..Connection::default() }
    }

    /// Whose credentials are used, or why there are none.
    async fn user(config: &SdkConfig) -> Result<String, String> {
        let credentials = config.credentials_provider().unwrap().provide_credentials().await;
        let user = |credentials: Credentials| credentials.access_key_id().to_owned();
        credentials.map(user).map_err(|error| innermost(&error))
    }

    #[tokio::test]
    async fn a_given_profile_wins_over_the_credentials_of_the_environment() {
        if std::env::var_os(AGAIN).is_none() {
            return again(
                "a_given_profile_wins_over_the_credentials_of_the_environment",
                "[profile work]\nregion = us-west-2\naws_access_key_id = work\n\
                 aws_secret_access_key = secret\n[profile bare]\nregion = us-west-2\n",
            );
        }
        let (config, region) = load(of(None, None)).await.unwrap();
        assert_eq!(user(&config).await.as_deref(), Ok("environment"));
        assert_eq!(region, Region::parse("eu-west-1").ok());

        let (config, region) = load(of(Some("work"), None)).await.unwrap();
        assert_eq!(user(&config).await.as_deref(), Ok("work"));
        assert_eq!(region, Region::parse("eu-west-1").ok(), "the environment's");
        let (_, region) = load(of(Some("work"), Some(Region::us_east_1()))).await.unwrap();
        assert_eq!(region, Some(Region::us_east_1()));

        let error = load(of(Some("wrok"), None)).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Invalid);
        assert!(error.message.contains("`wrok`"), "{error}");

        let bare = AwsProvider::connect(of(Some("bare"), None)).await.unwrap();
        let error = bare.identity().await.unwrap_err();
        let says = "no AWS credentials were found: profile `bare`";
        assert!(error.message.starts_with(says), "{error}");
    }

    #[tokio::test]
    async fn a_given_profile_with_a_role_asks_in_its_region() {
        if std::env::var_os(AGAIN).is_none() {
            let sts = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = sts.local_addr().unwrap();
            let (tell, asked) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                let (mut stream, _) = sts.accept().unwrap();
                let mut request = vec![0; 8192];
                let length = stream.read(&mut request).unwrap();
                stream.write_all(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n").unwrap();
                tell.send(String::from_utf8_lossy(&request[..length]).into_owned())
            });
            again(
                "a_given_profile_with_a_role_asks_in_its_region",
                &format!(
                    "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\n\
                     source_profile = base\nendpoint_url = http://{address}\n\
                     [profile base]\naws_access_key_id = base\naws_secret_access_key = secret\n"
                ),
            );
            let asked = asked.recv_timeout(Duration::from_secs(1)).expect("a request");
            assert!(asked.contains("/eu-west-1/sts/aws4_request"), "{asked}");
            assert!(asked.contains("Credential=base/"), "{asked}");
            return;
        }
        let (config, _) = load(of(Some("role"), None)).await.unwrap();
        assert!(user(&config).await.is_err());
    }

    #[tokio::test]
    async fn what_is_given_overrides_the_configuration_and_every_wait_has_an_end() {
        let connection = Connection {
            endpoint_url: Some("http://127.0.0.1:4566".to_owned()),
            region: Some(Region::us_east_1()),
            ..Connection::default()
        };
        let (config, region) = load(connection).await.unwrap();
        assert_eq!(region, Some(Region::us_east_1()));
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        let timeouts = config.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(CONNECT));
        assert_eq!(timeouts.operation_attempt_timeout(), Some(ATTEMPT));
        assert_eq!(timeouts.operation_timeout(), Some(Duration::from_mins(1)));

        let patience = Some(Duration::from_secs(2));
        let (config, _) = load(Connection { patience, ..Connection::default() }).await.unwrap();
        let timeouts = config.timeout_config().unwrap();
        assert_eq!(timeouts.operation_attempt_timeout(), patience);
        assert_eq!(timeouts.operation_timeout(), Some(Duration::from_secs(6)));

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
