//! Two operators with files of their own: what each finds who looks again.

use notify_core::local::LocalCloud;
use notify_core::plan::{self, Differs, Plan, Request, Survey};
use notify_core::provider::{Provider, apply};
use notify_core::spec::{self, Format, Spec};

const HEAD: &str = "stack = \"shared\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"alerts\"\n";

const ONE: &str = r#"display_name = "One"
[[subscriptions]]
protocol = "email"
endpoint = "one@example.com"
[[events]]
name = "sign-in"
pattern = '{"source": ["one"]}'
[[events]]
name = "of-one"
pattern = '{"source": ["one"]}'
[[alarms]]
name = "errors"
namespace = "My/App"
metric = "Errors"
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 1
"#;

const TWO: &str = r#"display_name = "Two"
[[events]]
name = "sign-in"
pattern = '{"source": ["two"]}'
description = "two"
[[alarms]]
name = "errors"
namespace = "My/App"
metric = "Errors"
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 2
[[alarms]]
name = "of-two"
namespace = "My/App"
metric = "Errors"
statistic = "Sum"
period = "5m"
comparison = ">="
threshold = 1
"#;

fn spec(rest: &str) -> Spec {
    spec::parse(&format!("{HEAD}{rest}"), Format::Toml).spec.expect("a good file")
}

fn request() -> Request {
    let mut request = Request::setup(None);
    request.options.allow_deletes = true;
    request
}

async fn survey(cloud: &LocalCloud, rest: &str, request: &Request) -> Survey {
    plan::survey(cloud, &spec(rest), request).await.expect("a plan")
}

async fn run(cloud: &LocalCloud, plan: &Plan) {
    assert!(apply(cloud, plan, || false, |_| {}).await.is_complete());
}

/// What is said of a plan's result, made from a file or saved.
async fn found(cloud: &LocalCloud, rest: &str, request: &Request, done: &Survey) -> Vec<String> {
    let found = plan::read_back(cloud, &spec(rest), request, &done.plan, &done.desired).await;
    found.expect("an answer").iter().map(ToString::to_string).collect()
}

