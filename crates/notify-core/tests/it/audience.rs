//! Readers who choose, in a local account.

use notify_core::aws::Region;
use notify_core::local::{Answer, Fate, LocalCloud};
use notify_core::plan::{Plan, Request, prepare};
use notify_core::provider;
use notify_core::spec::{Format, Spec, parse};
use notify_core::state::NoteKind;

const FILE: &str = r#"
stack = "s"
regions = ["eu-west-1"]
[topic]
name = "t"
[[subscriptions]]
protocol = "email"
endpoint = "grave@example.com"
min_severity = "high"
[[subscriptions]]
protocol = "email"
endpoint = "shop@example.com"
only = ["low"]
[[subscriptions]]
protocol = "email"
endpoint = "all@example.com"
[[events]]
name = "high"
severity = "high"
delivery = "step-functions"
pattern = '{"source": ["high"]}'
message = "high"
[[events]]
name = "low"
severity = "low"
delivery = "step-functions"
pattern = '{"source": ["low"]}'
message = "low"
[[events]]
name = "plain"
severity = "low"
pattern = '{"source": ["plain"]}'
message = "plain"
"#;

fn spec() -> Spec {
    parse(FILE, Format::Toml).spec.expect("a good file")
}

async fn set_up(cloud: &LocalCloud) -> Plan {
    let plan = prepare(cloud, &spec(), &Request::setup(None)).await.expect("a plan");
    assert!(provider::apply(cloud, &plan, || false, |_| {}).await.is_complete());
    plan
}

/// Who gets the mail of an event, and whose filter does not take it.
fn reached(cloud: &LocalCloud, source: &str) -> (Vec<String>, Vec<String>) {
    let region = Region::parse("eu-west-1").expect("a region");
    let event = format!(r#"{{"source": "{source}"}}"#);
    let offered = cloud.emit(&region, &event).expect("an event");
    let fates = offered.into_iter().find_map(|offered| match offered.answer {
        Answer::Matched(fates) => Some(fates),
        _ => None,
    });
    match fates.expect("a match").as_slice() {
        [Fate::Sent(sent)] => {
            (sent.mails.iter().map(|mail| mail.to.clone()).collect(), sent.filtered.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_reader_gets_what_it_chose_and_what_cannot_be_told_apart() {
    let cloud = LocalCloud::default();
    set_up(&cloud).await;
    let [grave, shop, all] = ["grave@example.com", "shop@example.com", "all@example.com"];
    for reader in [grave, shop, all] {
        cloud.confirm(reader);
    }
    let sorted = |(mut mailed, mut filtered): (Vec<String>, Vec<String>)| {
        mailed.sort();
        filtered.sort();
        (mailed, filtered)
    };
    assert_eq!(
        sorted(reached(&cloud, "high")),
        (vec![all.into(), grave.into()], vec![shop.into()])
    );
    assert_eq!(sorted(reached(&cloud, "low")), (vec![all.into(), shop.into()], vec![grave.into()]));
    // The message of a rule that publishes directly has no attributes.
    let everybody = vec![all.to_owned(), grave.to_owned(), shop.to_owned()];
    assert_eq!(sorted(reached(&cloud, "plain")), (everybody, Vec::new()));
}

#[tokio::test]
async fn the_plan_says_what_no_filter_keeps_out() {
    let cloud = LocalCloud::default();
    let plan = set_up(&cloud).await;
    let notes: Vec<&str> = plan
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Info && note.text.contains("its filter"))
        .map(|note| note.text.as_str())
        .collect();
    let says = |reader: &str| {
        let note = notes.iter().find(|note| note.starts_with(reader)).expect("a note");
        note.split(": ").nth(1).unwrap_or_default().split(';').next().unwrap_or_default().to_owned()
    };
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert_eq!((says("grave@"), says("shop@")), ("plain".to_owned(), "plain".to_owned()));
}
