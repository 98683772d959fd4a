//! The path to a person, broken at each of its links: what is said, and what mends it.

use jiff::Timestamp;
use notify_core::alarm::Transition;
use notify_core::aws::policy::{Policy, default_policy};
use notify_core::aws::{AlarmState, Arn, Filter, Region, TopicName};
use notify_core::local::{LocalCloud, LocalKey};
use notify_core::plan::{self, Step, Survey, TopicAttribute};
use notify_core::proof::{
    ConfigFacts, Facts, Link, LinkName, LinkState, Proof, Unknown, check_keys, gather, prove,
};
use notify_core::provider::{
    self, ConfigRule, ConfigRuleState, ErrorClass, KeyFacts, KeyManager, Recorder,
    SubscriptionFacts,
};
use notify_core::spec::{self, Format, Spec};
use notify_core::state::{
    Alarm, Reference, Resource, ResourceKey, Rule, RuleState, SubscriptionStatus, Target, Want,
};
use serde_json::json;

const NOW: &str = "2026-11-24T10:20:00Z";
const READER: &str = "ops@example.com";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alerts";

const FILE: &str = r#"
stack   = "security"
regions = ["eu-west-1"]
[topic]
name = "alerts"
[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"
[[events]]
name    = "shop"
pattern = '{"source": ["shop"], "detail": {"kind": ["broken"]}}'
message = "Broken at <$.time>."
[[events]]
name         = "config"
preset       = "config-compliance"
config_rules = ["restricted-ssh", { prefix = "OrgConfigRule-s3-" }]
[[alarms]]
name      = "errors"
namespace = "shop"
metric    = "errors"
threshold = 1
[[alarms]]
name    = "waf"
preset  = "waf-blocked"
web_acl = "base"
rules   = ["common"]
"#;

/// An account in which everything is set up and confirmed, before something is broken.
struct World {
    cloud: LocalCloud,
    spec: Spec,
}

fn region() -> Region {
    Region::parse("eu-west-1").expect("a region")
}

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn topic() -> ResourceKey {
    ResourceKey::topic(&region(), &TopicName::parse("alerts").expect("a name"))
}

fn key(text: &str) -> ResourceKey {
    format!("eu-west-1/{text}").parse().expect("a key")
}

impl World {
    async fn new(file: &str) -> Self {
        let parsed = spec::parse(file, Format::Toml);
        let spec = parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings));
        let world = Self { cloud: LocalCloud::default(), spec };
        world.cloud.set_time(now());
        let plan = world.survey().await.plan;
        assert!(provider::apply(&world.cloud, &plan, || false, |_| {}).await.is_complete());
        world.cloud.confirm(READER);
        world
    }

    async fn survey(&self) -> Survey {
        let request = plan::Request::setup(None);
        plan::survey(&self.cloud, &self.spec, &request).await.expect("a survey")
    }

    async fn facts(&self) -> (Survey, Facts) {
        let survey = self.survey().await;
        let facts = gather(&self.cloud, &survey, now()).await;
        (survey, facts)
    }

    async fn proof(&self) -> Proof {
        let (survey, facts) = self.facts().await;
        prove(&survey, &facts)
    }

    fn call(&self, step: &Step) {
        self.cloud.call(&region(), step).expect("a call");
    }

    async fn observed<T>(&self, name: &str, take: impl Fn(&Resource) -> Option<T>) -> T {
        take(&self.survey().await.observed[&key(name)]).expect("such a resource")
    }

    async fn rule(&self, name: &str) -> Rule {
        self.observed(&format!("rule/{name}"), |resource| match resource {
            Resource::Rule(rule) => Some(rule.clone()),
            _ => None,
        })
        .await
    }

    async fn alarm(&self, name: &str) -> Box<Alarm> {
        self.observed(&format!("alarm/{name}"), |resource| match resource {
            Resource::Alarm(alarm) => Some(alarm.clone()),
            _ => None,
        })
        .await
    }

    async fn target(&self, name: &str) -> Target {
        self.observed(&format!("target/{name}/notify"), |resource| match resource {
            Resource::Target(target) => Some(target.clone()),
            _ => None,
        })
        .await
    }

    /// Replaces the topic's policy as a whole.
    async fn put_policy(&self, statements: &[serde_json::Value]) {
        let remove = self
            .observed("topic/alerts", |resource| match resource {
                Resource::Topic(topic) => topic.policy.value().cloned(),
                _ => None,
            })
            .await;
        let sids = remove.statements().iter().filter_map(|s| s["Sid"].as_str().map(str::to_owned));
        self.call(&Step::MergeTopicPolicy {
            topic: topic(),
            put: statements.to_vec(),
            remove: sids.collect(),
        });
    }
}

fn link<'a>(proof: &'a Proof, notification: &str, name: LinkName) -> &'a Link {
    let is_it = |link: &&Link| link.notification == notification && link.link == name;
    proof.links.iter().find(is_it).unwrap_or_else(|| panic!("{notification} {name:?}"))
}

/// A link's state, its cause and what mends it; the verdict must have them, too.
#[track_caller]
fn check(
    proof: &Proof,
    notification: &str,
    name: LinkName,
    state: LinkState,
    cause: &str,
    command: &str,
) {
    let found = link(proof, notification, name);
    let of = |link: &Link| {
        (
            link.state,
            link.cause.clone().unwrap_or_default(),
            link.command.clone().unwrap_or_default(),
        )
    };
    let want = (state, cause.to_owned(), command.to_owned());
    assert_eq!(of(found), want, "{found:?}");
    if state.is_wrong() {
        assert!(!proof.is_well());
        assert_eq!(of(link(proof, notification, LinkName::Verdict)), want, "the verdict");
    }
}

