//! Which alarms are tested.

use crate::args::Global;
use crate::failure::Failure;
use crate::local::web_acls_beside;
use crate::print;
use notify_core::aws::Region;
use notify_core::aws::waf::{WafAction, WafRule, WebAcl};
use notify_core::backtest::{Data, Watched, alarms};
use notify_core::local::LocalCloud;
use notify_core::plan::{Options, Request, wanted as plan_wanted};
use notify_core::provider::Provider;
use notify_core::spec::{Spec, WafRules};
use std::collections::BTreeSet;
use std::path::Path;

/// What is known of web ACLs without asking AWS.
#[derive(Debug)]
pub(super) struct Offline {
    known: Vec<WebAcl>,
    /// Those whose rules must be found out.
    unknown: BTreeSet<String>,
}

impl Offline {
    /// The web ACLs beside the file; the spec may ask for the rules of others.
    pub(super) fn beside(folder: &Path, spec: &Spec) -> Result<Self, Failure> {
        let known = web_acls_beside(folder)?;
        let all = spec.alarms.iter().filter_map(|alarm| alarm.web_acl.as_ref());
        let all = all.filter(|acl| acl.rules == WafRules::All).map(|acl| acl.name.as_str());
        let is_known =
            |name: &&str| known.iter().any(|acl| acl.name == **name || acl.metric == **name);
        let unknown = all.filter(|name| !is_known(name)).map(str::to_owned).collect();
        Ok(Self { known, unknown })
    }

    /// An account in which each of the others has rules of every kind that has an alarm.
    pub(super) fn guessed(&self) -> LocalCloud {
        let rule = |name: &str, action| WafRule {
            name: name.to_owned(),
            metric: name.to_owned(),
            measured: true,
            action,
        };
        self.account(|name| WebAcl {
            name: name.to_owned(),
            metric: name.to_owned(),
            rules: vec![rule("blocks", WafAction::Block), rule("counts", WafAction::Count)],
        })
    }

    /// An account in which each of the others has the rules that there are values of; `None` where
    /// there are no others.
    pub(super) fn found(&self, data: &Data) -> Option<LocalCloud> {
        (!self.unknown.is_empty()).then(|| self.account(|name| data.web_acl(name)))
    }

    /// Says where the rules come from.
    pub(super) fn tell(&self) {
        for name in &self.unknown {
            print::err(&print::line(&format!(
                "the rules of web ACL {name} are taken to be those that the file has values of"
            )));
        }
    }

    fn account(&self, acl: impl Fn(&str) -> WebAcl) -> LocalCloud {
        let others = self.unknown.iter().map(|name| acl(name));
        LocalCloud::default().with_web_acls(self.known.iter().cloned().chain(others).collect())
    }
}

/// Where alarms are when neither the file nor an option says.
pub(super) fn offline_region() -> Region {
    Region::us_east_1()
}

/// The alarms of the file, or those that are named: an alarm's name, or that of a section of the
/// file, which stands for all of its alarms.
pub(super) async fn wanted<P: Provider>(
    provider: &P,
    spec: &Spec,
    default_region: Option<Region>,
    global: &Global,
    names: &[String],
) -> Result<Vec<Watched>, Failure> {
    let options = Options { only: global.region.clone(), ..Options::default() };
    let request = Request { options, ..Request::setup(default_region) };
    let is_section = |name: &&String| spec.alarms.iter().any(|alarm| alarm.name.as_str() == **name);
    let (sections, names): (Vec<&String>, Vec<&String>) = names.iter().partition(is_section);
    let mut found = Vec::new();
    if !sections.is_empty() {
        let mut part = spec.clone();
        part.alarms.retain(|alarm| sections.iter().any(|name| alarm.name.as_str() == **name));
        found.extend(of(provider, &part, &request).await?);
    }
    if sections.is_empty() || !names.is_empty() {
        let all = of(provider, spec, &request).await?;
        let known: Vec<String> = all.iter().map(|alarm| alarm.name.clone()).collect();
        if let Some(name) = names.iter().find(|name| !known.contains(name)) {
            return Err(unknown(name, &known));
        }
        let is_named = |alarm: &Watched| names.is_empty() || names.contains(&&alarm.name);
        for alarm in all.into_iter().filter(is_named) {
            if !found.contains(&alarm) {
                found.push(alarm);
            }
        }
    }
    if found.is_empty() {
        return Err(Failure::new(
            "the file has no alarms",
            "write an [[alarms]] section; `notify-cli replay` tries events",
        ));
    }
    Ok(found)
}

async fn of<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<Vec<Watched>, Failure> {
    let (who, desired) = plan_wanted(provider, spec, request).await?;
    if let Some(hold) = desired.holds.first() {
        return Err(Failure::new(
            format!("a web ACL in {} could not be read: {}", hold.region, hold.reason),
            "without its rules nobody knows which alarms there are: run the same command again",
        ));
    }
    Ok(alarms(&desired.state, &who))
}

fn unknown(name: &str, known: &[String]) -> Failure {
    let help = match known {
        [] => "it has none".to_owned(),
        known => format!("there are\n    {}", known.join("\n    ")),
    };
    Failure::new(format!("the file has no alarm `{name}`"), help)
}
