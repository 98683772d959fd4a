//! Past metrics: how they are asked for, and what becomes of the answers.

use crate::mocks::{Mocks, code, region};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_metric_data::{
    GetMetricDataError, GetMetricDataInput, GetMetricDataOutput,
};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, MessageData, Metric as SdkMetric, MetricDataQuery, MetricDataResult, MetricStat,
    ScanBy, StandardUnit, StatusCode,
};
use aws_smithy_mocks::{Rule, mock};
use notify_core::alarm::{Metric, Statistic};
use notify_core::provider::{
    ErrorClass, Gap, MetricQuery, MetricReader, MetricSeries, ProviderError, Window,
};
use std::sync::{Arc, Mutex};

/// 2026-11-24T00:00:00Z
const NOW: i64 = 1_795_478_400;
const HOUR: i64 = 3_600;

fn query(name: &str, statistic: &str, period: u32) -> MetricQuery {
    MetricQuery {
        metric: Metric {
            namespace: "AWS/WAFV2".to_owned(),
            name: name.to_owned(),
            dimensions: vec![("WebACL".to_owned(), "w".to_owned()), ("Rule".into(), "r".into())],
            unit: None,
        },
        statistic: Statistic::parse(statistic).expect("a statistic"),
        period,
    }
}

fn window(hours: i64) -> Window {
    let at = |second| jiff::Timestamp::from_second(second).expect("a time");
    Window { from: at(NOW - hours * HOUR), to: at(NOW), now: at(NOW) }
}

async fn read(
    rules: Vec<Rule>,
    queries: &[MetricQuery],
    window: Window,
) -> (Result<Vec<MetricSeries>, ProviderError>, usize) {
    let mut mocks = Mocks { cloudwatch: rules, ..Mocks::default() };
    let provider = mocks.provider();
    let answer = provider.metric_data(&region(), queries, window).await;
    (answer, mocks.calls())
}

fn result(id: &str, code: StatusCode, points: &[(i64, f64)]) -> MetricDataResult {
    let (times, values): (Vec<i64>, Vec<f64>) = points.iter().copied().unzip();
    MetricDataResult::builder()
        .id(id)
        .label("l")
        .status_code(code)
        .set_timestamps(Some(times.into_iter().map(|at| DateTime::from_secs(NOW - at)).collect()))
        .set_values(Some(values))
        .build()
}

/// Seconds before [`NOW`] and values.
fn points(series: &MetricSeries) -> Vec<(i64, f64)> {
    series.points.iter().map(|point| (NOW - point.at.as_second(), point.value)).collect()
}

#[tokio::test]
async fn one_call_asks_for_all_and_its_answers_are_put_in_order() {
    let rule = mock!(Client::get_metric_data)
        .match_requests(|request| {
            let dimension =
                |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
            let query = |id: &str, name: &str, stat: &str, unit: Option<StandardUnit>| {
                let metric = SdkMetric::builder()
                    .namespace("AWS/WAFV2")
                    .metric_name(name)
                    .dimensions(dimension("WebACL", "w"))
                    .dimensions(dimension("Rule", "r"));
                let stat = MetricStat::builder()
                    .metric(metric.build())
                    .period(60)
                    .stat(stat)
                    .set_unit(unit);
                MetricDataQuery::builder().id(id).metric_stat(stat.build()).build()
            };
            let expected = GetMetricDataInput::builder()
                .metric_data_queries(query("m0", "BlockedRequests", "Sum", None))
                .metric_data_queries(query("m1", "Latency", "p99.9", Some(StandardUnit::Seconds)))
                .start_time(DateTime::from_secs(NOW - HOUR))
                .end_time(DateTime::from_secs(NOW))
                .scan_by(ScanBy::TimestampAscending)
                .max_datapoints(100_800);
            expected.build().is_ok_and(|expected| *request == expected)
        })
        .then_output(|| {
            GetMetricDataOutput::builder()
                .metric_data_results(result("m1", StatusCode::Complete, &[(60, 0.5)]))
                .metric_data_results(result(
                    "m0",
                    StatusCode::Complete,
                    // Also what nobody asked for: before the window, and at its end.
                    &[(0, 9.0), (60, 2.0), (3_600, 1.0), (3_660, 9.0)],
                ))
                .metric_data_results(result("m2", StatusCode::Complete, &[(60, 7.0)]))
                .metric_data_results(result("x", StatusCode::Complete, &[(60, 7.0)]))
                .build()
        });
    let mut latency = query("Latency", "p99.9", 60);
    latency.metric.unit = Some("Seconds".to_owned());
    let queries = [query("BlockedRequests", "Sum", 60), latency];
    let (answer, calls) = read(vec![rule], &queries, window(1)).await;
    let answer = answer.expect("an answer");
    assert_eq!(points(&answer[0]), [(3_600, 1.0), (60, 2.0)]);
    assert_eq!(points(&answer[1]), [(60, 0.5)]);
    assert!(answer.iter().all(|series| series.gaps.is_empty()), "{answer:?}");
    assert_eq!(calls, 1);
}