#[tokio::test]
async fn a_setup_that_is_confirmed_is_armed_and_then_delivers() {
    let world = World::new(FILE).await;
    let proof = world.proof().await;
    assert!(proof.is_well(), "{proof:#?}");
    let verdicts = |proof: &Proof| -> Vec<String> {
        let said = |l: &Link| format!("{} {} {}", l.notification, l.state.as_str(), l.found);
        proof.verdicts().map(said).collect()
    };
    let unknown = "unknown armed, as far as can be known";
    assert_eq!(
        verdicts(&proof),
        [
            format!("config {unknown}"),
            "shop quiet armed, quiet".to_owned(),
            "errors quiet armed, quiet".to_owned(),
            format!("waf-common {unknown}"),
        ]
    );
    let names: Vec<&str> = proof
        .links
        .iter()
        .filter(|link| link.notification == "shop")
        .map(|link| link.link.as_str())
        .collect();
    assert_eq!(names, LinkName::ALL.map(LinkName::as_str));

    let event = r#"{"source": "shop", "time": "t", "detail": {"kind": "broken"}}"#;
    world.cloud.emit(&region(), event).expect("an event");
    let proof = world.proof().await;
    assert_eq!(verdicts(&proof)[1], "shop ok delivering");
    let deliveries = link(&proof, "shop", LinkName::Deliveries);
    assert_eq!(deliveries.found, "1 event to the topic, last 2026-11-24");
    assert_eq!(link(&proof, "shop", LinkName::Matches).found, "last 2026-11-24");

    let change = Transition {
        from: AlarmState::InsufficientData,
        to: AlarmState::Alarm,
        reason: "r".to_owned(),
        at: now(),
    };
    world.cloud.set_alarm_state(&region(), "errors", change).expect("a state");
    assert_eq!(verdicts(&world.proof().await)[2], "errors ok delivering");
}

#[tokio::test]
async fn what_is_not_there_is_said_once() {
    let world = World::new(FILE).await;
    for name in ["shop", "errors"] {
        let step = match name {
            "shop" => Step::RemoveTarget { rule: name.to_owned(), id: "notify".to_owned() },
            _ => Step::DeleteAlarm { name: name.to_owned() },
        };
        world.call(&step);
    }
    let proof = world.proof().await;
    let (target, enabled) = (LinkName::Target, LinkName::Enabled);
    let broken = LinkState::Broken;
    check(&proof, "shop", target, broken, "the rule has no target", "notify-cli setup");
    check(&proof, "errors", enabled, broken, "the alarm does not exist", "notify-cli setup");
    world.call(&Step::DeleteRule { name: "shop".to_owned() });
    let proof = world.proof().await;
    check(&proof, "shop", enabled, broken, "the rule does not exist", "notify-cli setup");
    let of_rule = proof.links.iter().filter(|link| link.notification == "shop");
    let wrong = of_rule.filter(|link| link.state.is_wrong()).count();
    assert_eq!(wrong, 2, "the link and the verdict");
}

#[tokio::test]
async fn a_disabled_rule_and_one_that_sends_elsewhere() {
    let world = World::new(FILE).await;
    let mut rule = world.rule("shop").await;
    rule.state = Want::Exactly(RuleState::Disabled);
    world.call(&Step::PutRule { name: "shop".to_owned(), rule });
    let proof = world.proof().await;
    check(
        &proof,
        "shop",
        LinkName::Enabled,
        LinkState::Broken,
        "the rule is disabled",
        "notify-cli setup",
    );
    let others = link(&proof, "config", LinkName::Verdict);
    assert_eq!(others.state, LinkState::Unknown, "only this one");

    let until = [("notify:muted-until".to_owned(), "2026-11-24T12:00:00Z".to_owned())];
    world.call(&Step::Tag { key: key("rule/shop"), tags: until.into() });
    let proof = world.proof().await;
    check(
        &proof,
        "shop",
        LinkName::Enabled,
        LinkState::Muted,
        "it is muted until 2026-11-24T12:00:00Z",
        "notify-cli unmute shop",
    );
    assert_eq!(link(&proof, "shop", LinkName::Verdict).found, "muted");
    // A mute that is over woke nobody: the rule is off, and nobody is told of anything.
    let over = [("notify:muted-until".to_owned(), "2026-11-01T00:00:00Z".to_owned())];
    world.call(&Step::Tag { key: key("rule/shop"), tags: over.into() });
    let enabled = (LinkName::Enabled, LinkState::Broken);
    check(
        &world.proof().await,
        "shop",
        enabled.0,
        enabled.1,
        "the rule is disabled",
        "notify-cli setup",
    );

    let mut target = world.target("config").await;
    target.to = Reference::Arn("arn:aws:sqs:eu-west-1:123456789012:q".to_owned());
    world.call(&Step::PutTarget { rule: "config".to_owned(), target });
    check(
        &world.proof().await,
        "config",
        LinkName::Target,
        LinkState::Broken,
        "the rule tells `arn:aws:sqs:eu-west-1:123456789012:q`, not the topic alerts",
        "notify-cli setup",
    );
}

