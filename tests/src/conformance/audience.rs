//! Readers who take not everything.

use super::heal::{edit_cut_off_anywhere, setup_cut_off_anywhere};
use super::{assert_settled, changes, destroy, edit, look, plan_setup, set_up};
use crate::account::{Account, Deed, topic};
use notify_core::aws::Protocol;
use notify_core::plan::Action;
use notify_core::state::{Kind, Resource, ResourceKey, State};
use serde_json::{Value, json};

const QUEUE: &str = "arn:aws:sqs:ap-northeast-1:123456789012:readers";

/// A queue is a reader who need not confirm.
const FILTERED: &str = r#"
stack = "audience"
regions = ["ap-northeast-1"]

[topic]
name = "alerts"

[[subscriptions]]
protocol = "sqs"
endpoint = "arn:aws:sqs:ap-northeast-1:123456789012:readers"
min_severity = "high"
only = ["health"]

[[events]]
name = "health"
severity = "high"
pattern = '{"source": ["aws.health"]}'
"#;

const CHOICE: &str = "min_severity = \"high\"\nonly = [\"health\"]\n";

fn ours() -> Value {
    json!({
        "severity": [{"exists": false}, "critical", "high"],
        "notification": [{"exists": false}, "health"],
    })
}

fn reader() -> ResourceKey {
    ResourceKey::subscription(&topic("alerts"), Protocol::Sqs, QUEUE)
}

/// The filter of the reader, where it was read.
fn filter(state: &State) -> Option<Value> {
    let Some(Resource::Subscription(found)) = state.get(&reader()) else {
        panic!("no reader in {:?}", super::keys(state))
    };
    found.filter.value()?.as_ref().map(|filter| filter.policy.clone())
}

/// A reader gets the filter with the first call, another one when the file changes, and none when
/// the file no longer says any.
pub async fn a_reader_takes_what_the_file_says<A: Account>() {
    let at = A::fresh().await;
    let plan = set_up(&at, FILTERED).await;
    assert_eq!(filter(&look(&at, &plan).await), Some(ours()));
    assert_settled(&at, FILTERED).await;

    let lower = edit(FILTERED, "min_severity = \"high\"", "min_severity = \"medium\"");
    let plan = set_up(&at, &lower).await;
    assert_eq!(changes(&plan), [(Action::Update, Kind::Subscription, reader().name.as_str())]);
    let severities = filter(&look(&at, &plan).await).map(|policy| policy["severity"].clone());
    assert_eq!(severities, Some(json!([{"exists": false}, "critical", "high", "medium"])));
    assert_settled(&at, &lower).await;

    let all = edit(FILTERED, CHOICE, "");
    let plan = set_up(&at, &all).await;
    assert_eq!(changes(&plan), [(Action::Update, Kind::Subscription, reader().name.as_str())]);
    assert_eq!(filter(&look(&at, &plan).await), None);
    assert_settled(&at, &all).await;
    destroy(&at, &all).await;
    assert!(look(&at, &plan).await.is_empty());
}

/// A filter that somebody else has given a reader stays, unless the file gives the reader one.
pub async fn a_filter_of_others_stays<A: Account>() {
    let at = A::fresh().await;
    let all = edit(FILTERED, CHOICE, "");
    set_up(&at, &all).await;
    at.by_hand(Deed::Filter { topic: "alerts", queue: QUEUE, policy: r#"{"team":["ops"]}"# }).await;
    assert_settled(&at, &all).await;
    let plan = plan_setup(&at, FILTERED).await;
    assert_eq!(plan.changes().filter(|c| c.key == reader()).count(), 1);
    assert_eq!(filter(&look(&at, &plan).await), Some(json!({"team": ["ops"]})));
    set_up(&at, FILTERED).await;
    assert_eq!(filter(&look(&at, &plan).await), Some(ours()));

    // The topic's tag tells from now on that filters are to be read.
    at.by_hand(Deed::Filter { topic: "alerts", queue: QUEUE, policy: r#"{"team":["ops"]}"# }).await;
    assert_settled(&at, &all).await;
    assert_eq!(filter(&look(&at, &plan).await), Some(json!({"team": ["ops"]})));
}

/// Cut off anywhere, a first run with a filter is finished by the next.
pub async fn a_filtered_setup_cut_off_anywhere_heals<A: Account>() {
    setup_cut_off_anywhere::<A>(FILTERED).await;
}

/// Cut off anywhere, a file's change of who takes what is finished by the next run.
pub async fn a_filter_taken_off_cut_off_anywhere_heals<A: Account>() {
    edit_cut_off_anywhere::<A>(FILTERED, &edit(FILTERED, CHOICE, "")).await;
}
