//! A provider over mocked clients, in a region where nothing exists.

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleError;
use aws_sdk_eventbridge::operation::list_rule_names_by_target::ListRuleNamesByTargetOutput;
use aws_sdk_resourcegroupstagging::operation::get_resources::GetResourcesOutput;
use aws_sdk_sns::error::ErrorMetadata;
use aws_sdk_sns::operation::get_topic_attributes::GetTopicAttributesError;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use notify_aws::{AwsProvider, Clients};
use notify_core::aws::{
    AlarmName, Identity, QueueName, Region, RuleName, StackName, Tags, TopicName,
};
use notify_core::plan::{Action, Change, Step};
use notify_core::provider::{Done, Provider, ProviderError};
use notify_core::state::{ResourceKey, Scope, State, Wanted};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alerts";
pub(crate) const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/sign-in";
pub(crate) const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors";

/// What is expected of each service; the first rule that matches answers.
#[derive(Debug, Default)]
pub(crate) struct Mocks {
    pub(crate) sns: Vec<Rule>,
    pub(crate) events: Vec<Rule>,
    pub(crate) cloudwatch: Vec<Rule>,
    pub(crate) tagging: Vec<Rule>,
    pub(crate) sts: Vec<Rule>,
    pub(crate) waf: Vec<Rule>,
    pub(crate) config: Vec<Rule>,
    pub(crate) iam: Vec<Rule>,
    pub(crate) kms: Vec<Rule>,
    pub(crate) scheduler: Vec<Rule>,
    pub(crate) sqs: Vec<Rule>,
    pub(crate) states: Vec<Rule>,
}

impl Mocks {
    /// Answers all other reads with "there is none". Writes must be expected one by one.
    pub(crate) fn provider(&mut self) -> AwsProvider {
        self.provider_in(&[region()])
    }

    pub(crate) fn provider_in(&mut self, regions: &[Region]) -> AwsProvider {
        let clients = self.clients();
        let of = |region: &Region| (region.clone(), clients.clone());
        AwsProvider::from_clients(regions.iter().map(of).collect())
    }

    pub(crate) fn clients(&mut self) -> Clients {
        self.expect_nothing_else();
        Clients {
            sns: mock_client!(aws_sdk_sns, RuleMode::MatchAny, &self.sns),
            events: mock_client!(aws_sdk_eventbridge, RuleMode::MatchAny, &self.events),
            cloudwatch: mock_client!(aws_sdk_cloudwatch, RuleMode::MatchAny, &self.cloudwatch),
            tagging: mock_client!(aws_sdk_resourcegroupstagging, RuleMode::MatchAny, &self.tagging),
            sts: mock_client!(aws_sdk_sts, RuleMode::MatchAny, &self.sts),
            waf: mock_client!(aws_sdk_wafv2, RuleMode::MatchAny, &self.waf),
            config: mock_client!(aws_sdk_config, RuleMode::MatchAny, &self.config),
            iam: mock_client!(aws_sdk_iam, RuleMode::MatchAny, &self.iam),
            kms: mock_client!(aws_sdk_kms, RuleMode::MatchAny, &self.kms),
            scheduler: mock_client!(aws_sdk_scheduler, RuleMode::MatchAny, &self.scheduler),
            sqs: mock_client!(aws_sdk_sqs, RuleMode::MatchAny, &self.sqs),
            states: mock_client!(aws_sdk_sfn, RuleMode::MatchAny, &self.states),
        }
    }

