//! Takes digests of an account.

use super::{Days, Digest, DigestError, watched};
use crate::aws::Region;
use crate::provider::{MetricReader, Provider, ProviderError, Window};
use crate::spec::Spec;
use crate::state::{Context, DesiredError, desired, web_acl_queries};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a digest is taken of.
#[derive(Debug, Clone)]
pub struct Request {
    /// The days.
    pub days: Days,
    /// The region where the spec names none.
    pub default_region: Option<Region>,
    /// Only this one of the stack's regions.
    pub only: Option<Region>,
    /// What time it is.
    pub now: Timestamp,
}

/// Why no digest could be taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// There is nothing to take it of.
    #[error(transparent)]
    Nothing(#[from] DigestError),
    /// The spec does not fit this account.
    #[error(transparent)]
    Spec(#[from] DesiredError),
    /// A web ACL or the metrics could not be read.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// Takes a digest of each region in which the spec has WAF alarms.
///
/// A web ACL that cannot be asked for its rules is an error: a digest without them would look as
/// if they had done nothing.
///
/// ```
/// use notify_core::digest::{Days, Measure, Request, Since, UtcOffset, take};
/// use notify_core::{aws::Region, local::LocalCloud, spec};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let text = r#"
///     stack   = "security"
///     regions = ["ap-northeast-1"]
///     [topic]
///     name    = "config-info"
///     [[alarms]]
///     name    = "waf"
///     preset  = "waf-blocked"
///     web_acl = "waf-base-001"
///     rules   = ["common"]
/// "#;
/// let spec = spec::parse(text, spec::Format::Toml).spec.expect("a good file");
/// let cloud = LocalCloud::default(); // or `notify_aws::AwsProvider`
/// cloud.put_metric_data(&spec.regions[0], r#"{"Namespace": "AWS/WAFV2", "MetricData": [
///     {"MetricName": "BlockedRequests", "Timestamp": "2026-11-23T05:00:00Z", "Value": 12,
///      "Dimensions": [{"Name": "WebACL", "Value": "waf-base-001"},
///         {"Name": "Region", "Value": "ap-northeast-1"}, {"Name": "Rule", "Value": "common"}]}]}"#)?;
///
/// let now = "2026-11-24T00:05:00Z".parse()?;
/// let days = Days::new(Since::Days(1), UtcOffset::UTC, now)?;
/// let digests = take(&cloud, &spec, &Request { days, default_region: None, only: None, now }).await?;
/// assert_eq!(digests[0].total(Measure::Blocked), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn take<P: Provider + MetricReader>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<Vec<Digest>, TakeError> {
    let Request { days, default_region, only, now } = request;
    let mut web_acls = BTreeMap::new();
    for query in web_acl_queries(spec, default_region.as_ref(), only.as_ref())? {
        let web_acl = provider.web_acl(&query).await?;
        web_acls.insert(query, web_acl);
    }
    let context = Context {
        identity: provider.identity().await?,
        default_region: default_region.clone(),
        only: only.clone(),
        web_acls: web_acls.iter().map(|(query, acl)| (query.clone(), Ok(acl.clone()))).collect(),
    };
    let desired = desired(spec, &context)?;
    if let Some(only) = only {
        desired.is_in(only)?;
    }
    let watches = watched(&desired.state, &web_acls)?;
    let window = Window { from: days.from(), to: days.to(), now: *now };
    let mut digests = Vec::with_capacity(watches.len());
    for watch in watches {
        let queries = watch.queries(*days);
        let answers = provider.metric_data(&watch.region, &queries, window).await?;
        digests.push(Digest::new(&watch, *days, &answers));
    }
    Ok(digests)
}