async fn found_of_saved(cloud: &LocalCloud, done: &Plan) -> Vec<String> {
    let found = plan::read_back_saved(cloud, done).await.expect("an answer");
    found.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn whoever_was_overwritten_is_told_what_differs() {
    let cloud = LocalCloud::default();
    let one = survey(&cloud, ONE, &request()).await;
    let all_of_it = [
        "topic alerts in eu-west-1: it is not there",
        "subscription alerts/email/one@example.com in eu-west-1: it is not there",
        "rule of-one in eu-west-1: it is not there",
        "rule sign-in in eu-west-1: it is not there",
        "target of-one/notify in eu-west-1: it is not there",
        "target sign-in/notify in eu-west-1: it is not there",
        "alarm errors in eu-west-1: it is not there",
    ];
    assert_eq!(found(&cloud, ONE, &request(), &one).await, all_of_it);
    assert_eq!(found_of_saved(&cloud, &one.plan).await, all_of_it);
    run(&cloud, &one.plan).await;
    assert_eq!(found(&cloud, ONE, &request(), &one).await, [""; 0]);
    assert_eq!(found_of_saved(&cloud, &one.plan).await, [""; 0]);

    let two = survey(&cloud, TWO, &request()).await;
    run(&cloud, &two.plan).await;
    assert_eq!(found(&cloud, TWO, &request(), &two).await, [""; 0]);
    assert_eq!(found_of_saved(&cloud, &two.plan).await, [""; 0]);

    let of_one = [
        "topic alerts in eu-west-1: display_name differs",
        "rule of-one in eu-west-1: it is not there",
        "rule sign-in in eu-west-1: pattern, description differs",
        "target of-one/notify in eu-west-1: it is not there",
        "alarm errors in eu-west-1: threshold differs",
    ];
    let mut said = found(&cloud, ONE, &request(), &one).await;
    assert_eq!(said.pop().as_deref(), Some("alarm of-two in eu-west-1: it is still there"));
    assert_eq!(said, of_one);
    // A saved plan says nothing of what it did not touch.
    let of_one = of_one.map(|line| line.replace("pattern, description", "pattern"));
    assert_eq!(found_of_saved(&cloud, &one.plan).await, of_one);
}

#[tokio::test]
async fn what_is_to_go_and_is_there_again_is_left() {
    let cloud = LocalCloud::default();
    let one = survey(&cloud, ONE, &request()).await;
    run(&cloud, &one.plan).await;
    let destroy = Request::destroy(None);
    let gone = survey(&cloud, ONE, &destroy).await;
    run(&cloud, &gone.plan).await;
    assert_eq!(found(&cloud, ONE, &destroy, &gone).await, [""; 0]);
    assert_eq!(found_of_saved(&cloud, &gone.plan).await, [""; 0]);

    let again = survey(&cloud, ONE, &request()).await;
    run(&cloud, &again.plan).await;
    let left = [
        "topic alerts in eu-west-1: it is still there",
        "rule of-one in eu-west-1: it is still there",
        "rule sign-in in eu-west-1: it is still there",
        "target of-one/notify in eu-west-1: it is still there",
        "target sign-in/notify in eu-west-1: it is still there",
        "alarm errors in eu-west-1: it is still there",
    ];
    assert_eq!(found(&cloud, ONE, &destroy, &gone).await, left);
    assert_eq!(found_of_saved(&cloud, &gone.plan).await, left);
}

/// To be invited again is asked for once: a reader who has not confirmed since is no difference.
#[tokio::test]
async fn a_second_invitation_is_not_missed() {
    let cloud = LocalCloud::default();
    run(&cloud, &survey(&cloud, ONE, &request()).await.plan).await;
    let mut again = request();
    again.options.resubscribe.insert("one@example.com".to_owned());
    let done = survey(&cloud, ONE, &again).await;
    assert_eq!(done.plan.changes().count(), 1);
    run(&cloud, &done.plan).await;
    assert_eq!(found(&cloud, ONE, &again, &done).await, [""; 0]);
}

/// Somebody else's stack has taken a name meanwhile.
#[tokio::test]
async fn what_is_somebody_elses_now_is_in_the_way() {
    let cloud = LocalCloud::default();
    let two = survey(&cloud, TWO, &request()).await;
    run(&cloud, &two.plan).await;
    let theirs = TWO.replace("of-two", "of-theirs");
    let text = format!("{HEAD}{theirs}").replace("\"shared\"", "\"theirs\"");
    let text = text.replace("\"alerts\"", "\"theirs\"").replace("sign-in", "theirs");
    let text = text.replace("name = \"errors\"", "name = \"errors-of-theirs\"");
    let theirs = spec::parse(&text, Format::Toml).spec.expect("a good file");
    let plan = plan::prepare(&cloud, &theirs, &request()).await.expect("a plan");
    run(&cloud, &plan).await;
    let survey = plan::survey(&cloud, &spec(&TWO.replace("sign-in", "theirs")), &request()).await;
    let differences = survey.expect("a plan").plan.differences();
    let found = differences.iter().find(|one| one.key.name == "theirs").expect("a difference");
    assert_eq!(found.what, Differs::InTheWay("it belongs to the stack `theirs`".to_owned()));
    assert_eq!(found.to_string(), "rule theirs in eu-west-1: it belongs to the stack `theirs`");
    assert_eq!((found.what.as_str(), found.fields()), ("in_the_way", &[][..]));
}

/// Alarms are listed without their tags, which are no difference then.
#[tokio::test]
async fn tags_that_were_not_read_are_not_missed() {
    let cloud = LocalCloud::default();
    let done = survey(&cloud, ONE, &request()).await.plan;
    run(&cloud, &done).await;
    let mut now = cloud.observe(&done.scope).await.expect("a state");
    assert!(now.values().any(|resource| resource.tags().is_none()));
    assert_eq!(done.undone(&now), []);
    let key =
        done.changes().find(|change| change.key.name == "sign-in").expect("a rule").key.clone();
    now.get_mut(&key).expect("the rule").set_tags(notify_core::aws::Tags::new());
    let [difference] = &done.undone(&now)[..] else { panic!("{:?}", done.undone(&now)) };
    assert_eq!(difference.fields(), ["tags.notify:managed-by", "tags.notify:stack"]);
}
