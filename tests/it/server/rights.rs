//! The policy that the program prints is what it needs: each command's calls are counted, over
//! all that can happen to a stack, and held against the table of rights in both directions.

use super::account::OnServer;
use super::program::Program;
use super::read_back::python;
use notify_core::iam::{Command, OPERATIONS};
use notify_core::spec::{Format, Spec, parse};
use notify_proxy::{Call, Proxy};
use notify_tests::{Account, Deed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const HEAD: &str = "stack = \"rights\"\nregions = [\"ap-northeast-1\"]\n";
const READER: &str = "[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"ops@example.com\"\n";
const WAF: &str = "[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"waf-base-001\"\nrules = \"all\"\n";
const KEY: &str = "kms_key = \"alias/notify\"\n";

fn topic(name: &str) -> String {
    format!("[topic]\nname = \"{name}\"\n")
}

/// With a description: the server keeps the one that a rule has where the file names none.
fn event(name: &str) -> String {
    format!(
        "[[events]]\nname = \"{name}\"\ndescription = \"told\"\npattern = '{{\"source\": [\"a\"]}}'\n"
    )
}

/// One that the state machine publishes.
fn stepped(name: &str) -> String {
    event(name) + "delivery = \"step-functions\"\n"
}

fn alarm(name: &str) -> String {
    format!(
        "[[alarms]]\nname = \"{name}\"\nnamespace = \"n\"\nmetric = \"m\"\nthreshold = 1\nperiod = \"1m\"\n"
    )
}

/// A former version of the file, with all that it then no longer names.
fn former() -> String {
    let parts = ["gone", "kept"].map(|name| event(name) + &alarm(name)).concat();
    // The topic's tag tells that its readers have filters, which are read from then on.
    let filter = "min_severity = \"high\"\n";
    format!("{HEAD}{}{READER}{filter}{parts}{}", topic("old"), stepped("was"))
}

/// The files whose rights are checked, with what they name of events and alarms.
fn files() -> [(String, &'static [&'static str]); 4] {
    let both = ["made", "there"].map(|name| event(name) + &alarm(name)).concat();
    [
        (format!("{HEAD}{}{KEY}{READER}{both}{WAF}", topic("new")), &["rule/there", "alarm/there"]),
        (format!("{HEAD}{}", topic("new")), &[]),
        (
            format!("{HEAD}{}{READER}{}", topic("new"), event("made") + &event("there")),
            &["rule/there"],
        ),
        (format!("{HEAD}{}{READER}{}", topic("new"), stepped("is")), &[]),
    ]
}

/// What no scene brings about, so that only the mocked tests of its caller see it called.
const NOT_SEEN: &[&str] = &[
    // The server knows no alarm mute rules, so that nothing is ever muted.
    "cloudwatch:DeleteAlarmMuteRule",
    "cloudwatch:ListAlarmMuteRules",
    "events:EnableRule",
    "iam:ListRoleTags",
    // Only what others have changed is set right, and only what others use is let go.
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    // Only a stack that had filters has them read by `plan`.
    "sns:GetSubscriptionAttributes",
    // A filter that changes; the first one goes with the invitation.
    "sns:SetSubscriptionAttributes",
    "states:TagResource",
    "states:UntagResource",
    "scheduler:DeleteSchedule",
    "scheduler:ListSchedules",
    // No version of these files has a queue; `server/watched.rs` has them.
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:UntagQueue",
];

/// The commands whose calls the scenes bring about as a whole; of `send`, those that it makes.
const SEEN: [Command; 6] = [
    Command::Backtest,
    Command::Destroy,
    Command::Digest,
    Command::Plan,
    Command::Setup,
    Command::Status,
];

/// The operations that each command was seen to call.
#[derive(Default)]
struct Seen(BTreeMap<Command, BTreeSet<String>>);