#[tokio::test]
async fn pages_are_followed_and_a_status_is_that_of_the_last() {
    let page = |token: Option<&'static str>, next: Option<&'static str>, results: Vec<_>| {
        mock!(Client::get_metric_data)
            .match_requests(move |request| request.next_token() == token)
            .then_output(move || {
                GetMetricDataOutput::builder()
                    .set_next_token(next.map(str::to_owned))
                    .set_metric_data_results(Some(results.clone()))
                    .build()
            })
    };
    let first = vec![
        result("m0", StatusCode::PartialData, &[(180, 1.0), (120, 2.0)]),
        result("m1", StatusCode::PartialData, &[(180, 5.0)]),
        result("m2", StatusCode::InternalError, &[]),
        result("m3", StatusCode::Forbidden, &[]),
        result("m4", StatusCode::from("Odd"), &[]),
    ];
    let last = vec![result("m0", StatusCode::Complete, &[(60, 3.0)])];
    let queries: Vec<MetricQuery> =
        (0..5).map(|number| query(&number.to_string(), "Sum", 60)).collect();
    let rules = vec![page(None, Some("more"), first), page(Some("more"), None, last)];
    let (answer, calls) = read(rules, &queries, window(1)).await;
    let answer = answer.expect("an answer");
    assert_eq!(points(&answer[0]), [(180, 1.0), (120, 2.0), (60, 3.0)]);
    assert_eq!(points(&answer[1]), [(180, 5.0)]);
    let gaps: Vec<&[Gap]> = answer.iter().map(|series| &series.gaps[..]).collect();
    assert_eq!(
        gaps,
        [
            &[][..],
            &[Gap::Partial],
            &[Gap::Internal],
            &[Gap::Forbidden],
            &[Gap::Said("Odd".to_owned())]
        ]
    );
    assert_eq!(calls, 2);
}

#[tokio::test]
async fn messages_are_handed_on() {
    let message = |code: &str, text: &str| MessageData::builder().code(code).value(text).build();
    let rule = mock!(Client::get_metric_data).then_output(move || {
        let said =
            MetricDataResult::builder().id("m0").messages(message("ArithmeticError", "no")).build();
        GetMetricDataOutput::builder()
            .metric_data_results(said)
            .messages(message("MaxMetricsExceeded", ""))
            .build()
    });
    let queries = [query("a", "Sum", 60), query("b", "Sum", 60)];
    let (answer, _) = read(vec![rule], &queries, window(1)).await;
    let answer = answer.expect("an answer");
    let said = |text: &str| Gap::Said(text.to_owned());
    let all = said("AWS says: MaxMetricsExceeded");
    assert_eq!(answer[0].gaps, [said("AWS says: ArithmeticError: no"), all.clone()]);
    assert_eq!(answer[1].gaps, [all]);
}

