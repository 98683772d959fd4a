//! Rules and targets as they are read.

use crate::mocks::{
    Mocks, RULE, TOPIC, code, queue as lost_queue, region, rule, rule_name, tags, target, topic,
};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::operation::list_rule_names_by_target::ListRuleNamesByTargetOutput;
use aws_sdk_eventbridge::operation::list_tags_for_resource::ListTagsForResourceOutput;
use aws_sdk_eventbridge::operation::list_targets_by_rule::{
    ListTargetsByRuleError, ListTargetsByRuleOutput,
};
use aws_sdk_eventbridge::types::{
    DeadLetterConfig, InputTransformer, RetryPolicy, RuleState as SdkState, Tag,
    Target as SdkTarget, builders::TargetBuilder,
};
use aws_sdk_resourcegroupstagging::operation::get_resources::GetResourcesOutput;
use aws_sdk_resourcegroupstagging::types::ResourceTagMapping;
use aws_smithy_mocks::{Rule, mock};
use notify_core::aws::RuleName;
use notify_core::pattern::PatternText;
use notify_core::state::{
    Delivery, Reference, Resource, ResourceKey, Retry, Rule as OurRule, RuleState, Target, Want,
};
use notify_core::transform::Input;
use std::collections::BTreeMap;

/// A rule of any name that exists, with these targets, one a page.
fn there(described: DescribeRuleOutput, targets: Vec<SdkTarget>) -> Vec<Rule> {
    let described = mock!(Client::describe_rule)
        .match_requests(|request| request.event_bus_name().is_none())
        .then_output(move || described.clone());
    let tags = mock!(Client::list_tags_for_resource).then_compute_output(|request| {
        let ours = request.resource_arn() == Some(RULE);
        let tag = Tag::builder().key("notify:stack").value("security").build();
        ListTagsForResourceOutput::builder()
            .set_tags(ours.then(|| vec![tag.expect("a tag")]))
            .build()
    });
    let pages = mock!(Client::list_targets_by_rule).then_compute_output(move |request| {
        let page: usize = request.next_token().map_or(0, |token| token.parse().expect("ours"));
        ListTargetsByRuleOutput::builder()
            .set_targets(targets.get(page).map(|one| vec![one.clone()]))
            .set_next_token((page + 1 < targets.len()).then(|| (page + 1).to_string()))
            .build()
    });
    vec![described, tags, pages]
}

