use super::*;
use crate::spec::{Format, parse};

const FULL: &str = include_str!("../../../../examples/security.toml");
const LEAST: &str = "stack = \"s\"\n[topic]\nname = \"t\"\n";
const WAF: &str =
    "[[alarms]]\nname = \"w\"\npreset = \"waf-blocked\"\nweb_acl = \"a\"\nrules = \"all\"\n";

fn spec(text: &str) -> Spec {
    let parsed = parse(text, Format::Toml);
    parsed.spec.unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

fn allowed(text: &str, commands: &[Command]) -> BTreeSet<String> {
    let policy = policy(&spec(text), None, commands);
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|s| s["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

fn statement(policy: &Value, sid: &str) -> Value {
    let statements = policy["Statement"].as_array().unwrap();
    statements.iter().find(|statement| statement["Sid"] == sid).cloned().unwrap_or_default()
}

fn every() -> Vec<Command> {
    Command::on_a_file().collect()
}

#[test]
fn each_command_gets_what_it_calls_and_no_more() {
    let waf = format!("{LEAST}kms_key = \"alias/k\"\n{WAF}");
    let digest = [
        "cloudwatch:GetMetricData",
        "kms:Decrypt",
        "kms:GenerateDataKey*",
        "sns:GetTopicAttributes",
        "sns:Publish",
        "wafv2:GetWebACL",
        "wafv2:ListWebACLs",
    ];
    assert_eq!(allowed(&waf, &[Command::Digest]), digest.map(str::to_owned).into());
    let backtest = ["cloudwatch:GetMetricData", "wafv2:GetWebACL", "wafv2:ListWebACLs"];
    assert_eq!(allowed(&waf, &[Command::Backtest]), backtest.map(str::to_owned).into());
    let init = ["config:DescribeConfigRules", "wafv2:GetWebACL", "wafv2:ListWebACLs"];
    assert_eq!(allowed(LEAST, &[Command::Init]), init.map(str::to_owned).into());

    let writes = ["Create", "Put", "Set", "Subscribe", "Delete", "Remove", "Tag", "Untag", "Unsub"];
    for looks in [Command::Plan, Command::Status] {
        for action in allowed(FULL, &[looks]) {
            let (_, name) = action.split_once(':').unwrap();
            assert!(!writes.iter().any(|verb| name.starts_with(verb)), "{looks:?}: {action}");
        }
    }
    let makes = ["Create", "Put", "Subscribe", "TagResource"];
    for action in allowed(FULL, &[Command::Destroy]) {
        let (_, name) = action.split_once(':').unwrap();
        assert!(!makes.iter().any(|verb| name.starts_with(verb)), "destroy: {action}");
    }
    assert_eq!(allowed(FULL, &[]), BTreeSet::new());
}

#[test]
fn what_a_file_does_not_have_is_not_made() {
    let least = allowed(LEAST, &every());
    for action in [
        "events:PutRule",
        "events:PutTargets",
        "events:TagResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "sns:Subscribe",
        "kms:Decrypt",
        "wafv2:GetWebACL",
    ] {
        assert!(!least.contains(action), "{action}");
    }
    // A former version of the file may have had them.
    for action in ["events:DeleteRule", "cloudwatch:DeleteAlarms", "sns:Unsubscribe"] {
        assert!(least.contains(action), "{action}");
    }
    let full = allowed(FULL, &every());
    assert!(least.is_subset(&full));
    assert!(full.contains("events:PutRule") && full.contains("cloudwatch:PutMetricAlarm"));
    // The file tells of what AWS Config judges.
    assert!(full.contains("config:DescribeConfigRules"));
    assert!(!least.contains("config:DescribeConfigRules"));
}

#[test]
fn what_is_made_is_named_and_what_goes_carries_the_tag() {
    let text = format!(
        "{LEAST}kms_key = \"alias/k\"\n[[events]]\nname = \"r\"\npattern = '{{\"source\": [\"a\"]}}'\n\
         [[alarms]]\nname = \"遮断*\"\nnamespace = \"n\"\nmetric = \"m\"\nthreshold = 1\n\
         [[alarms]]\nname = \"w\"\npreset = \"waf-blocked\"\nweb_acl = \"acl\"\nrules = \"all\"\n\
         alarm_name = \"{{name}}-{{web_acl}}-{{rule}}\"\n"
    );
    let who = Identity::from_caller("123456789012", "arn:aws-cn:iam::123456789012:root").unwrap();
    let policy = policy(&spec(&text), Some(&who), &every());
    let of = |service: &str, name: &str| format!("arn:aws-cn:{service}:*:123456789012:{name}");
    let resource = |sid: &str| statement(&policy, sid)["Resource"].clone();
    assert_eq!(resource("Anything"), "*");
    assert_eq!(resource("Topic"), of("sns", "t"));
    assert_eq!(resource("Rules"), of("events", "rule/r"));
    assert_eq!(resource("AnyRule"), of("events", "rule/*"));
    let alarms = [of("cloudwatch", "alarm:*${*}"), of("cloudwatch", "alarm:w-*-*")];
    assert_eq!(resource("Alarms"), json!(alarms));
    let acls = [of("wafv2", "global/webacl/*"), of("wafv2", "regional/webacl/*")];
    assert_eq!(resource("WebAcls"), json!(acls));
    assert_eq!(resource("Key"), of("kms", "key/*"));
    let named = json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/k"}});
    assert_eq!(statement(&policy, "Key")["Condition"], named);
    let tagged = json!({"StringEquals": {"aws:ResourceTag/notify:stack": "s"}});
    for sid in ["TopicsOfTheStack", "RulesOfTheStack", "AlarmsOfTheStack"] {
        assert_eq!(statement(&policy, sid)["Condition"], tagged, "{sid}");
    }
    for sid in ["Anything", "Topic", "Rules", "AnyRule", "Alarms", "AnyAlarm", "WebAcls"] {
        assert_eq!(statement(&policy, sid).get("Condition"), None, "{sid}");
    }
}

#[test]
fn only_a_file_with_a_state_machine_makes_one() {
    const MAKES: [&str; 5] = [
        "iam:CreateRole",
        "iam:PassRole",
        "iam:PutRolePolicy",
        "states:CreateStateMachine",
        "states:UpdateStateMachine",
    ];
    let event = "[[events]]\nname = \"r\"\npattern = '{\"source\": [\"a\"]}'\n";
    let direct = allowed(&format!("{LEAST}{event}"), &[Command::Setup]);
    let text = format!("{LEAST}{event}delivery = \"step-functions\"\n");
    let stepped = allowed(&text, &[Command::Setup]);
    for action in MAKES {
        assert!(!direct.contains(action) && stepped.contains(action), "{action}");
    }
    // What a former version of the file has left is removed by any.
    for action in ["states:DeleteStateMachine", "iam:DeleteRole", "iam:DeleteRolePolicy"] {
        assert!(direct.contains(action), "{action}");
    }
    let policy = policy(&spec(&text), None, &every());
    let passed = |sid: &str| {
        let statement = statement(&policy, sid);
        let service = statement["Condition"]["StringEquals"]["iam:PassedToService"].clone();
        (statement["Resource"].clone(), service)
    };
    let role = |name: &str| Value::from(format!("arn:aws:iam::*:role/notify-s-{name}"));
    let (start, publish) = (role("start"), role("publish"));
    assert_eq!(passed("PassedToEventBridge"), (start.clone(), "events.amazonaws.com".into()));
    assert_eq!(passed("PassedToStepFunctions"), (publish.clone(), "states.amazonaws.com".into()));
    assert_eq!(statement(&policy, "RolesOfTheStateMachine")["Resource"], json!([publish, start]));
    let machine = statement(&policy, "StateMachine")["Resource"].clone();
    assert_eq!(machine, "arn:aws:states:*:*:stateMachine:notify-s");
}

#[test]
fn a_key_is_allowed_by_what_the_file_calls_it() {
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/1";
    for (written, allowed) in [("1234-ab", "arn:aws:kms:*:*:key/1234-ab"), (arn, arn)] {
        let spec = spec(&format!("{LEAST}kms_key = \"{written}\"\n{WAF}"));
        let key = statement(&policy(&spec, None, &[Command::Digest]), "Key");
        assert_eq!((&key["Resource"], key.get("Condition")), (&Value::from(allowed), None));
    }
}

#[test]
fn a_policy_is_never_too_long_to_be_attached() {
    let alarm = |n: usize| {
        format!(
            "[[alarms]]\nname = \"an-alarm-{n}\"\nnamespace = \"n\"\nmetric = \"m\"\nthreshold = 1\n"
        )
    };
    let event = |n: usize| {
        format!("[[events]]\nname = \"a-rule-{n}\"\npattern = '{{\"source\": [\"a\"]}}'\n")
    };
    for (events, alarms, named) in
        [(1, 20, (true, true)), (2, 150, (true, false)), (150, 150, (false, false))]
    {
        let text =
            [LEAST.to_owned(), (0..events).map(event).collect(), (0..alarms).map(alarm).collect()];
        let policy = policy(&spec(&text.concat()), None, &every());
        let length = policy.to_string().len();
        assert!(length <= LONGEST, "{length}");
        let widened = |sid: &str| {
            statement(&policy, sid)["Resource"].as_str().is_some_and(|r| r.ends_with('*'))
        };
        assert_eq!((!widened("Rules"), !widened("Alarms")), named, "{events} and {alarms}");
    }
}

#[test]
fn the_table_is_in_order() {
    for Operation { name, actions, by, when: _ } in OPERATIONS {
        assert!(!by.is_empty(), "{name}");
        for (action, _) in *actions {
            let (service, call) = action.split_once(':').unwrap();
            assert!(!service.is_empty() && call.starts_with(char::is_uppercase), "{action}");
        }
    }
    let sids: BTreeSet<&str> =
        OPERATIONS.iter().flat_map(|o| o.actions).map(|(_, on)| on.sid()).collect();
    let ons: BTreeSet<On> = OPERATIONS.iter().flat_map(|o| o.actions).map(|(_, on)| *on).collect();
    assert_eq!(sids.len(), ons.len(), "two statements would have one name");
}
