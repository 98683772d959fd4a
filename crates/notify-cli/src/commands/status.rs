//! `status`: the path to a person, link by link, and what is not as the file says.

use super::{Ended, already, plan};
use crate::args::{Allowed, Global, ProviderName};
use crate::failure::{DONE, Failure, PENDING};
use crate::print::{BAD, CHANGED, GOOD, paint};
use crate::world::World;
use crate::{interrupt, print, show, spec_file};
use notify_core::plan::mute::Running;
use notify_core::plan::{Owner, Purpose, Survey, owner, survey};
use notify_core::proof::{Link, LinkName, LinkState, Proof, gather, prove, quoted};
use notify_core::state::{Kind, NoteKind, Resource, ResourceKey, SubscriptionStatus};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// Proves the path to a person link by link, and says what is not as the file says
///
/// Exits with 2 while something is pending, changed or broken. What cannot be known for want of a
/// permission is said, and does not count. CloudWatch is asked for the metrics of two weeks, which
/// costs $0.01 for a thousand rules' and alarms' metrics.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Looks again every so often until all is well or Ctrl-C; prints again only what changed
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "60",
        value_parser = clap::value_parser!(u64).range(5..=86_400))]
    watch: Option<u64>,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let Some(seconds) = args.watch else {
        let seen = look(global).await?;
        print::out(&seen.said(global));
        return Ok(seen.code());
    };
    interrupt::ends_the_program("nothing was changed");
    let mut last = String::new();
    loop {
        match look(global).await {
            Ok(seen) => {
                let said = seen.said(global);
                // One document is one answer: the last.
                if (seen.is_well() || !global.json) && said != last {
                    print::out(&said);
                    last = said;
                }
                if seen.is_well() {
                    return Ok(DONE);
                }
            }
            // What was seen once can be seen again.
            Err(failure) if !last.is_empty() => {
                print::err(&print::clean(&format!("could not look: {}", failure.message)));
            }
            Err(failure) => return Err(failure),
        }
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

/// What one look found.
struct Seen {
    survey: Survey,
    proof: Proof,
    mutes: Vec<Running>,
    /// What will never send a mail, because it is so already.
    already: String,
    label: &'static str,
}

async fn look(global: &Global) -> Result<Seen, Failure> {
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let world = World::open(global, &folder).await?;
    let allowed = Allowed {
        adopt: Vec::new(),
        resubscribe: Vec::new(),
        prune_subscriptions: false,
        allow_deletes: true,
    };
    let request = plan::request(Purpose::Setup, &allowed, global, &world);
    let mut survey = survey(&world, &spec, &request).await?;
    let Survey { plan, observed, .. } = &mut survey;
    let mutes = show::mute::find(&world, &spec, plan, observed, request.options.now).await?;
    let mut facts = gather(&world, &survey, request.options.now).await;
    let of_alarms = mutes.iter().filter(|one| one.key.kind == Kind::Mute);
    let ends = of_alarms.map(|one| ((one.region.clone(), one.notification.clone()), one.until));
    facts.muted = ends.collect();
    let proof = prove(&survey, &facts);
    let already = if global.json {
        String::new()
    } else {
        already::human(&already::now(&world, &spec, global, &survey, &facts).await)
    };
    Ok(Seen { survey, proof, mutes, already, label: world.label() })
}

impl Seen {
    /// Whether everything is as the file says and nothing waits for a person.
    fn is_as_written(&self) -> bool {
        let plan = &self.survey.plan;
        let waiting = plan.notes.iter().any(|note| note.kind == NoteKind::Waiting);
        self.has_no_drift() && !waiting
    }

    fn has_no_drift(&self) -> bool {
        let plan = &self.survey.plan;
        // What a test has left behind is no drift: `setup` takes it away, and so does the next test.
        let drifted = plan.changes().any(|change| !change.clears_a_test());
        !drifted && plan.blocked.is_empty() && plan.holds.is_empty()
    }

    fn is_well(&self) -> bool {
        self.is_as_written() && self.proof.is_well()
    }

    fn code(&self) -> u8 {
        if self.is_well() { DONE } else { PENDING }
    }

    fn said(&self, global: &Global) -> String {
        if global.json {
            print::json(&self.document(global))
        } else {
            self.text(global).trim_end().to_owned()
        }
    }

    /// What of the stack exists.
    fn exists(&self) -> impl Iterator<Item = (&ResourceKey, String)> {
        let Survey { plan, observed, .. } = &self.survey;
        let is_shown = |(key, resource): &(&ResourceKey, &Resource)| {
            let others = matches!(owner(resource.tags(), &plan.stack), Owner::Other { .. });
            let hidden = plan
                .notes
                .iter()
                .any(|n| n.kind == NoteKind::NotOurs && n.key.as_ref() == Some(*key));
            !others && !hidden
        };
        observed.iter().filter(is_shown).map(|(key, resource)| (key, state(resource)))
    }

    fn document(&self, global: &Global) -> Value {
        let mut plan = show::json::plan(&self.survey.plan);
        let links = show::proof::links(&self.proof, |link| command(link, global));
        let mut document = json!({"version": plan["version"], "links": links});
        if let (Some(all), Some(rest)) = (document.as_object_mut(), plan.as_object_mut()) {
            for (name, value) in std::mem::take(rest) {
                all.entry(name).or_insert(value);
            }
        }
        document["ok"] = json!(self.is_well());
        let listed = self.exists().map(|(key, state)| {
            json!({"kind": key.kind, "place": key.place.to_string(), "name": key.name, "state": state})
        });
        document["exists"] = listed.collect();
        document["mutes"] = show::mute::list(&self.mutes);
        document
    }

    fn text(&self, global: &Global) -> String {
        let plan = &self.survey.plan;
        let mut out =
            format!("Stack {}, account {}{}\n", plan.stack, plan.identity.account, self.label);
        out.push_str(&show::mute::loud(&self.mutes));
        if self.exists().next().is_none() {
            out.push_str("\nNothing exists yet.\n");
        }
        out.push_str(&show::proof::human(&self.proof, |link| command(link, global)));
        out.push_str(&self.already);
        let mut shown = plan.clone();
        if !self.proof.links.is_empty() {
            // Said already, with the command that helps.
            shown.notes.retain(|note| note.kind != NoteKind::Waiting);
        }
        out.push_str(&show::plan::notes(&shown));
        out.push_str(&show::plan::obstacles(plan));
        let verdict = if self.is_well() {
            paint(GOOD, "Everything is as the file says.")
        } else if self.is_as_written() {
            paint(BAD, "Everything is as the file says, and mail does not get through.")
        } else if self.has_no_drift() {
            paint(CHANGED, "Everything exists; something waits for a person.")
        } else {
            let blocked = match plan.blocked.len() {
                0 => String::new(),
                n => format!(", {n} in the way"),
            };
            let said = format!("Not as the file says: {}{blocked}.", show::json::counts(plan));
            paint(BAD, &said) + " `notify-cli plan` shows what."
        };
        out.push('\n');
        if !self.proof.links.is_empty() {
            let _ = writeln!(out, "{}", show::proof::summary(&self.proof));
        }
        out.push_str(&verdict);
        out
    }
}

/// A link's command as it has to be typed here: with the options that this run was given.
fn command(link: &Link, global: &Global) -> Option<String> {
    let command = link.command.as_deref()?;
    let option = |name: &str, value: &str| format!(" --{name} {}", quoted(value));
    let profile = global.profile.as_deref().map(|profile| option("profile", profile));
    let endpoint = global.endpoint_url.as_deref().map(|url| option("endpoint-url", url));
    let given = [profile, endpoint].into_iter().flatten().collect::<String>();
    if !command.starts_with("notify-cli ") {
        return Some(format!("{command}{given}"));
    }
    let waits = link.link == LinkName::Confirmed && link.state == LinkState::Pending;
    let is_local = global.provider == ProviderName::Local;
    let command = match &link.endpoint {
        // There is no link to follow: the address is enough.
        Some(endpoint) if is_local && waits => format!("notify-cli confirm {}", quoted(endpoint)),
        _ => command.to_owned(),
    };
    let local = if is_local { " --provider local" } else { "" };
    let config = global.config.as_ref().map(|path| option("config", &path.to_string_lossy()));
    Some(format!("{command}{local}{}{given}", config.unwrap_or_default()))
}

fn state(resource: &Resource) -> String {
    let text = match resource {
        Resource::Subscription(subscription) => match subscription.status.value() {
            Some(SubscriptionStatus::Confirmed) => "confirmed",
            Some(SubscriptionStatus::Pending) => "not confirmed yet",
            Some(SubscriptionStatus::Deleted) => "left",
            None => "",
        },
        Resource::Rule(rule) => rule.state.value().map_or("", |state| state.as_str()),
        Resource::Alarm(alarm) => alarm.state.value().map_or("", |state| state.as_str()),
        Resource::Queue(queue) => {
            return match queue.messages.value() {
                None | Some(0) => String::new(),
                Some(waiting) => format!("about {waiting} waiting"),
            };
        }
        Resource::Topic(_)
        | Resource::StateMachine(_)
        | Resource::Target(_)
        | Resource::Mute(_)
        | Resource::Schedule(_)
        | Resource::Role(_) => "",
    };
    text.to_owned()
}
