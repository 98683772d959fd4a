//! After a first setup: what does not comply already, and names of Config rules that find none.

use crate::args::Global;
use crate::print::CHANGED;
use crate::show::baseline::advice;
use crate::show::table::marked;
use crate::world::World;
use notify_core::aws::Region;
use notify_core::baseline::{NameAdvice, Silent, Watch, count, name_advice, unknown_line, watched};
use notify_core::plan::{Action, Survey};
use notify_core::proof::{Facts, Known, Unknown};
use notify_core::provider::{
    ConfigReader, ConfigRule, ErrorClass, Outcome, Provider, ProviderError, Report,
};
use notify_core::spec::{Language, Spec};
use notify_core::state::ResourceKey;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a region has already.
pub(super) struct Already {
    region: Region,
    silent: Result<Silent, ProviderError>,
    names: Vec<NameAdvice>,
}

/// Looks at what the notifications of Config rules that a run has made would have told of. A run
/// that made none asks nothing. Nothing here makes a setup fail.
pub(super) async fn after(
    world: &World,
    spec: &Spec,
    global: &Global,
    report: &Report,
) -> Vec<Already> {
    let made = report.applied.iter().filter(|applied| {
        applied.action == Action::Create && matches!(applied.outcome, Outcome::Done)
    });
    let made: BTreeSet<&ResourceKey> = made.map(|applied| &applied.key).collect();
    look(world, spec, global, None, |key| made.contains(key)).await
}

/// The same of all notifications that are set up. Their names are checked elsewhere, and the Config
/// rules have been read for that.
pub(super) async fn now(
    world: &World,
    spec: &Spec,
    global: &Global,
    survey: &Survey,
    facts: &Facts,
) -> Vec<Already> {
    let is_there = |key: &ResourceKey| survey.observed.contains_key(key);
    let mut found = look(world, spec, global, Some(facts), is_there).await;
    for already in &mut found {
        already.names.clear();
    }
    found
}

async fn look(
    world: &World,
    spec: &Spec,
    global: &Global,
    facts: Option<&Facts>,
    concerns: impl Fn(&ResourceKey) -> bool,
) -> Vec<Already> {
    let default_region = world.default_region();
    let watches = watched(spec, default_region.as_ref(), global.region.as_ref());
    let mut found = Vec::new();
    // What is wrong with the spec's regions has been said.
    for mut watch in watches.into_iter().flatten() {
        let region = watch.region.clone();
        watch.notifications.retain(|one| concerns(&ResourceKey::rule(&region, &one.name)));
        if !watch.notifications.is_empty() {
            let read =
                facts.and_then(|facts| facts.config.get(&region)).map(|config| &config.rules);
            found.extend(look_in(world, &watch, read).await);
        }
    }
    found
}

/// `None` where a local account knows nothing of AWS Config: who tries things out is not bothered.
async fn look_in(
    world: &World,
    watch: &Watch,
    read: Option<&Known<Vec<ConfigRule>>>,
) -> Option<Already> {
    let region = watch.region.clone();
    let looked = async {
        let identity = world.identity().await?;
        let rules = match read {
            Some(Ok(rules)) => rules.clone(),
            Some(Err(Unknown { operation, class, message })) => {
                let region = region.to_string();
                return Err(ProviderError::new(*class, operation.clone(), region, message.clone()));
            }
            None => world.config_rules(&region).await?,
        };
        let silent = count(world, watch, &identity, &rules).await?;
        Ok::<_, ProviderError>((silent, name_advice(watch, &rules)))
    };
    match looked.await {
        Ok((silent, names)) => Some(Already { region, silent: Ok(silent), names }),
        Err(error) if error.class == ErrorClass::NotFound && matches!(world, World::Local(_)) => {
            None
        }
        Err(error) => Some(Already { region, silent: Err(error), names: Vec::new() }),
    }
}

/// What to say of it, below all else; nothing where there is nothing.
pub(super) fn human(found: &[Already]) -> String {
    let mut lines = Vec::new();
    for Already { region, silent, names } in found {
        let mut line = |text: &str| lines.push(marked(CHANGED, "!", &format!("{region}: {text}")));
        match silent {
            Ok(silent) => {
                silent.line().iter().for_each(|text| line(text));
                silent.gaps.iter().for_each(|gap| line(&format!("not complete: {gap}")));
            }
            Err(error) => line(&unknown_line(error)),
        }
        lines.extend(names.iter().map(|name| advice(&format!("{region}: "), name, Language::En)));
    }
    let shown: Vec<String> = lines.into_iter().map(|line| format!("{line}\n")).collect();
    if shown.is_empty() { String::new() } else { format!("\n{}", shown.concat()) }
}

/// The same in a JSON document.
pub(super) fn document(found: &[Already]) -> Value {
    let region = |already: &Already| {
        let Already { region, silent, names } = already;
        let known = silent.as_ref().ok();
        json!({
            "region": region,
            "resources": known.map(|silent| silent.resources),
            "at_least": known.is_none_or(|silent| silent.at_least || !silent.gaps.is_empty()),
            "unknown": silent.as_ref().err().map(unknown_line),
            "names": names.iter().map(|name| format!("{}: {}", name.notification, name.text)).collect::<Vec<_>>(),
        })
    };
    found.iter().map(region).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(silent: Result<Silent, ProviderError>) -> String {
        let region = Region::us_east_1();
        let found = [Already { region, silent, names: Vec::new() }];
        let document = document(&found)[0].clone();
        let text = anstream::adapter::strip_str(&human(&found)).to_string();
        let fields = ["resources", "at_least", "unknown"].map(|field| document[field].to_string());
        format!("{text}{}", fields.join(" "))
    }

    #[test]
    fn what_is_not_known_is_said_with_the_permission() {
        let denied = ErrorClass::AccessDenied;
        let error = ProviderError::new(denied, "config:DescribeConfigRules", "us-east-1", "no");
        let why = "whether resources do not comply already is not known: allow\n    \
                   `config:DescribeConfigRules`\n";
        let text = shown(Err(error));
        assert!(text.starts_with(&format!("\n  ! us-east-1: {why}null true \"")), "{text}");
    }

    #[test]
    fn a_count_that_is_not_whole_says_so() {
        let silent = |resources, at_least, gaps: &[&str]| {
            let gaps = gaps.iter().map(|gap| (*gap).to_owned()).collect();
            shown(Ok(Silent { resources, at_least, gaps }))
        };
        assert_eq!(silent(0, false, &[]), "0 false null");
        assert_eq!(
            silent(0, false, &["g\u{7}"]),
            "\n  ! us-east-1: not complete: g\\u{7}\n0 true null"
        );
        assert!(silent(25, true, &[]).ends_with("lists them\n25 true null"));
        assert_eq!(human(&[]), "");
    }
}