#[tokio::test]
async fn what_the_file_switches_off_is_no_mistake() {
    let off = FILE
        .replace("message = \"Broken", "enabled = false\nmessage = \"Broken")
        .replace("metric    = \"errors\"", "metric    = \"errors\"\nenabled = false");
    let proof = World::new(&off).await.proof().await;
    for name in ["shop", "errors"] {
        let (enabled, muted) = (LinkName::Enabled, LinkState::Muted);
        check(&proof, name, enabled, muted, "the file has it switched off", "");
        assert_eq!(link(&proof, name, LinkName::Verdict).state, muted);
    }
    assert!(proof.is_well());
}

#[tokio::test]
async fn an_alarm_that_tells_nobody() {
    let world = World::new(FILE).await;
    let put = |alarm| world.call(&Step::PutAlarm { name: "errors".to_owned(), alarm, tags: None });
    let mut alarm = world.alarm("errors").await;
    alarm.alarm_actions.clear();
    put(alarm.clone());
    let (target, broken) = (LinkName::Target, LinkState::Broken);
    let nobody = "the alarm tells nobody when it goes off";
    check(&world.proof().await, "errors", target, broken, nobody, "notify-cli setup");

    alarm.alarm_actions = vec![Reference::Arn("arn:aws:sns:eu-west-1:1:other".to_owned())];
    put(alarm.clone());
    let elsewhere = "the alarm tells `arn:aws:sns:eu-west-1:1:other`, not the topic alerts";
    check(&world.proof().await, "errors", target, broken, elsewhere, "notify-cli setup");

    alarm.alarm_actions = vec![Reference::Key(topic())];
    alarm.enabled = Want::Exactly(false);
    put(alarm.clone());
    let off = "the alarm's actions are switched off";
    check(&world.proof().await, "errors", LinkName::Enabled, broken, off, "notify-cli setup");

    alarm.enabled = Want::Exactly(true);
    alarm.threshold = 500.0;
    put(alarm.clone());
    let (written, drifted) = (LinkName::AsWritten, LinkState::Drifted);
    let changed = "threshold is 500.0, and the file says 1.0";
    check(&world.proof().await, "errors", written, drifted, changed, "notify-cli setup");
    alarm.period = 60;
    put(alarm);
    let changed = "period, threshold are not as the file says";
    check(&world.proof().await, "errors", written, drifted, changed, "notify-cli setup");
}

#[tokio::test]
async fn a_policy_that_refuses_the_publisher() {
    let world = World::new(FILE).await;
    let arn: Arn = TOPIC.parse().expect("an ARN");
    world.put_policy(default_policy(&arn).statements()).await;
    let proof = world.proof().await;
    let (policy, broken) = (LinkName::Policy, LinkState::Broken);
    let nobody = "no statement of the topic's policy lets events.amazonaws.com publish";
    check(&proof, "shop", policy, broken, nobody, "notify-cli setup");
    assert_eq!(link(&proof, "errors", policy).state, LinkState::Ok, "alarms may");

    let open = json!({"Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"});
    let deny = json!({"Sid": "no", "Effect": "Deny", "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish", "Resource": "*"});
    world.put_policy(&[deny, open.clone()]).await;
    let proof = world.proof().await;
    let without = Policy::of([open.clone()]);
    let document = without.to_document().replace("2012-10-17", "2008-10-17");
    let found = link(&proof, "errors", policy);
    assert_eq!(
        found.cause.as_deref(),
        Some("statement `no` of the topic's policy refuses cloudwatch.amazonaws.com")
    );
    let command = found.command.as_deref().unwrap_or_default();
    let begin = format!(
        "aws sns set-topic-attributes --topic-arn {TOPIC} --region eu-west-1 --attribute-name Policy --attribute-value '{{"
    );
    assert!(command.starts_with(&begin), "{command}");
    let value = command.rsplit("--attribute-value ").next().unwrap_or_default().trim_matches('\'');
    let (left, right) = (Policy::parse(value), Policy::parse(&document));
    assert_eq!(left.map(|p| p.statements().to_vec()), right.map(|p| p.statements().to_vec()));

    let org = json!({"Sid": "org", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}});
    world.put_policy(&[org, open]).await;
    let depends = "statement `org` of the topic's policy depends on the key `aws:PrincipalOrgID`";
    check(&world.proof().await, "shop", policy, LinkState::Unknown, depends, "");
}