#[tokio::test]
async fn five_hundred_go_into_a_call_and_what_is_not_kept_into_none() {
    let asked: Arc<Mutex<Vec<(usize, i64)>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let rule = mock!(Client::get_metric_data).then_compute_output(move |request| {
        let queries = request.metric_data_queries();
        let hours = (NOW - request.start_time().expect("a start").secs()) / HOUR;
        seen.lock().expect("no panic").push((queries.len(), hours));
        let answers = queries.iter().map(|query| {
            let id = query.id().expect("an id");
            let number: u32 = id[1..].parse().expect("a number");
            result(id, StatusCode::Complete, &[(600, f64::from(number))])
        });
        GetMetricDataOutput::builder().set_metric_data_results(Some(answers.collect())).build()
    });
    let mut queries: Vec<MetricQuery> =
        (0..1_201).map(|number| query(&number.to_string(), "Sum", 300)).collect();
    queries.push(query("short", "Sum", 60));
    queries.push(query("shortest", "Sum", 10));
    let month = window(30 * 24);
    let (answer, calls) = read(vec![rule], &queries, month).await;
    let answer = answer.expect("an answer");
    assert_eq!(calls, 5);
    let mut asked = asked.lock().expect("no panic").clone();
    asked.sort_unstable();
    assert_eq!(asked, [(1, 2), (1, 359), (201, 720), (500, 720), (500, 720)]);
    for (number, series) in answer.iter().enumerate() {
        assert_eq!(points(series), [(600, f64::from(u32::try_from(number).expect("small")))]);
    }
    assert!(answer[..1_201].iter().all(|series| series.gaps.is_empty()));
    let since = |hours: i64, minutes: i64| Gap::NotKept {
        since: month.now - jiff::SignedDuration::from_mins(hours * 60 - minutes),
    };
    assert_eq!(answer[1_201].gaps, [since(15 * 24, 5)]);
    assert_eq!(answer[1_202].gaps, [since(3, 5)]);

    let old = Window { to: month.now - jiff::SignedDuration::from_hours(400), ..month };
    let (answer, calls) = read(Vec::new(), &[query("gone", "Sum", 60)], old).await;
    assert_eq!(answer.expect("an answer")[0].gaps, [since(15 * 24, 5)]);
    assert_eq!(calls, 0);
}

#[tokio::test(start_paused = true)]
async fn failures_have_their_class_and_are_tried_again_by_class() {
    let rule = mock!(Client::get_metric_data)
        .sequence()
        .error(|| GetMetricDataError::generic(code("Throttling")))
        .http_status(503, None)
        .output(|| GetMetricDataOutput::builder().build())
        .build();
    let queries = [query("a", "Sum", 60)];
    let (answer, calls) = read(vec![rule], &queries, window(1)).await;
    assert_eq!(answer.expect("an answer"), [MetricSeries::default()]);
    assert_eq!(calls, 3);

    let denied = mock!(Client::get_metric_data)
        .then_error(|| GetMetricDataError::generic(code("AccessDenied")));
    let (answer, calls) = read(vec![denied], &queries, window(1)).await;
    let error = answer.expect_err("a failure");
    assert_eq!((error.class, calls), (ErrorClass::AccessDenied, 1));
    assert_eq!(error.operation, "cloudwatch:GetMetricData");
    assert_eq!(error.resource, "eu-west-1");
    assert!(error.hint().is_some_and(|hint| hint.contains("`notify-cli policy`")));
}

#[tokio::test(start_paused = true)]
async fn calls_go_side_by_side_and_none_is_lost() {
    let rule =
        mock!(Client::get_metric_data).then_output(|| GetMetricDataOutput::builder().build());
    let queries: Vec<MetricQuery> =
        (0..20 * 500).map(|number| query(&number.to_string(), "Sum", 60)).collect();
    let (answer, calls) = read(vec![rule], &queries, window(1)).await;
    assert_eq!(answer.expect("an answer").len(), queries.len());
    assert_eq!(calls, 20);
}
