//! An account on the API server, which takes any twelve digits as key and account.

pub(crate) use super::ids::{endpoint, fresh_id};
use aws_config::BehaviorVersion;
use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use aws_sdk_eventbridge::types::Target;
use aws_sdk_sfn::types::StateMachineType;
use aws_sdk_sns::config::Credentials;
use aws_sdk_sns::types::{Subscription, Tag};
use aws_sdk_sqs::types::QueueAttributeName;
use notify_aws::{AwsProvider, Clients};
use notify_core::aws::Arn;
use notify_tests::account::{
    MACHINE, MACHINE_ROLE, OTHER_REGION, QUEUE_TAG, REGION, machine_trust, region,
};
use notify_tests::{Account, Deed};
use std::collections::BTreeMap;

pub(crate) struct OnServer {
    pub(crate) id: String,
    /// For what tests do besides.
    pub(crate) clients: Clients,
    provider: AwsProvider,
}

impl OnServer {
    /// The account's number, which is also the key of whoever works in it.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let text = format!("arn:aws:{service}:{REGION}:{}:{resource}", self.id);
        text.parse::<Arn>().expect("an ARN").to_string()
    }
}

impl Account for OnServer {
    type Provider = AwsProvider;

    async fn fresh() -> Self {
        let id = fresh_id();
        let mut all = BTreeMap::new();
        for name in [REGION, OTHER_REGION] {
            let config = aws_config::defaults(BehaviorVersion::latest())
                .http_client(notify_aws::https_client())
                .credentials_provider(Credentials::new(&id, "not-a-secret", None, None, "tests"))
                .region(aws_config::Region::new(name))
                .endpoint_url(endpoint())
                .load()
                .await;
            let clients = Clients::of(&config, &region(name));
            all.insert(region(name), clients);
        }
        let clients = all[&region(REGION)].clone();
        Self { id, clients, provider: AwsProvider::from_clients(all).without_settling() }
    }

    fn provider(&self) -> &AwsProvider {
        &self.provider
    }

    #[expect(clippy::too_many_lines, reason = "a table: an arm for each deed")]
    async fn by_hand(&self, deed: Deed) {
        let Clients { sns, sqs, events, cloudwatch, .. } = &self.clients;
        match deed {
            Deed::Topic { name, display_name, statement, tag } => {
                let made = sns
                    .create_topic()
                    .name(name)
                    .attributes("DisplayName", display_name)
                    .tags(sns_tag(tag))
                    .send()
                    .await
                    .expect("a topic");
                let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
                sns.set_topic_attributes()
                    .topic_arn(made.topic_arn().expect("an ARN"))
                    .attribute_name("Policy")
                    .attribute_value(policy.to_string())
                    .send()
                    .await
                    .expect("a policy");
            }
            Deed::Subscription { topic, queue } => {
                sns.subscribe()
                    .topic_arn(self.arn("sns", topic))
                    .protocol("sqs")
                    .endpoint(queue)
                    .send()
                    .await
                    .expect("a subscription");
            }
            Deed::Filter { topic, queue, policy } => {
                let listed = sns.list_subscriptions_by_topic().topic_arn(self.arn("sns", topic));
                let listed = listed.send().await.expect("subscriptions");
                let of_queue = |s: &&Subscription| s.endpoint() == Some(queue);
                let found = listed.subscriptions().iter().find(of_queue).expect("the queue's");
                sns.set_subscription_attributes()
                    .set_subscription_arn(found.subscription_arn().map(str::to_owned))
                    .attribute_name("FilterPolicy")
                    .attribute_value(policy)
                    .send()
                    .await
                    .expect("a filter");
            }
            Deed::Queue { name, retention } => {
                let (key, value) = QUEUE_TAG;
                sqs.create_queue()
                    .queue_name(name)
                    .attributes(QueueAttributeName::MessageRetentionPeriod, retention.to_string())
                    .tags(key, value)
                    .send()
                    .await
                    .expect("a queue");
            }
            Deed::Rule { name, description, pattern } => {
                events
                    .put_rule()
                    .name(name)
                    .description(description)
                    .event_pattern(pattern)
                    .send()
                    .await
                    .expect("a rule");
            }
            Deed::Target { rule, id, topic } => {
                let target = Target::builder().id(id).arn(self.arn("sns", topic));
                events
                    .put_targets()
                    .rule(rule)
                    .targets(target.build().expect("a target"))
                    .send()
                    .await
                    .expect("a target");
            }
            Deed::Alarm { name, topic, threshold } => {
                cloudwatch
                    .put_metric_alarm()
                    .alarm_name(name)
                    .alarm_description("by hand")
                    .namespace("AWS/Lambda")
                    .metric_name("Errors")
                    .statistic(Statistic::Sum)
                    .period(300)
                    .evaluation_periods(1)
                    .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
                    .threshold(threshold)
                    .alarm_actions(self.arn("sns", topic))
                    .send()
                    .await
                    .expect("an alarm");
            }
            Deed::Machine { name } => {
                let Clients { iam, states, .. } = &self.clients;
                let role = iam
                    .create_role()
                    .role_name(MACHINE_ROLE)
                    .assume_role_policy_document(machine_trust().to_string())
                    .send()
                    .await
                    .expect("a role");
                states
                    .create_state_machine()
                    .name(name)
                    .definition(MACHINE)
                    .role_arn(role.role().expect("a role").arn())
                    .r#type(StateMachineType::Express)
                    .send()
                    .await
                    .expect("a state machine");
            }
            Deed::Start { rule, id, machine, role } => {
                let target = Target::builder()
                    .id(id)
                    .arn(self.arn("states", &format!("stateMachine:{machine}")))
                    .role_arn(format!("arn:aws:iam::{}:role/{role}", self.id));
                events
                    .put_targets()
                    .rule(rule)
                    .targets(target.build().expect("a target"))
                    .send()
                    .await
                    .expect("a target");
            }
            Deed::TagTopic { topic, tag } => {
                sns.tag_resource()
                    .resource_arn(self.arn("sns", topic))
                    .tags(sns_tag(tag))
                    .send()
                    .await
                    .expect("a tag");
            }
        }
    }
}

fn sns_tag((key, value): (&str, &str)) -> Tag {
    Tag::builder().key(key).value(value).build().expect("a tag")
}