/// An account, and the file that is worked on in it.
struct Scene {
    account: OnServer,
    direct: Program,
    proxy: Proxy,
    through: Program,
    former: PathBuf,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new(text: &str) -> Self {
        let account = OnServer::fresh().await;
        let direct = Program { account: account.id.clone(), endpoint: super::account::endpoint() };
        let upstream = direct.endpoint.trim_start_matches("http://").parse().expect("an address");
        let proxy = Proxy::start(upstream).expect("a proxy");
        let through = direct.through(&proxy);
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            path
        };
        let (former, file) = (write("former.toml", &former()), write("notify.toml", text));
        python(&account.id, "watched.py", &[]);
        Self { account, direct, proxy, through, former, file, _folder: folder }
    }

    /// Makes a rule and an alarm by hand, and a topic.
    async fn by_hand(&self, names: &[&'static str], topic: Option<&'static str>) {
        for name in names {
            let rule = Deed::Rule { name, description: "by hand", pattern: r#"{"source":["b"]}"# };
            self.account.by_hand(rule).await;
            self.account.by_hand(Deed::Alarm { name, topic: "none", threshold: 9.0 }).await;
        }
        if let Some(name) = topic {
            let statement = serde_json::json!({
                "Sid": "mine", "Effect": "Allow", "Action": "sns:Publish", "Resource": "*",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            });
            let tag = ("team", "ops");
            self.account
                .by_hand(Deed::Topic { name, display_name: "by hand", statement, tag })
                .await;
        }
    }

    /// Runs a command that must end well, and notes what it calls.
    fn run(&self, seen: &mut Seen, command: Command, more: &[&str]) {
        self.proxy.take_calls();
        let words = [&[command.as_str()], more].concat();
        let ran = self.through.run(&self.file, &words);
        let (out, err) =
            (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let well = match command {
            // Changes are pending; a file without alarms has nothing to test.
            Command::Status => matches!(ran.status.code(), Some(0 | 2)),
            Command::Backtest | Command::Digest => true,
            _ => ran.status.success(),
        };
        assert!(well, "{words:?}\n{out}\n{err}");
        let calls = self.proxy.take_calls();
        seen.0.entry(command).or_default().extend(calls.iter().map(name_of));
    }
}

/// An operation as the table names it: CloudWatch and the tagging API sign under other names.
fn name_of(call: &Call) -> String {
    let service = match call.service.as_str() {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        other => other,
    };
    format!("{service}:{}", call.operation)
}

/// All that can happen to a stack, in accounts of their own.
async fn live(text: &str, there: &[&'static str]) -> Seen {
    let mut seen = Seen::default();
    let adopt: Vec<&str> = there.iter().flat_map(|name| ["--adopt", name]).collect();
    let kept = ["--adopt", "rule/kept", "--adopt", "alarm/kept", "--adopt", "topic/old"];

    // The topic of a former version was adopted: it is released, with what else was.
    let scene = Scene::new(text).await;
    scene.by_hand(&["kept", "there"], Some("old")).await;
    scene.direct.expect(&scene.former, &[&["setup", "--yes"], &kept[..]].concat(), 0);
    scene.run(&mut seen, Command::Plan, &adopt);
    scene.run(&mut seen, Command::Status, &[]);
    let all = [&["--yes", "--allow-deletes"], &adopt[..]].concat();
    scene.run(&mut seen, Command::Setup, &all);
    let queue = "arn:aws:sqs:ap-northeast-1:123456789012:q";
    scene.account.by_hand(Deed::Subscription { topic: "new", queue }).await;
    scene.run(&mut seen, Command::Setup, &["--yes", "--prune-subscriptions"]);
    if text.contains("\"made\"") {
        scene.run(&mut seen, Command::Send, &["made", "--to-queue"]);
    }
    if text.contains(READER) {
        scene.run(&mut seen, Command::Wait, &[]);
    }
    scene.run(&mut seen, Command::Status, &[]);
    scene.run(&mut seen, Command::Digest, &["--publish", "--yes"]);
    scene.run(&mut seen, Command::Backtest, &["--yes"]);
    // Somebody else's rule uses the topic, so that it stays.
    let rule = Deed::Rule { name: "theirs", description: "theirs", pattern: r#"{"source":["c"]}"# };
    scene.account.by_hand(rule).await;
    scene.account.by_hand(Deed::Target { rule: "theirs", id: "x", topic: "new" }).await;
    scene.account.by_hand(Deed::Subscription { topic: "new", queue }).await;
    scene.run(&mut seen, Command::Destroy, &["--yes", "--prune-subscriptions"]);

    // The topic of a former version was made, and goes; the new one is adopted.
    let scene = Scene::new(text).await;
    scene.by_hand(&["there"], Some("new")).await;
    scene.direct.set_up(&scene.former);
    let all = [&all[..], &["--prune-subscriptions", "--adopt", "topic/new"]].concat();
    scene.run(&mut seen, Command::Setup, &all);
    scene.run(&mut seen, Command::Destroy, &["--yes"]);

    // Nothing is there, and then all of it.
    let scene = Scene::new(text).await;
    scene.run(&mut seen, Command::Setup, &["--yes"]);
    scene.run(&mut seen, Command::Destroy, &["--yes"]);

    // A former version is removed with the file as it is now; nobody else uses its topic.
    let scene = Scene::new(text).await;
    scene.direct.set_up(&scene.former);
    scene.run(&mut seen, Command::Destroy, &["--yes", "--prune-subscriptions"]);

    // The same where parts of it were adopted.
    let scene = Scene::new(text).await;
    scene.by_hand(&["kept"], None).await;
    scene.direct.expect(&scene.former, &[&["setup", "--yes"], &kept[..4]].concat(), 0);
    scene.run(&mut seen, Command::Destroy, &["--yes"]);
    seen
}

/// The actions in what `policy` prints.
fn printed(scene: &Program, file: &Path, more: &[&str]) -> BTreeSet<String> {
    let text = scene.expect(file, &[&["policy"], more].concat(), 0);
    let policy: Value = serde_json::from_str(&text).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().expect("a list"));
    actions.map(|action| action.as_str().expect("text").to_owned()).collect()
}

/// The actions that the table has for what a command was seen to call.
fn image(spec: &Spec, command: Command, called: &BTreeSet<String>) -> BTreeSet<String> {
    let rows = OPERATIONS
        .iter()
        .filter(|row| called.contains(row.name) && row.by.contains(&command) && (row.when)(spec));
    rows.flat_map(|row| row.actions).map(|(action, _)| (*action).to_owned()).collect()
}

/// Both directions: a call without a row would be denied, a row without a call allows too much.
async fn check((text, there): &(String, &'static [&'static str])) {
    let spec = parse(text, Format::Toml).spec.expect("a good file");
    let seen = Box::pin(live(text, there)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notify.toml");
    std::fs::write(&file, text).expect("a file");
    let program = Program::in_fresh_account();
    let mut all = BTreeSet::new();
    for command in Command::on_a_file() {
        let mut called = seen.0.get(&command).cloned().unwrap_or_default();
        let rows = OPERATIONS.iter().filter(|row| row.by.contains(&command) && (row.when)(&spec));
        let allowed: BTreeSet<String> = rows.map(|row| row.name.to_owned()).collect();
        let denied: Vec<_> = called.difference(&allowed).collect();
        assert!(denied.is_empty(), "{command:?} would be denied {denied:?}\n{text}");
        let is_whole = SEEN.contains(&command);
        let is_known = |name: &&String| is_whole && !NOT_SEEN.contains(&name.as_str());
        // Of a machine no scene shows all: it is there, and is to be there.
        let is_known = |name: &&String| is_known(name) && !text.contains("delivery = ");
        let idle: Vec<_> = allowed.difference(&called).filter(is_known).collect();
        assert!(idle.is_empty(), "{command:?} is allowed {idle:?} for nothing\n{text}");
        called.extend(allowed);
        let image = image(&spec, command, &called);
        assert_eq!(printed(&program, &file, &["--for", command.as_str()]), image, "{command:?}");
        all.extend(image);
    }
    assert_eq!(printed(&program, &file, &[]), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_file_with_everything_is_minimal_and_sufficient() {
    Box::pin(check(&files()[0])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_topic_alone_is_minimal_and_sufficient() {
    Box::pin(check(&files()[1])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_file_without_alarms_is_minimal_and_sufficient() {
    Box::pin(check(&files()[2])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_file_with_a_state_machine_is_sufficient() {
    Box::pin(check(&files()[3])).await;
}

/// `init --from-aws` is the one that has no file yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_file_takes_no_more_than_it_is_allowed() {
    let mut seen = Seen::default();
    let scene = Scene::new("").await;
    let out = scene.file.with_file_name("first.toml");
    let scene = Scene { file: out, ..scene };
    scene.run(&mut seen, Command::Init, &["--from-aws", "--region", "ap-northeast-1"]);
    let rows = OPERATIONS.iter().filter(|row| row.by.contains(&Command::Init));
    let allowed: BTreeSet<String> = rows.map(|row| row.name.to_owned()).collect();
    assert_eq!(seen.0[&Command::Init], allowed);
}