#[tokio::test]
async fn a_topic_without_subscribers_and_readers_who_are_lost() {
    let nobody = FILE
        .replace("[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n", "");
    let (confirmed, broken) = (LinkName::Confirmed, LinkState::Broken);
    let subscribe = format!(
        "aws sns subscribe --topic-arn {TOPIC} --protocol email --notification-endpoint ADDRESS --region eu-west-1"
    );
    let alone = World::new(&nobody).await;
    check(
        &alone.proof().await,
        "shop",
        confirmed,
        broken,
        "the topic alerts has no subscribers",
        &subscribe,
    );
    // One who is not in the file counts once he has confirmed.
    let (protocol, endpoint) = (notify_core::aws::Protocol::Email, "else@example.com".to_owned());
    alone.call(&Step::Subscribe { topic: topic(), protocol, endpoint, filter: None });
    assert_eq!(link(&alone.proof().await, "shop", confirmed).endpoint, None);
    alone.cloud.confirm("else@example.com");
    let proof = alone.proof().await;
    assert_eq!(link(&proof, "shop", confirmed).endpoint.as_deref(), Some("else@example.com"));
    assert!(proof.is_well());

    // A scanner follows the link in a mail.
    let world = World::new(FILE).await;
    assert_eq!(world.cloud.reader(READER, SubscriptionStatus::Deleted), 0, "it is locked");
    world.cloud.reader(READER, SubscriptionStatus::Pending);
    let waits = "ops@example.com has not confirmed the subscription yet";
    let confirm = "notify-cli confirm 'LINK OF THE MAIL'";
    check(&world.proof().await, "shop", confirmed, LinkState::Pending, waits, confirm);

    let clicked = World::new(FILE).await;
    let text =
        clicked.cloud.to_json().replace("\"authenticated\": true", "\"authenticated\": false");
    let clicked = World { cloud: LocalCloud::from_json(&text).expect("an account"), ..clicked };
    let proof = clicked.proof().await;
    let locked = link(&proof, "shop", LinkName::Locked);
    assert_eq!((locked.state, locked.found.as_str()), (LinkState::Weak, "one click ends it"));
    let command = locked.command.as_deref().unwrap_or_default();
    assert!(
        command.starts_with(&format!("aws sns unsubscribe --subscription-arn {TOPIC}:")),
        "{command}"
    );
    assert!(proof.is_well(), "mail flows until somebody clicks");
    assert_eq!(clicked.cloud.reader(READER, SubscriptionStatus::Deleted), 1);
    let left = "ops@example.com has left: the link that unsubscribes was followed, by a person or a mail scanner";
    let again = "notify-cli setup --resubscribe ops@example.com";
    check(&clicked.proof().await, "shop", confirmed, broken, left, again);

    let text = clicked.cloud.to_json();
    let mut account: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    account["regions"]["eu-west-1"]["topics"]["alerts"]["subscriptions"] = json!([]);
    let gone = World {
        cloud: LocalCloud::from_json(&account.to_string()).expect("an account"),
        ..clicked
    };
    let not = "ops@example.com is not subscribed";
    check(&gone.proof().await, "shop", confirmed, broken, not, "notify-cli setup");
}