#[tokio::test]
async fn a_rule_is_read_with_all_fields() {
    let described = DescribeRuleOutput::builder()
        .name("sign-in")
        .description("Somebody signed in")
        .event_pattern(r#"{"source":["aws.signin"]}"#)
        .schedule_expression("rate(1 day)")
        .role_arn("arn:role")
        .state(SdkState::Disabled)
        .managed_by("backup.amazonaws.com")
        .build();
    let mut mocks = Mocks { events: there(described, Vec::new()), ..Mocks::default() };
    let expected = OurRule {
        description: "Somebody signed in".to_owned(),
        pattern: Some(PatternText(r#"{"source":["aws.signin"]}"#.to_owned())),
        schedule: Some("rate(1 day)".to_owned()),
        role: Some("arn:role".to_owned()),
        state: Want::Exactly(RuleState::Disabled),
        managed_by: Want::Exactly(Some("backup.amazonaws.com".to_owned())),
        tags: Want::Exactly(tags()),
    };
    let state = mocks.observe().await.unwrap();
    assert_eq!(state.get(&rule()), Some(&Resource::Rule(expected)));
}

#[tokio::test]
async fn what_a_rule_leaves_unsaid_is_filled_in() {
    use RuleState::{Disabled, Enabled, EnabledWithAllCloudtrailManagementEvents};
    for (said, state) in [
        (None, Enabled),
        (Some("ENABLED"), Enabled),
        (Some("DISABLED"), Disabled),
        (
            Some("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
            EnabledWithAllCloudtrailManagementEvents,
        ),
    ] {
        let described =
            DescribeRuleOutput::builder().set_state(said.map(SdkState::from)).managed_by("");
        let mut mocks = Mocks { events: there(described.build(), Vec::new()), ..Mocks::default() };
        let found = mocks.observe().await.unwrap();
        let Some(Resource::Rule(rule)) = found.get(&rule()) else { panic!("no rule") };
        assert_eq!(rule.state, Want::Exactly(state));
        assert_eq!((rule.description.as_str(), &rule.pattern), ("", &None));
        assert_eq!((&rule.schedule, &rule.role), (&None, &None));
        assert_eq!(rule.managed_by, Want::Exactly(None));
    }
}

#[tokio::test]
async fn targets_are_read_from_all_pages() {
    fn of(id: &str) -> TargetBuilder {
        SdkTarget::builder().id(id).arn(TOPIC)
    }
    let transformer = InputTransformer::builder().input_paths_map("who", "$.detail.who");
    let transformer = transformer.input_template("\"<who>\"").build().unwrap();
    let retry = RetryPolicy::builder().maximum_retry_attempts(3).maximum_event_age_in_seconds(60);
    let queue = DeadLetterConfig::builder().arn("arn:aws:sqs:eu-west-1:123456789012:lost").build();
    let targets = [
        of("event"),
        of("constant").input("{}"),
        of("path").input_path("$.detail"),
        of("transformer").input_transformer(transformer),
        of("delivery").role_arn("arn:r").dead_letter_config(queue).retry_policy(retry.build()),
        SdkTarget::builder().id("other").arn("arn:aws:sqs:eu-west-1:210987654321:q"),
    ];
    let targets = targets.into_iter().map(|target| target.build().unwrap()).collect();
    let described = DescribeRuleOutput::builder().build();
    let mut mocks = Mocks { events: there(described, targets), ..Mocks::default() };
    let state = mocks.observe().await.unwrap();

    let paths = BTreeMap::from([("who".to_owned(), "$.detail.who".to_owned())]);
    let delivery = Delivery {
        role: Some(Reference::Arn("arn:r".to_owned())),
        dead_letter: Some(Reference::Key(lost_queue("lost"))),
        retry: Some(Retry { attempts: Some(3), age: Some(60) }),
    };
    let other = Reference::Arn("arn:aws:sqs:eu-west-1:210987654321:q".to_owned());
    for (id, to, input, delivery) in [
        ("event", Reference::Key(topic()), Input::Event, Delivery::default()),
        (
            "constant",
            Reference::Key(topic()),
            Input::Constant("{}".to_owned()),
            Delivery::default(),
        ),
        ("path", Reference::Key(topic()), Input::Path("$.detail".to_owned()), Delivery::default()),
        (
            "transformer",
            Reference::Key(topic()),
            Input::Transformer { paths, template: "\"<who>\"".to_owned() },
            Delivery::default(),
        ),
        ("delivery", Reference::Key(topic()), Input::Event, delivery),
        ("other", other, Input::Event, Delivery::default()),
    ] {
        let key = ResourceKey::target(&region(), &rule_name(), id);
        let expected = Target {
            rule: rule(),
            id: id.to_owned(),
            to,
            input,
            delivery: Want::Exactly(delivery),
        };
        assert_eq!(state.get(&key), Some(&Resource::Target(expected)), "{id}");
    }
    assert!(!state.contains_key(&target()));
}

#[tokio::test]
async fn a_rule_that_goes_meanwhile_is_not_there() {
    let gone = mock!(Client::list_targets_by_rule)
        .then_error(|| ListTargetsByRuleError::generic(code("ResourceNotFoundException")));
    let mut events = there(DescribeRuleOutput::builder().build(), Vec::new());
    events.insert(0, gone);
    let state = Mocks { events, ..Mocks::default() }.observe().await.unwrap();
    assert!(state.is_empty(), "{state:?}");
}

#[tokio::test]
async fn rules_are_found_by_name_by_target_and_by_tag_and_each_is_read_once() {
    let by_target = mock!(Client::list_rule_names_by_target)
        .match_requests(|request| request.target_arn() == Some(TOPIC))
        .then_compute_output(|request| {
            let (name, next) = match request.next_token() {
                None => ("sign-in", Some("more")),
                Some(_) => ("hangs-off", None),
            };
            ListRuleNamesByTargetOutput::builder()
                .rule_names(name)
                .rule_names("both")
                .set_next_token(next.map(str::to_owned))
                .build()
        });
    let by_tag = mock!(aws_sdk_resourcegroupstagging::Client::get_resources).then_output(|| {
        let arn = |name: &str| format!("arn:aws:events:eu-west-1:123456789012:rule/{name}");
        let names = ["sign-in", "both", "tagged", "other-bus/tagged"];
        let mapping = |name| ResourceTagMapping::builder().resource_arn(arn(name)).build();
        GetResourcesOutput::builder()
            .set_resource_tag_mapping_list(Some(names.map(mapping).into()))
            .build()
    });
    let mut events = there(DescribeRuleOutput::builder().build(), Vec::new());
    events.push(by_target);
    let mut mocks = Mocks { events, tagging: vec![by_tag], ..Mocks::default() };
    let state = mocks.observe().await.unwrap();
    let named = |name| ResourceKey::rule(&region(), &RuleName::parse(name).unwrap());
    let expected = ["both", "hangs-off", "sign-in", "tagged"].map(named);
    assert_eq!(state.into_keys().collect::<Vec<_>>(), expected);
    assert!(mocks.events[..3].iter().all(|rule| rule.num_calls() == 4), "each of four once");
}
