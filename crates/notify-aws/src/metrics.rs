//! Past values of metrics.

use crate::regional::{Regional, pages};
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StandardUnit,
    StatusCode,
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use notify_core::alarm::Point;
use notify_core::provider::{
    Batch, Gap, MetricQuery, MetricSeries, ProviderError, VALUES_A_PAGE, Window, batches,
};
use std::collections::HashMap;

const OPERATION: &str = "cloudwatch:GetMetricData";

/// Answers queries, as many in a call as it takes.
pub(crate) async fn read(
    at: &Regional,
    queries: &[MetricQuery],
    window: Window,
) -> Result<Vec<MetricSeries>, ProviderError> {
    let gap = |query: &MetricQuery| window.kept(query.period).2;
    let empty = |query| MetricSeries { points: Vec::new(), gaps: gap(query).into_iter().collect() };
    let mut answers: Vec<MetricSeries> = queries.iter().map(empty).collect();
    let batches = batches(queries, window);
    let calls = try_join_all(batches.iter().map(|batch| ask(at, queries, batch))).await?;
    for (batch, parts) in batches.iter().zip(calls) {
        // A status is that of the last page that tells of the query: the pages before are partial.
        let mut last: HashMap<usize, StatusCode> = HashMap::new();
        for part in parts {
            let index = match part {
                Part::Result(result) => {
                    let index = index(result.id.as_deref());
                    let index = index.filter(|index| batch.queries.binary_search(index).is_ok());
                    let Some((index, answer)) =
                        index.and_then(|index| Some((index, answers.get_mut(index)?)))
                    else {
                        continue;
                    };
                    let MetricDataResult { timestamps, values, status_code, messages, .. } = result;
                    let messages = messages.unwrap_or_default().into_iter();
                    answer.gaps.extend(messages.map(|said| said_by(said.code, said.value)));
                    let pairs = timestamps.into_iter().flatten().zip(values.into_iter().flatten());
                    let points = pairs.filter_map(|(at, value)| {
                        let at = Timestamp::new(at.secs(), 0).ok()?;
                        Some(Point { at, value })
                    });
                    answer.points.extend(points.filter(|p| (batch.from..batch.to).contains(&p.at)));
                    status_code.map(|code| (index, code))
                }
                Part::Said(gap) => {
                    for answer in batch.queries.iter().copied() {
                        if let Some(answer) = answers.get_mut(answer) {
                            answer.gaps.push(gap.clone());
                        }
                    }
                    None
                }
            };
            last.extend(index);
        }
        for (index, code) in last {
            let gap = match code {
                StatusCode::Complete => None,
                StatusCode::PartialData => Some(Gap::Partial),
                StatusCode::InternalError => Some(Gap::Internal),
                StatusCode::Forbidden => Some(Gap::Forbidden),
                other => Some(Gap::Said(other.as_str().to_owned())),
            };
            if let (Some(gap), Some(answer)) = (gap, answers.get_mut(index)) {
                answer.gaps.push(gap);
            }
        }
    }
    for answer in &mut answers {
        answer.points.sort_by_key(|point| point.at);
    }
    Ok(answers)
}

/// What a page tells.
enum Part {
    Result(MetricDataResult),
    /// Of the call as a whole.
    Said(Gap),
}

/// Makes one call, and those for the further pages of its answer.
async fn ask(
    at: &Regional,
    queries: &[MetricQuery],
    batch: &Batch,
) -> Result<Vec<Part>, ProviderError> {
    let asked = batch.queries.iter().filter_map(|index| Some((*index, queries.get(*index)?)));
    let asked: Vec<MetricDataQuery> = asked.map(|(index, query)| sdk_query(index, query)).collect();
    let asked = &asked;
    pages(OPERATION, |token| async move {
        let request = at
            .clients
            .cloudwatch
            .get_metric_data()
            .set_metric_data_queries(Some(asked.clone()))
            .start_time(DateTime::from_secs(batch.from.as_second()))
            .end_time(DateTime::from_secs(batch.to.as_second()))
            .scan_by(ScanBy::TimestampAscending)
            .max_datapoints(i32::try_from(VALUES_A_PAGE).unwrap_or(i32::MAX))
            .set_next_token(token);
        let answer = at.call(OPERATION, &at.region, || request.send()).await?;
        let results = answer.metric_data_results.unwrap_or_default().into_iter();
        let said = answer.messages.unwrap_or_default().into_iter();
        let said = said.map(|said| Part::Said(said_by(said.code, said.value)));
        Ok((results.map(Part::Result).chain(said).collect(), answer.next_token))
    })
    .await
}

fn said_by(code: Option<String>, text: Option<String>) -> Gap {
    let parts = [code, text].into_iter().flatten().filter(|part| !part.is_empty());
    Gap::Said(format!("AWS says: {}", parts.collect::<Vec<_>>().join(": ")))
}

/// An id begins with a small letter.
fn id(index: usize) -> String {
    format!("m{index}")
}

fn index(id: Option<&str>) -> Option<usize> {
    id?.strip_prefix('m')?.parse().ok()
}

fn sdk_query(index: usize, query: &MetricQuery) -> MetricDataQuery {
    let MetricQuery { metric, statistic, period } = query;
    let dimensions = metric.dimensions.iter();
    let dimensions =
        dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
    let sdk_metric = Metric::builder()
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(Some(dimensions.collect()));
    let stat = MetricStat::builder()
        .metric(sdk_metric.build())
        .period(i32::try_from(*period).unwrap_or(i32::MAX))
        .stat(statistic.to_string())
        .set_unit(metric.unit.as_deref().map(StandardUnit::from));
    MetricDataQuery::builder().id(id(index)).metric_stat(stat.build()).build()
}