#[tokio::test]
async fn a_subscription_that_takes_no_such_messages() {
    let world = World::new(FILE).await;
    let with = async |filter: Option<(&str, bool)>, confirmed: bool| {
        let (survey, mut facts) = world.facts().await;
        let filter = filter.and_then(|(policy, on_body)| Filter::parse(policy, on_body));
        for known in facts.subscriptions.values_mut() {
            let confirmation_was_authenticated = true;
            *known = Ok(Some(SubscriptionFacts {
                confirmed,
                confirmation_was_authenticated,
                filter: filter.clone(),
            }));
        }
        let proof = prove(&survey, &facts);
        let found = link(&proof, "shop", LinkName::Confirmed).clone();
        (found.state, found.command.unwrap_or_default())
    };
    assert_eq!(with(None, true).await, (LinkState::Ok, String::new()));
    let (state, command) = with(Some((r#"{"a": ["b"]}"#, false)), true).await;
    assert_eq!(state, LinkState::Broken);
    assert!(command.ends_with("--attribute-name FilterPolicy --attribute-value '{}'"), "{command}");
    let (state, _) = with(Some((r#"{"a": [{"exists": false}, "b"]}"#, false)), true).await;
    assert_eq!(state, LinkState::Ok, "a rule that publishes directly gives no attributes");
    for unclear in [(r#"{"a": [{"anything-but": "b"}]}"#, false), (r#"{"a": ["b"]}"#, true)] {
        assert_eq!(with(Some(unclear), true).await.0, LinkState::Unknown, "{unclear:?}");
    }
    assert_eq!(with(None, false).await.0, LinkState::Pending);
}

#[tokio::test]
async fn a_template_that_loses_mails() {
    let lossy = FILE.replace("Broken at <$.time>.", "Broken: <$.detail.note>.");
    for (pattern, state, found) in [
        ("{\"source\": [\"aws.guardduty\"]}", LinkState::Broken, "loses mails"),
        ("{\"source\": [\"shop\"]}", LinkState::Weak, "may lose a mail"),
    ] {
        let file = lossy
            .replace(r#"{"source": ["shop"], "detail": {"kind": ["broken"]}}"#, pattern)
            .replace(
                "$.detail.note",
                if state == LinkState::Broken { "$.detail.description" } else { "$.detail.x" },
            );
        let proof = World::new(&file).await.proof().await;
        let link = link(&proof, "shop", LinkName::Template);
        assert_eq!((link.state, link.found.as_str()), (state, found), "{link:?}");
        assert_eq!(link.command.as_deref(), Some("notify-cli setup"));
        assert!(
            link.cause.as_deref().is_some_and(|cause| cause.contains("leave `$.detail.")),
            "{link:?}"
        );
    }
}

fn config_rule(name: &str, state: ConfigRuleState) -> ConfigRule {
    ConfigRule { name: name.to_owned(), arn: None, state, created_by: None }
}

fn recorder(recording: bool, last: Option<&str>) -> Recorder {
    let last_error = last.map(|_| "NoBucket: no such bucket".to_owned());
    Recorder {
        name: "default".to_owned(),
        recording,
        last_status: last.map(str::to_owned),
        last_error,
    }
}

fn denied(operation: &str) -> Unknown {
    Unknown {
        operation: operation.to_owned(),
        class: ErrorClass::AccessDenied,
        message: "no".to_owned(),
    }
}

#[expect(clippy::too_many_lines, reason = "a table, and one way to hold it against")]
#[tokio::test]
async fn aws_config_must_judge_what_is_waited_for() {
    use ConfigRuleState::{Active, Deleting};
    let world = World::new(FILE).await;
    let (survey, facts) = world.facts().await;
    let ssh = || config_rule("restricted-ssh", Active);
    let s3 = || config_rule("OrgConfigRule-s3-x-abcdefgh", Active);
    let on = || Ok(Some(recorder(true, None)));
    let describe = "aws configservice describe-config-rules --region eu-west-1 --query ConfigRules[].ConfigRuleName";
    let put = |name: &str, identifier: &str| {
        format!(
            "aws configservice put-config-rule --region eu-west-1 --config-rule '{{\"ConfigRuleName\":\"{name}\",\"Source\":{{\"Owner\":\"AWS\",\"SourceIdentifier\":\"{identifier}\"}}}}'"
        )
    };
    let ssh_again = put("restricted-ssh", "INCOMING_SSH_DISABLED");
    let start = "aws configservice start-configuration-recorder --configuration-recorder-name default --region eu-west-1";
    let make = "aws configservice put-configuration-recorder --configuration-recorder name=default,roleARN=arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig --region eu-west-1";
    let channel = "aws configservice describe-delivery-channel-status --region eu-west-1";
    let (ok, unknown, broken) = (LinkState::Ok, LinkState::Unknown, LinkState::Broken);
    for (rules, recorder, state, cause, command) in [
        (Ok(vec![ssh(), s3()]), on(), ok, "", ""),
        (Ok(vec![ssh()]), on(), ok, "", ""),
        (Ok(vec![ssh()]), Ok(Some(recorder(true, Some("SUCCESS")))), ok, "", ""),
        (
            Ok(vec![ssh()]),
            Ok(Some(recorder(false, None))),
            broken,
            "AWS Config's recorder is off, so it judges nothing anew",
            start,
        ),
        (
            Ok(vec![ssh()]),
            Ok(None),
            broken,
            "AWS Config has no recorder here, so it judges nothing",
            make,
        ),
        (
            Ok(vec![ssh()]),
            Ok(Some(recorder(true, Some("FAILURE")))),
            broken,
            "AWS Config's recorder failed last: NoBucket: no such bucket",
            channel,
        ),
        (Ok(vec![s3()]), on(), broken, "there is no Config rule `restricted-ssh`", &ssh_again),
        (
            Ok(vec![config_rule("restricted-ssh", Deleting)]),
            on(),
            broken,
            "the Config rule `restricted-ssh` is in the state DELETING",
            &ssh_again,
        ),
        (
            Ok(vec![config_rule("OrgConfigRule-restricted-ssh-abcdefgh", Active)]),
            on(),
            broken,
            "the Config rule `restricted-ssh` exists only with a suffix: write { prefix = \"OrgConfigRule-restricted-ssh-\" } in `config_rules`",
            "notify-cli setup",
        ),
        (
            Ok(vec![config_rule("restricted-ssh-conformance-pack-szsm1uv0w", Active)]),
            on(),
            broken,
            "the Config rule `restricted-ssh` exists only with a suffix: write { prefix = \"restricted-ssh-conformance-pack-\" } in `config_rules`",
            "notify-cli setup",
        ),
        (
            Ok(vec![config_rule("securityhub-restricted-ssh-0a1b2c3d", Active)]),
            on(),
            broken,
            "the Config rule `restricted-ssh` exists only with a suffix: write { prefix = \"securityhub-restricted-ssh-\" } in `config_rules`",
            "notify-cli setup",
        ),
        (
            Err(denied("config:DescribeConfigRules")),
            on(),
            unknown,
            "the permission `config:DescribeConfigRules` is missing",
            "",
        ),
        (
            Ok(vec![ssh()]),
            Err(denied("config:DescribeConfigurationRecorderStatus")),
            unknown,
            "the permission `config:DescribeConfigurationRecorderStatus` is missing",
            "",
        ),
        (
            Ok(vec![]),
            Err(denied("x")),
            broken,
            "there is no Config rule `restricted-ssh`",
            &ssh_again,
        ),
    ] {
        let mut facts = facts.clone();
        facts.config.insert(region(), ConfigFacts { rules, recorder });
        check(&prove(&survey, &facts), "config", LinkName::Matches, state, cause, command);
    }

    let any = FILE
        .replace("config_rules = [\"restricted-ssh\", { prefix = \"OrgConfigRule-s3-\" }]\n", "");
    let only = FILE.replace("\"restricted-ssh\", ", "");
    let many = FILE.replace("\"restricted-ssh\", {", "\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", {");
    for (file, rules, cause, command) in [
        (&any, vec![], "there is no Config rule here", describe),
        (&only, vec![ssh()], "none of the 1 Config rules here has such a name", describe),
        (
            &many,
            vec![config_rule("f", Active)],
            "there are no Config rules `a`, `b`, `c`, `d`, `e`",
            &put("a", "A"),
        ),
        (
            &many,
            vec![s3()],
            "there are no Config rules `a`, `b`, `c`, `d`, `e`, 1 more",
            &put("a", "A"),
        ),
    ] {
        let world = World::new(file).await;
        let (survey, mut facts) = world.facts().await;
        facts.config.insert(region(), ConfigFacts { rules: Ok(rules), recorder: on() });
        check(&prove(&survey, &facts), "config", LinkName::Matches, broken, cause, command);
    }
}

#[tokio::test]
async fn a_missing_permission_is_named_and_breaks_nothing() {
    let world = World::new(FILE).await;
    let (survey, mut facts) = world.facts().await;
    facts.metrics.insert(region(), Err(denied("cloudwatch:GetMetricData")));
    for known in facts.subscriptions.values_mut() {
        *known = Err(denied("sns:GetSubscriptionAttributes"));
    }
    for known in facts.web_acls.values_mut() {
        *known = Err(denied("wafv2:ListWebACLs"));
    }
    let proof = prove(&survey, &facts);
    assert!(proof.is_well());
    for (name, link, permission) in [
        ("shop", LinkName::Matches, "cloudwatch:GetMetricData"),
        ("shop", LinkName::Deliveries, "cloudwatch:GetMetricData"),
        ("errors", LinkName::Matches, "cloudwatch:GetMetricData"),
        ("errors", LinkName::Locked, "sns:GetSubscriptionAttributes"),
    ] {
        let cause = format!("the permission `{permission}` is missing");
        check(&proof, name, link, LinkState::Unknown, &cause, "");
    }
    assert_eq!(link(&proof, "shop", LinkName::Confirmed).state, LinkState::Ok, "the listing told");
    let error = Unknown {
        operation: "kms:DescribeKey".to_owned(),
        class: ErrorClass::Other,
        message: "AWS is away".to_owned(),
    };
    assert_eq!(error.sentence(), "kms:DescribeKey: AWS is away");
}

fn key_policy(principals: &[&str], condition: &serde_json::Value) -> Policy {
    Policy::of([
        json!({"Sid": "owner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": "use", "Effect": "Allow", "Principal": {"Service": principals},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*", "Condition": condition}),
    ])
}

const BOTH: [&str; 2] = ["events.amazonaws.com", "cloudwatch.amazonaws.com"];

#[tokio::test]
async fn a_key_that_shuts_a_publisher_out() {
    let file = FILE.replace("name = \"alerts\"", "name = \"alerts\"\nkms_key = \"alias/notify\"");
    let world = World::new(&file).await;
    let key_link = LinkName::Key;
    let none = "the local account has no keys";
    check(&world.proof().await, "shop", key_link, LinkState::Unknown, none, "");

    let put = |policy, enabled| {
        let aliases = ["alias/notify".to_owned()].into();
        world.cloud.put_key(&region(), "1234", LocalKey { aliases, enabled, policy });
    };
    put(key_policy(&BOTH, &json!({})), true);
    let proof = world.proof().await;
    for name in ["shop", "errors"] {
        assert_eq!(link(&proof, name, key_link).state, LinkState::Ok);
    }
    put(key_policy(&BOTH[1..], &json!({})), true);
    let proof = world.proof().await;
    let cause = "the policy of the key `alias/notify` does not let events.amazonaws.com use it: it needs kms:GenerateDataKey* and kms:Decrypt";
    let shut = link(&proof, "shop", key_link);
    assert_eq!((shut.state, shut.cause.as_deref()), (LinkState::Broken, Some(cause)));
    assert_eq!(link(&proof, "errors", key_link).state, LinkState::Ok);
    // What the command says mends it.
    let command = shut.command.as_deref().unwrap_or_default();
    let begin = "aws kms put-key-policy --key-id arn:aws:kms:eu-west-1:123456789012:key/1234 --policy-name default --region eu-west-1 --policy '";
    let policy =
        command.strip_prefix(begin).and_then(|rest| rest.strip_suffix('\'')).expect(command);
    put(Policy::parse(policy).expect("a policy"), true);
    assert_eq!(link(&world.proof().await, "shop", key_link).state, LinkState::Ok);

    put(key_policy(&BOTH, &json!({"StringEquals": {"aws:SourceAccount": "123456789012"}})), true);
    let proof = world.proof().await;
    let doubt = link(&proof, "shop", key_link);
    assert_eq!(doubt.state, LinkState::Unknown);
    assert!(
        doubt.cause.as_deref().is_some_and(|c| c.contains("unsupported for EventBridge")),
        "{doubt:?}"
    );
    assert_eq!(link(&proof, "errors", key_link).state, LinkState::Ok);

    put(key_policy(&BOTH, &json!({})), false);
    let off = "the key `alias/notify` does not encrypt: it is in the state Disabled";
    let enable = "aws kms enable-key --key-id arn:aws:kms:eu-west-1:123456789012:key/1234 --region eu-west-1";
    check(&world.proof().await, "shop", key_link, LinkState::Broken, off, enable);
    let (survey, mut facts) = world.facts().await;
    let id = (region(), "alias/notify".to_owned());
    facts.keys.insert(id.clone(), Ok(None));
    let gone = "there is no key `alias/notify` in eu-west-1";
    let list = "aws kms list-aliases --region eu-west-1";
    check(&prove(&survey, &facts), "shop", key_link, LinkState::Broken, gone, list);
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234".parse().expect("an ARN");
    let state = "PendingDeletion".to_owned();
    let facts_of =
        KeyFacts { arn, enabled: false, state, manager: KeyManager::Customer, policy: None };
    facts.keys.insert(id, Ok(Some(facts_of)));
    let proof = prove(&survey, &facts);
    let command = link(&proof, "shop", key_link).command.clone().unwrap_or_default();
    assert!(command.starts_with("aws kms cancel-key-deletion --key-id "), "{command}");
}

#[tokio::test]
async fn the_key_of_aws_lets_nobody_publish() {
    let world = World::new(FILE).await;
    world.call(&Step::SetTopicAttribute {
        topic: topic(),
        attribute: TopicAttribute::KmsMasterKeyId,
        value: "alias/aws/sns".to_owned(),
    });
    let cause =
        "the topic has AWS's own key `alias/aws/sns`, which no AWS service can use to publish";
    let proof = world.proof().await;
    let found = link(&proof, "errors", LinkName::Key);
    assert_eq!((found.state, found.cause.as_deref()), (LinkState::Broken, Some(cause)));
    let event = r#"{"source": "shop", "detail": {"kind": "broken"}}"#;
    world.cloud.emit(&region(), event).expect("an event");
    let lost = world.cloud.cloud().dead_letters;
    assert_eq!(lost[0].reason, "AWS services cannot use the key alias/aws/sns");
    let proof = world.proof().await;
    let found = link(&proof, "shop", LinkName::Deliveries);
    assert_eq!(found.state, LinkState::Broken);
    let cause = "EventBridge could not deliver 1 message in 14 days, the last on 2026-11-24, and none since";
    assert_eq!(found.cause.as_deref(), Some(cause));
    assert_eq!(found.command.as_deref(), Some("notify-cli send shop"));
    // Mended, and proven by the next event.
    world.call(&Step::SetTopicAttribute {
        topic: topic(),
        attribute: TopicAttribute::KmsMasterKeyId,
        value: String::new(),
    });
    world.cloud.emit(&region(), event).expect("an event");
    assert_eq!(link(&world.proof().await, "shop", LinkName::Verdict).found, "delivering");
}

#[tokio::test]
async fn a_key_is_checked_before_it_is_written() {
    let file = FILE.replace("name = \"alerts\"", "name = \"alerts\"\nkms_key = \"alias/notify\"");
    let spec = spec::parse(&file, Format::Toml).spec.expect("a file without mistakes");
    let cloud = LocalCloud::default();
    let services = notify_core::aws::publish::Service::ALL;
    let planned = async |services: &[_]| {
        let request = plan::Request::setup(None);
        let mut plan = plan::prepare(&cloud, &spec, &request).await.expect("a plan");
        let before = plan.notes.len();
        check_keys(&cloud, &mut plan, services).await;
        let reasons: Vec<String> = plan.blocked.iter().map(|b| b.reason.clone()).collect();
        let notes: Vec<String> = plan.notes[before..].iter().map(|n| n.text.clone()).collect();
        (reasons, notes)
    };
    let none: [String; 0] = [];
    let (blocked, notes) = planned(&services).await;
    assert_eq!(blocked, none);
    assert_eq!(
        notes,
        ["whether the key lets mail through is not known: the local account has no keys"]
    );

    let put = |policy| {
        let aliases = ["alias/notify".to_owned()].into();
        cloud.put_key(&region(), "1234", LocalKey { aliases, enabled: true, policy });
    };
    put(key_policy(&BOTH, &json!({})));
    assert_eq!(planned(&services).await, (none.to_vec(), none.to_vec()));
    put(key_policy(&BOTH[..1], &json!({})));
    let (blocked, notes) = planned(&services).await;
    assert!(blocked[0].contains("does not let cloudwatch.amazonaws.com use it"), "{blocked:?}");
    assert_eq!((blocked.len(), notes.len()), (1, 0));
    assert_eq!(planned(&services[..1]).await, (none.to_vec(), none.to_vec()), "events alone");
    put(key_policy(&BOTH, &json!({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}})));
    let (blocked, notes) = planned(&services[..1]).await;
    assert_eq!((blocked.len(), notes.len()), (0, 1), "{blocked:?}");
}

#[tokio::test]
async fn the_web_acl_says_whether_a_rule_reports() {
    use notify_core::aws::waf::{WafAction, WafRule, WebAcl};
    let world = World::new(FILE).await;
    let (survey, facts) = world.facts().await;
    let acl = |rules: &[(&str, bool, WafAction)]| WebAcl {
        name: "base".to_owned(),
        metric: "base".to_owned(),
        rules: rules
            .iter()
            .map(|(metric, measured, action)| WafRule {
                name: format!("the {metric}"),
                metric: (*metric).to_owned(),
                measured: *measured,
                action: *action,
            })
            .collect(),
    };
    let list = "aws wafv2 list-web-acls --scope REGIONAL --region eu-west-1";
    let (quiet, broken) = (LinkState::Quiet, LinkState::Broken);
    for (found, state, cause) in [
        (Some(acl(&[("common", true, WafAction::Block)])), quiet, ""),
        (Some(acl(&[("common", true, WafAction::Other)])), quiet, ""),
        (
            Some(acl(&[("common", false, WafAction::Block)])),
            broken,
            "the rule the common of the web ACL base has its CloudWatch metrics switched off",
        ),
        (
            Some(acl(&[("common", true, WafAction::Count)])),
            broken,
            "the rule the common of the web ACL base never reports BlockedRequests: it reports CountedRequests",
        ),
        (
            Some(acl(&[("a", true, WafAction::Block)])),
            broken,
            "the web ACL base has no rule with the metric name `common`; it has `a`",
        ),
        (
            Some(acl(&[])),
            broken,
            "the web ACL base has no rule with the metric name `common`; it has none",
        ),
        (None, broken, "there is no web ACL with the metric name `base`"),
    ] {
        let mut facts = facts.clone();
        for known in facts.web_acls.values_mut() {
            *known = Ok(found.clone());
        }
        let command = if state == broken { list } else { "" };
        check(&prove(&survey, &facts), "waf-common", LinkName::Matches, state, cause, command);
    }
    // A metric with values needs no web ACL.
    let point = r#"{"Namespace": "AWS/WAFV2", "MetricData": [{"MetricName": "BlockedRequests",
        "Timestamp": "2026-11-20T00:00:00Z", "Value": 3, "Dimensions": [{"Name": "WebACL", "Value": "base"},
        {"Name": "Region", "Value": "eu-west-1"}, {"Name": "Rule", "Value": "common"}]}]}"#;
    world.cloud.put_metric_data(&region(), point).expect("a point");
    let proof = world.proof().await;
    let found = link(&proof, "waf-common", LinkName::Matches);
    assert_eq!(found.found, "INSUFFICIENT_DATA, metric has values, last 2026-11-20");
}

#[tokio::test]
async fn an_alarm_that_waits_for_ever() {
    let world = World::new(FILE).await;
    let matches = LinkName::Matches;
    let check_after = async |hours: i64| {
        let later = now() + jiff::SignedDuration::from_hours(hours);
        let survey = world.survey().await;
        let facts = gather(&world.cloud, &survey, later).await;
        let proof = prove(&survey, &facts);
        let found = link(&proof, "errors", matches).clone();
        (found.state, found.cause.unwrap_or_default(), found.command.unwrap_or_default())
    };
    assert_eq!(check_after(24).await.0, LinkState::Quiet);
    let (state, cause, command) = check_after(25).await;
    assert_eq!(state, LinkState::Broken);
    assert_eq!(
        cause,
        "the alarm has waited for a value of shop errors since 2026-11-24: are its names and dimensions right?"
    );
    assert_eq!(
        command,
        "aws cloudwatch list-metrics --namespace shop --metric-name errors --region eu-west-1"
    );
}

#[tokio::test]
async fn what_failed_last_counts_for_a_day() {
    use notify_core::alarm::{Metric, Point};
    use notify_core::proof::Measured;
    use notify_core::provider::MetricSeries;
    let world = World::new(FILE).await;
    let (survey, facts) = world.facts().await;
    let series = |namespace: &str, name: &str, dimension: (&str, &str), points: &[(&str, f64)]| {
        let metric = Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: vec![(dimension.0.to_owned(), dimension.1.to_owned())],
            unit: None,
        };
        let point =
            |(at, value): &(&str, f64)| Point { at: at.parse().expect("a time"), value: *value };
        (metric, MetricSeries { points: points.iter().map(point).collect(), gaps: Vec::new() })
    };
    let events =
        |name: &str, points: &[_]| series("AWS/Events", name, ("RuleName", "shop"), points);
    let sns = |name: &str, points: &[_]| series("AWS/SNS", name, ("TopicName", "alerts"), points);
    let (t1, t2, t3) = ("2026-11-20T00:00:00Z", "2026-11-23T10:20:00Z", "2026-11-23T10:25:00Z");
    let (delivered, failed) = ("NumberOfNotificationsDelivered", "NumberOfNotificationsFailed");
    let (invoked, lost) = ("Invocations", "FailedInvocations");
    for (measured, state, cause) in [
        (vec![], LinkState::Quiet, ""),
        (vec![events(invoked, &[(t1, 2.0)]), sns(delivered, &[(t1, 2.0)])], LinkState::Ok, ""),
        (
            vec![
                events(invoked, &[(t1, 2.0), (t3, 1.0)]),
                events(lost, &[(t3, 1.0)]),
                sns(delivered, &[(t1, 2.0)]),
            ],
            LinkState::Broken,
            "EventBridge could not deliver 1 message in 14 days, the last on 2026-11-23, and none since",
        ),
        (
            vec![
                events(invoked, &[(t1, 2.0), (t3, 2.0)]),
                events(lost, &[(t3, 1.0)]),
                sns(delivered, &[(t1, 2.0)]),
            ],
            LinkState::Ok,
            "",
        ),
        (
            vec![events(invoked, &[(t1, 2.0)]), events(lost, &[(t1, 2.0)])],
            LinkState::Weak,
            "EventBridge could not deliver 2 messages in 14 days, the last on 2026-11-20, and none since",
        ),
        // A day ago to the second is still fresh.
        (
            vec![sns(failed, &[(t2, 2.0)])],
            LinkState::Broken,
            "SNS could not deliver 2 messages in 14 days, the last on 2026-11-23, and none since",
        ),
        (
            vec![sns(failed, &[(t2, 2.0)]), sns(delivered, &[(t1, 1.0)])],
            LinkState::Broken,
            "SNS could not deliver 2 messages in 14 days, the last on 2026-11-23, and none since",
        ),
        (vec![sns(failed, &[(t2, 2.0)]), sns(delivered, &[(t2, 1.0)])], LinkState::Quiet, ""),
        (
            vec![events("MatchedEvents", &[(t1, 1.0)])],
            LinkState::Weak,
            "an event matched on 2026-11-20, and nothing came to the topic",
        ),
        (vec![events("TriggeredRules", &[(t1, 0.0)])], LinkState::Quiet, ""),
        (
            vec![events(invoked, &[(t1, 3.0)])],
            LinkState::Weak,
            "3 events came to the topic, and SNS delivered nothing",
        ),
    ] {
        let mut facts = facts.clone();
        facts.metrics.insert(region(), Ok(Measured::new(measured)));
        let command = if state == LinkState::Broken || cause.contains("could not") {
            "notify-cli send shop"
        } else {
            ""
        };
        check(&prove(&survey, &facts), "shop", LinkName::Deliveries, state, cause, command);
    }
}
