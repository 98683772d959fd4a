//! A rule's target in the SDK's words and in ours.

use aws_sdk_eventbridge::error::BuildError;
use aws_sdk_eventbridge::types::{
    DeadLetterConfig, InputTransformer, RetryPolicy, Target as SdkTarget,
};
use notify_core::aws::Identity;
use notify_core::state::{Delivery, Reference, ResourceKey, Retry, Target, Want};
use notify_core::transform::Input;

/// Reads a target of `rule`.
pub(crate) fn read(rule: &ResourceKey, there: SdkTarget, who: &Identity) -> Target {
    let retry = there.retry_policy.map(|policy| Retry {
        attempts: policy.maximum_retry_attempts,
        age: policy.maximum_event_age_in_seconds,
    });
    let delivery = Delivery {
        role: there.role_arn.map(|role| Reference::from_arn(&role, who)),
        dead_letter: there
            .dead_letter_config
            .and_then(|queue| queue.arn)
            .map(|arn| Reference::from_arn(&arn, who)),
        retry,
    };
    // AWS takes only one of the three.
    let input = match (there.input, there.input_path, there.input_transformer) {
        (_, _, Some(transformer)) => Input::Transformer {
            paths: transformer.input_paths_map.unwrap_or_default().into_iter().collect(),
            template: transformer.input_template,
        },
        (_, Some(path), None) => Input::Path(path),
        (Some(text), None, None) => Input::Constant(text),
        (None, None, None) => Input::Event,
    };
    Target {
        rule: rule.clone(),
        id: there.id,
        to: Reference::from_arn(&there.arn, who),
        input,
        delivery: Want::Exactly(delivery),
    }
}

/// Writes a target as a whole: AWS forgets what is left out.
pub(crate) fn write(target: &Target, who: &Identity) -> Result<SdkTarget, BuildError> {
    let Target { rule: _, id, to, input, delivery } = target;
    let Delivery { role, dead_letter, retry } = delivery.value().cloned().unwrap_or_default();
    let dead_letter =
        dead_letter.map(|queue| DeadLetterConfig::builder().arn(queue.to_arn(who)).build());
    let retry = retry.map(|Retry { attempts, age }| {
        RetryPolicy::builder()
            .set_maximum_retry_attempts(attempts)
            .set_maximum_event_age_in_seconds(age)
            .build()
    });
    let builder = SdkTarget::builder()
        .id(id)
        .arn(to.to_arn(who))
        .set_role_arn(role.map(|role| role.to_arn(who)))
        .set_dead_letter_config(dead_letter)
        .set_retry_policy(retry);
    match input {
        Input::Event => builder,
        Input::Constant(text) => builder.input(text),
        Input::Path(path) => builder.input_path(path),
        Input::Transformer { paths, template } => {
            let paths = paths.iter().map(|(name, path)| (name.clone(), path.clone())).collect();
            builder.input_transformer(
                InputTransformer::builder()
                    .set_input_paths_map(Some(paths))
                    .input_template(template)
                    .build()?,
            )
        }
    }
    .build()
}
