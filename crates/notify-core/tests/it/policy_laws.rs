//! Laws of policies: what a denial and a permission can change, and what a hostile document costs.

use notify_core::aws::policy::{Key, Policy, Request, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
const RULE: &str = "arn:aws:events:eu-west-1:111122223333:rule/r";

fn request() -> Request<'static> {
    Request {
        service: "events.amazonaws.com",
        action: "sns:Publish",
        resource: TOPIC,
        keys: [
            ("aws:sourcearn", Key::Is(RULE.to_owned())),
            ("aws:sourceaccount", Key::Is("111122223333".to_owned())),
            ("aws:sourceowner", Key::Missing),
            ("aws:perhaps", Key::Perhaps("x".to_owned(), "a doubt")),
        ]
        .into(),
    }
}

fn one_of(values: &[Value]) -> impl Strategy<Value = Value> + use<> {
    prop::sample::select(values.to_vec())
}

fn condition() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "ArnLike",
        "ArnNotLike",
        "Null",
        "Bool",
        "StringEqualsIfExists",
        "ForAnyValue:StringEquals",
        "ForAllValues:StringNotEquals",
        "IpAddress",
    ]);
    let key = prop::sample::select(vec![
        "aws:SourceArn",
        "aws:SourceAccount",
        "AWS:SourceOwner",
        "aws:Perhaps",
        "aws:Nobody",
    ]);
    let value = one_of(&[
        json!(RULE),
        json!("arn:aws:events:*:*:rule/*"),
        json!("111122223333"),
        json!("x"),
        json!(["1", "*"]),
        json!("true"),
        json!("${aws:x}"),
        json!({}),
        json!([]),
    ]);
    prop::collection::vec((operator, key, value), 0..3).prop_map(|all| {
        let mut condition = json!({});
        for (operator, key, value) in all {
            condition[operator][key] = value;
        }
        condition
    })
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let principal = one_of(&[
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": "1"}),
        json!({"Service": "events.amazonaws.com"}),
        json!({"Service": ["x", "events.amazonaws.com"]}),
        json!({"Service": "*"}),
        json!(1),
    ]);
    let action = one_of(&[
        json!("sns:Publish"),
        json!("SNS:*"),
        json!("*"),
        json!("sns:Subscribe"),
        json!([{}]),
    ]);
    let resource = one_of(&[
        json!(TOPIC),
        json!("*"),
        json!("arn:aws:sns:*:*:*"),
        json!("arn:other"),
        json!("*s"),
    ]);
    (principal, action, resource, condition(), any::<[bool; 3]>()).prop_map(
        move |(principal, action, resource, condition, [p, a, r])| {
            let not = |negated: bool, name: &str| {
                if negated { format!("Not{name}") } else { name.to_owned() }
            };
            json!({
                "Effect": effect,
                not(p, "Principal"): principal,
                not(a, "Action"): action,
                not(r, "Resource"): resource,
                "Condition": condition,
            })
        },
    )
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(prop_oneof![statement("Allow"), statement("Deny")], 0..4)
}

fn says(statements: &[Value]) -> Verdict {
    Policy::of(statements.iter().cloned()).evaluate(&request())
}

fn allowed(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Allowed(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_denial_never_allows(some in statements(), deny in statement("Deny"), at in any::<prop::sample::Index>()) {
        let mut more = some.clone();
        more.insert(at.index(some.len() + 1), deny);
        let (before, after) = (says(&some), says(&more));
        prop_assert!(allowed(&before) || !allowed(&after), "{before:?} {after:?} {more:?}");
        prop_assert!(!matches!(before, Verdict::Denied(_)) || matches!(after, Verdict::Denied(_)));
    }

    #[test]
    fn a_permission_never_refuses(some in statements(), allow in statement("Allow"), at in any::<prop::sample::Index>()) {
        let mut more = some.clone();
        more.insert(at.index(some.len() + 1), allow);
        let (before, after) = (says(&some), says(&more));
        prop_assert!(!allowed(&before) || allowed(&after), "{before:?} {after:?} {more:?}");
        prop_assert_eq!(matches!(before, Verdict::Denied(_)), matches!(after, Verdict::Denied(_)));
    }

    #[test]
    fn the_order_of_statements_changes_no_answer(some in statements()) {
        let mut turned = some.clone();
        turned.reverse();
        let kind = |verdict: &Verdict| std::mem::discriminant(verdict);
        prop_assert_eq!(kind(&says(&some)), kind(&says(&turned)));
    }

    #[test]
    fn a_statement_that_decides_is_the_one_that_is_named(some in statements()) {
        let policy = Policy::of(some.iter().cloned());
        let alone = |by: usize| says(&some[by..=by]);
        match policy.evaluate(&request()) {
            Verdict::Allowed(by) => prop_assert_eq!(alone(by), Verdict::Allowed(0)),
            Verdict::Denied(by) => prop_assert_eq!(alone(by), Verdict::Denied(0)),
            Verdict::NotAllowed => {}
            Verdict::Unclear { by, .. } => {
                prop_assert!(!allowed(&alone(by)));
            }
        }
    }
}

#[test]
fn a_hostile_document_costs_no_more_than_its_size() {
    let stars = "*a".repeat(500_000);
    let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    let mut statements = vec![allow; 2_000];
    for (part, value) in [
        ("Resource", json!(stars)),
        ("Action", json!(stars)),
        ("Principal", json!({"Service": vec!["x"; 100_000]})),
        ("Condition", json!({"StringLike": {"aws:SourceArn": stars}})),
        ("Condition", json!({"ArnLike": {"aws:SourceArn": vec!["arn:aws:*a*a*a:*:*:*b"; 10_000]}})),
    ] {
        let mut statement = statements[0].clone();
        statement["Effect"] = json!("Deny");
        statement[part] = value;
        statements.push(statement);
    }
    assert_eq!(says(&statements), Verdict::Allowed(0));

    for depth in [100, 1_000, 100_000] {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        for text in [
            deep.clone(),
            format!(r#"{{"Statement": {deep}}}"#),
            format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": {deep}, "Action": "*", "Resource": "*"}}]}}"#
            ),
            format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {{"Bool": {{"a:b": {deep}}}}}}}]}}"#
            ),
        ] {
            // Either it is no document, or it allows nothing.
            let verdict = Policy::parse(&text).map(|policy| policy.evaluate(&request()));
            assert!(!matches!(verdict, Ok(Verdict::Allowed(_))), "{depth}");
        }
    }
}
