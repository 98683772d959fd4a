//! Past metrics, as the server keeps them.

use super::account::{OnServer, endpoint};
use super::brief::example;
use super::program::Program;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum};
use jiff::{SignedDuration, Timestamp};
use notify_core::alarm::{Metric, Statistic};
use notify_core::provider::{MetricQuery, MetricReader, MetricSeries, Window};
use notify_proxy::Proxy;
use notify_tests::Account;
use notify_tests::account::{REGION, region};
use serde_json::{Value, json};

/// A value of a rule of a web ACL.
pub(crate) fn blocked(rule: &str, at: Timestamp, value: f64) -> MetricDatum {
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    MetricDatum::builder()
        .metric_name("BlockedRequests")
        .dimensions(dimension("WebACL", "waf-base-001"))
        .dimensions(dimension("Region", REGION))
        .dimensions(dimension("Rule", rule))
        .timestamp(DateTime::from_secs(at.as_second()))
        .value(value)
        .build()
}

/// Publishes values, as many in a call as it takes.
pub(crate) async fn publish(account: &OnServer, data: &[MetricDatum]) {
    for data in data.chunks(1_000) {
        let call = account.clients.cloudwatch.put_metric_data().namespace("AWS/WAFV2");
        call.set_metric_data(Some(data.to_vec())).send().await.expect("values are taken");
    }
}

fn query(rule: &str, statistic: Statistic, period: u32) -> MetricQuery {
    let dimensions = [("WebACL", "waf-base-001"), ("Region", REGION), ("Rule", rule)];
    MetricQuery {
        metric: Metric {
            namespace: "AWS/WAFV2".to_owned(),
            name: "BlockedRequests".to_owned(),
            dimensions: dimensions.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            unit: None,
        },
        statistic,
        period,
    }
}

#[tokio::test]
async fn what_was_published_is_read_with_its_statistic_and_period() {
    let account = OnServer::fresh().await;
    let now = Timestamp::now();
    let day = SignedDuration::from_hours(24);
    // The beginning of yesterday's hour.
    let hour = Timestamp::from_second((now - day).as_second() / 3_600 * 3_600).expect("a time");
    let minute = |minute: i64| hour + SignedDuration::from_mins(minute);
    let mut data: Vec<MetricDatum> =
        [(0, 1.0), (1, 2.0), (4, 4.0), (5, 8.0), (59, 16.0), (60, 32.0)]
            .into_iter()
            .map(|(at, value)| blocked("sqli", minute(at), value))
            .collect();
    data.extend((0..600).map(|number| blocked(&format!("r{number}"), hour, f64::from(number))));
    publish(&account, &data).await;

    let mut queries = vec![
        query("sqli", Statistic::Sum, 60),
        query("sqli", Statistic::Sum, 300),
        query("sqli", Statistic::Maximum, 3_600),
        query("sqli", Statistic::SampleCount, 3_600),
        query("silent", Statistic::Sum, 60),
    ];
    queries.extend((0..600).map(|number| query(&format!("r{number}"), Statistic::Sum, 60)));
    let window = Window { from: hour, to: minute(120), now };
    let answer = account.provider().metric_data(&region(REGION), &queries, window).await;
    let answer = answer.expect("an answer");
    let points = |series: &MetricSeries| -> Vec<(i64, f64)> {
        let minutes = |at: Timestamp| (at.as_second() - hour.as_second()) / 60;
        series.points.iter().map(|point| (minutes(point.at), point.value)).collect()
    };
    let minutes = [(0, 1.0), (1, 2.0), (4, 4.0), (5, 8.0), (59, 16.0), (60, 32.0)];
    assert_eq!(points(&answer[0]), minutes);
    assert_eq!(points(&answer[1]), [(0, 7.0), (5, 8.0), (55, 16.0), (60, 32.0)]);
    assert_eq!(points(&answer[2]), [(0, 16.0), (60, 32.0)]);
    assert_eq!(points(&answer[3]), [(0, 5.0), (60, 1.0)]);
    assert_eq!(points(&answer[4]), []);
    for (number, series) in answer[5..].iter().enumerate() {
        let value = f64::from(u32::try_from(number).expect("small"));
        assert_eq!(points(series), [(0, value)], "{number}");
    }
    assert!(answer.iter().all(|series| series.gaps.is_empty()));
}