    fn expect_nothing_else(&mut self) {
        self.sns.push(
            mock!(aws_sdk_sns::Client::get_topic_attributes)
                .then_error(|| GetTopicAttributesError::generic(code("NotFound"))),
        );
        self.events.push(
            mock!(aws_sdk_eventbridge::Client::describe_rule)
                .then_error(|| DescribeRuleError::generic(code("ResourceNotFoundException"))),
        );
        self.events.push(
            mock!(aws_sdk_eventbridge::Client::list_rule_names_by_target)
                .then_output(|| ListRuleNamesByTargetOutput::builder().build()),
        );
        self.cloudwatch.push(
            mock!(aws_sdk_cloudwatch::Client::describe_alarms)
                .then_output(|| DescribeAlarmsOutput::builder().build()),
        );
        self.tagging.push(
            mock!(aws_sdk_resourcegroupstagging::Client::get_resources)
                .then_output(|| GetResourcesOutput::builder().build()),
        );
        self.sts.push(mock!(aws_sdk_sts::Client::get_caller_identity).then_output(|| {
            GetCallerIdentityOutput::builder()
                .account("123456789012")
                .arn("arn:aws:iam::123456789012:user/u")
                .build()
        }));
    }

    /// How many requests were made.
    pub(crate) fn calls(&self) -> usize {
        let Self {
            sns,
            events,
            cloudwatch,
            tagging,
            sts,
            waf,
            config,
            iam,
            kms,
            scheduler,
            sqs,
            states,
        } = self;
        let all =
            [sns, events, cloudwatch, tagging, sts, waf, config, iam, kms, scheduler, sqs, states];
        all.into_iter().flatten().map(Rule::num_calls).sum()
    }

    /// Runs steps as one change of `key`.
    pub(crate) async fn run(
        &mut self,
        key: &ResourceKey,
        steps: Vec<Step>,
    ) -> Result<Done, ProviderError> {
        let change = change(key, steps);
        self.provider().execute(&[&change]).await.pop().expect("an answer")
    }

    /// Looks at the topic, the rule and the alarm that the tests are about.
    pub(crate) async fn observe(&mut self) -> Result<State, ProviderError> {
        self.provider().observe(&scope(false)).await
    }
}

pub(crate) fn code(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).build()
}

pub(crate) fn region() -> Region {
    Region::parse("eu-west-1").expect("a region")
}

pub(crate) fn who() -> Identity {
    Identity::from_caller("123456789012", "arn:aws:iam::123456789012:user/u").expect("an identity")
}

pub(crate) fn topic_name() -> TopicName {
    TopicName::parse("alerts").expect("a name")
}

pub(crate) fn rule_name() -> RuleName {
    RuleName::parse("sign-in").expect("a name")
}

pub(crate) fn alarm_name(name: &str) -> AlarmName {
    AlarmName::parse(name).expect("a name")
}

pub(crate) fn topic() -> ResourceKey {
    ResourceKey::topic(&region(), &topic_name())
}

pub(crate) fn rule() -> ResourceKey {
    ResourceKey::rule(&region(), &rule_name())
}

pub(crate) fn target() -> ResourceKey {
    ResourceKey::target(&region(), &rule_name(), "notify")
}

pub(crate) fn alarm(name: &str) -> ResourceKey {
    ResourceKey::alarm(&region(), &alarm_name(name))
}

pub(crate) fn queue(name: &str) -> ResourceKey {
    ResourceKey::queue(&region(), &QueueName::parse(name).expect("a name"))
}

pub(crate) fn tags() -> Tags {
    Tags::from([("notify:stack".to_owned(), "security".to_owned())])
}

pub(crate) fn scope(thorough: bool) -> Scope {
    let wanted = Wanted {
        topics: [topic_name()].into(),
        queues: BTreeSet::new(),
        machines: BTreeSet::new(),
        rules: [rule_name()].into(),
        alarms: [alarm_name("errors")].into(),
    };
    Scope {
        stack: StackName::parse("security").expect("a name"),
        regions: BTreeMap::from([(region(), wanted)]),
        thorough,
        roles: [].into(),
        mutes: [].into(),
        filters: false,
    }
}

pub(crate) fn change(key: &ResourceKey, steps: Vec<Step>) -> Change {
    Change {
        key: key.clone(),
        action: Action::Update,
        reason: String::new(),
        fields: Vec::new(),
        steps,
        needs: Vec::new(),
    }
}
