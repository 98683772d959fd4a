//! Past metrics of the local account.

use jiff::Timestamp;
use notify_core::alarm::{Metric, Statistic};
use notify_core::aws::Region;
use notify_core::local::LocalCloud;
use notify_core::provider::{Gap, MetricQuery, MetricReader, MetricSeries, Window};

const DATA: &str = r#"{"Namespace": "shop", "MetricData": [
    {"MetricName": "errors", "Timestamp": "2026-11-23T10:00:30Z", "Value": 1},
    {"MetricName": "errors", "Timestamp": "2026-11-23T10:01:00Z", "Values": [2, 4], "Counts": [1, 2]},
    {"MetricName": "errors", "Timestamp": "2026-11-23T11:00:00Z", "Value": 8, "Unit": "Count"},
    {"MetricName": "sizes", "Timestamp": "2026-11-23T10:00:00Z",
     "StatisticValues": {"SampleCount": 2, "Sum": 5, "Minimum": 1, "Maximum": 4}}]}"#;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn query(name: &str, statistic: &str, period: u32) -> MetricQuery {
    MetricQuery {
        metric: Metric {
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            dimensions: Vec::new(),
            unit: None,
        },
        statistic: Statistic::parse(statistic).expect("a statistic"),
        period,
    }
}

async fn read(from: &str, to: &str, queries: &[MetricQuery]) -> Vec<MetricSeries> {
    let cloud = LocalCloud::default();
    let now = at("2026-11-24T00:00:00Z");
    cloud.set_time(now);
    cloud.put_metric_data(&Region::us_east_1(), DATA).expect("metric data");
    let window = Window { from: at(from), to: at(to), now };
    cloud.metric_data(&Region::us_east_1(), queries, window).await.expect("an answer")
}

fn points(series: &MetricSeries) -> Vec<(String, f64)> {
    series.points.iter().map(|point| (point.at.to_string(), point.value)).collect()
}

#[tokio::test]
async fn each_query_has_the_statistic_of_its_periods() {
    let queries = [
        query("errors", "Sum", 60),
        query("errors", "Sum", 3_600),
        query("errors", "SampleCount", 300),
        query("sizes", "Average", 60),
        query("nothing", "Sum", 60),
    ];
    let answer = read("2026-11-23T10:00:59Z", "2026-11-23T11:00:01Z", &queries).await;
    let point = |at: &str, value: f64| (format!("2026-11-23T{at}Z"), value);
    let expected = [
        vec![point("10:00:00", 1.0), point("10:01:00", 10.0), point("11:00:00", 8.0)],
        vec![point("10:00:00", 11.0), point("11:00:00", 8.0)],
        vec![point("10:00:00", 4.0), point("11:00:00", 1.0)],
        vec![point("10:00:00", 2.5)],
        vec![],
    ];
    for (series, expected) in answer.iter().zip(expected) {
        assert_eq!(points(series), expected);
        assert_eq!(series.gaps, []);
    }
    let answer = read("2026-11-23T10:01:00Z", "2026-11-23T11:00:00Z", &queries[..1]).await;
    assert_eq!(points(&answer[0]), [point("10:01:00", 10.0)]);
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let queries = [query("sizes", "p99", 60), query("errors", "Sum", 3_600)];
    let answer = read("2026-10-01T00:00:00Z", "2026-11-24T00:00:00Z", &queries).await;
    let since = Gap::NotKept { since: at("2026-11-09T00:00:00Z") };
    let [percentile, sum] = &answer[..] else { panic!("{answer:?}") };
    assert_eq!(percentile.gaps[0], since);
    assert!(percentile.gaps[1].to_string().starts_with("a percentile cannot be simulated"));
    assert_eq!((percentile.points.len(), sum.points.len()), (0, 2));
    assert_eq!(sum.gaps, [since]);
    let answer = read("2026-11-09T00:00:00Z", "2026-11-24T00:00:00Z", &queries[1..]).await;
    assert_eq!(answer[0].gaps, []);
}