/// Metrics of an account, its alarms set up, tested, and tested again without a call.
#[tokio::test]
async fn alarms_are_tested_against_the_metrics_of_an_account() {
    let account = OnServer::fresh().await;
    let now = Timestamp::now().as_second();
    let minutes_ago = |ago: i64| Timestamp::from_second(now / 60 * 60 - ago * 60).expect("a time");
    let rule = "AWS-AWSManagedRulesCommonRuleSet";
    // Two hits a day and a half ago; a rule that is silent; one that nobody watches.
    let values = [(rule, 2_160, 2.0), (rule, 2_150, 1.0), ("unwatched", 100, 9.0)];
    let data: Vec<MetricDatum> =
        values.iter().map(|(rule, ago, value)| blocked(rule, minutes_ago(*ago), *value)).collect();
    publish(&account, &data).await;

    let server = Program { account: account.id().to_owned(), endpoint: endpoint() };
    let upstream = server.endpoint.trim_start_matches("http://").parse().expect("an address");
    let proxy = Proxy::start(upstream).expect("a proxy");
    let program = server.through(&proxy);
    program.set_up(&example());
    proxy.take_calls();

    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("saved.json");
    let saved = saved.to_str().expect("UTF-8");
    let words = ["backtest", "--days", "3", "--json", "--suggest"];
    let asks = program.run(&example(), &words);
    assert_eq!(asks.status.code(), Some(1));
    let said = String::from_utf8_lossy(&asks.stderr).into_owned();
    assert!(said.contains("4 alarms over 3 days: GetMetricData is asked for 4 metrics"), "{said}");
    assert!(said.contains("less than $0.01") && said.contains("nothing was read"), "{said}");
    assert!(proxy.take_calls().iter().all(|call| call.operation != "GetMetricData"));

    let old = program.run(&example(), &[&words[..], &["--until", "2020-01-01T00:00:00Z"]].concat());
    assert_eq!(old.status.code(), Some(1));
    let said = String::from_utf8_lossy(&old.stderr).into_owned();
    assert!(said.contains(" are kept since ") && !said.contains("GetMetricData"), "{said}");

    let nowhere = [&words[..], &["--yes", "--save", "no/such/folder.json"]].concat();
    program.expect(&example(), &nowhere, 1);
    let reads = proxy.take_calls().iter().filter(|call| call.operation == "GetMetricData").count();
    assert_eq!(reads, 0, "what cannot be kept is not paid for");

    let read = program.expect(&example(), &[&words[..], &["--yes", "--save", saved]].concat(), 0);
    let calls = proxy.take_calls();
    assert!(calls.iter().all(notify_proxy::Call::is_read), "{calls:?}");
    let reads = calls.iter().filter(|call| call.operation == "GetMetricData");
    assert_eq!(reads.count(), 1);
    let document: Value = serde_json::from_str(&read).expect("one document");
    let alarms = document["alarms"].as_array().expect("alarms");
    assert!(alarms.iter().all(|alarm| alarm["tested"] == true && alarm["gaps"] == json!([])));
    let noisy = alarms.iter().find(|alarm| alarm["values"] == 2).expect("the alarm of the rule");
    let changes = noisy["transitions"].as_array().expect("changes");
    let changes: Vec<(&str, &str)> = changes
        .iter()
        .map(|change| {
            (change["at"].as_str().expect("a time"), change["to"].as_str().expect("a state"))
        })
        .collect();
    let alarm_at = minutes_ago(2_159).to_string();
    let from = document["from"].as_str().expect("a time");
    assert_eq!(changes, [(from, "OK"), (&alarm_at, "ALARM")]);
    assert_eq!((&noisy["mails"], &document["mails"]), (&json!(1), &json!(1)));
    assert_eq!(document["cost"]["metrics"], 4);

    let until = document["to"].as_str().expect("a time");
    let again = [&words[..], &["--data", saved, "--until", until]].concat();
    let mut again: Value =
        serde_json::from_str(&program.expect(&example(), &again, 0)).expect("one document");
    again["cost"] = document["cost"].clone();
    assert_eq!(again, document);
    assert!(proxy.take_calls().is_empty(), "a file costs no call");
}
