//! A baseline as a mail.

use super::{Baseline, Listed};
use crate::mail::plain::{Line, fitting, shown};
use crate::mail::{Notification, grouped};
use crate::spec::Language;

/// What is published of a baseline: a line for each resource, under its rule.
///
/// The subject is English in every language, as that of a digest. What does not fit into a message
/// is cut at its end, and the mail says how many resources that are.
///
/// ```
/// use notify_core::baseline::{Baseline, mail};
/// use notify_core::{aws::Region, spec::Language};
///
/// let region = Region::parse("ap-northeast-1")?;
/// let none = Baseline { region, notifications: vec![], rules: vec![], names: vec![], gaps: vec![] };
/// let mail = mail(&none, Language::Ja);
/// let subject = "AWS Config: 0 resources not compliant already in ap-northeast-1";
/// assert_eq!(mail.subject.as_deref(), Some(subject));
/// assert!(mail.text().starts_with("AWS Config ap-northeast-1: すでに非準拠のリソース 0 件\n"));
/// # Ok::<(), notify_core::aws::NameError>(())
/// ```
pub fn mail(baseline: &Baseline, language: Language) -> Notification {
    let noun = if baseline.total() == 1 { "resource" } else { "resources" };
    let (count, region) = (count(baseline.total()), &baseline.region);
    let end = match language {
        Language::En => {
            "\nAWS Config tells only of changes: no mail has come about these resources, and none \
             will until they change. A resource counts for each rule that it does not comply with."
        }
        Language::Ja => {
            "\nAWS Config は変化だけを知らせます。上のリソースについては、状態が変わるまでメールは届きません。\
             リソースは、準拠していないルールごとに数えています。"
        }
    };
    let more = |more: usize| {
        let more = self::count(more);
        match language {
            Language::En => format!("… and {more} more, which `notify-cli baseline` lists"),
            Language::Ja => format!("… ほか {more} 件 (`notify-cli baseline` で表示できます)"),
        }
    };
    Notification {
        subject: Some(format!("AWS Config: {count} {noun} not compliant already in {region}")),
        default: fitting(lines(baseline, language), end, more),
        email: None,
        sms: None,
        attributes: std::collections::BTreeMap::new(),
    }
}

fn lines(baseline: &Baseline, language: Language) -> Vec<Line> {
    let Baseline { region, notifications: _, rules, names: _, gaps } = baseline;
    let total = count(baseline.total());
    let noun = if baseline.total() == 1 { "resource" } else { "resources" };
    let mut lines = vec![Line::plain(match language {
        Language::En => format!("AWS Config, {region}: {total} {noun} not compliant already"),
        Language::Ja => format!("AWS Config {region}: すでに非準拠のリソース {total} 件"),
    })];
    for gap in gaps {
        lines.push(Line::plain(match language {
            Language::En => format!("Not complete: {}", shown(gap)),
            Language::Ja => format!("不完全です: {}", shown(gap)),
        }));
    }
    for rule in rules {
        let (name, count) = (shown(&rule.rule), count(rule.resources.len()));
        lines.push(Line::plain(""));
        lines.push(Line::plain(match language {
            Language::En => format!("{name}: {count}"),
            Language::Ja => format!("{name}: {count} 件"),
        }));
        lines.extend(rule.resources.iter().map(|listed| Line::entry(of_resource(listed))));
    }
    lines
}

fn of_resource(listed: &Listed) -> String {
    let resource = &listed.resource;
    let mut text = format!("{} {}", shown(&resource.resource_type), shown(&resource.resource_id));
    if let Some(annotation) = resource.annotation.as_deref().filter(|text| !text.is_empty()) {
        text.push_str(" - ");
        text.push_str(&shown(annotation));
    }
    text
}

fn count(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Region;
    use crate::baseline::RuleBaseline;
    use crate::mail::MAX_BYTES;
    use crate::provider::NonCompliant;

    fn listed(id: &str, annotation: Option<&str>) -> Listed {
        let resource = NonCompliant {
            resource_type: "AWS::EC2::Instance".to_owned(),
            resource_id: id.to_owned(),
            annotation: annotation.map(str::to_owned),
            recorded: None,
            invoked: None,
            ordered: None,
            mode: None,
        };
        Listed { resource, by: vec![0] }
    }

    fn baseline(rules: &[(&str, Vec<Listed>)]) -> Baseline {
        let rule = |(rule, resources): &(&str, Vec<Listed>)| RuleBaseline {
            rule: (*rule).to_owned(),
            resources: resources.clone(),
        };
        Baseline {
            region: Region::parse("eu-west-1").unwrap(),
            notifications: vec!["e".to_owned()],
            rules: rules.iter().map(rule).collect(),
            names: Vec::new(),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn a_resource_has_a_line_under_its_rule_and_nothing_is_obeyed() {
        let hostile = "\u{1b}[2J\n\u{202e}開いて";
        let mut baseline = baseline(&[
            ("restricted-ssh", vec![listed("i-1", None), listed("i-2", Some(hostile))]),
            ("r\u{7}", vec![listed("i-1", Some(""))]),
        ]);
        baseline.gaps.push("no\nmore".to_owned());
        let en = mail(&baseline, Language::En);
        let expected = "\
AWS Config, eu-west-1: 3 resources not compliant already
Not complete: no\\u{a}more

restricted-ssh: 2
AWS::EC2::Instance i-1
AWS::EC2::Instance i-2 - \\u{1b}[2J\\u{a}\\u{202e}開いて

r\\u{7}: 1
AWS::EC2::Instance i-1

AWS Config tells only of changes: no mail has come about these resources, and none will until they \
change. A resource counts for each rule that it does not comply with.";
        assert_eq!(en.text(), expected);
        let subject = "AWS Config: 3 resources not compliant already in eu-west-1";
        assert_eq!((en.subject.as_deref(), en.check()), (Some(subject), Ok(())));
        let ja = mail(&baseline, Language::Ja);
        let expected = "\
AWS Config eu-west-1: すでに非準拠のリソース 3 件
不完全です: no\\u{a}more

restricted-ssh: 2 件
AWS::EC2::Instance i-1
AWS::EC2::Instance i-2 - \\u{1b}[2J\\u{a}\\u{202e}開いて

r\\u{7}: 1 件
AWS::EC2::Instance i-1

AWS Config は変化だけを知らせます。上のリソースについては、状態が変わるまでメールは届きません。\
リソースは、準拠していないルールごとに数えています。";
        assert_eq!((ja.text(), ja.subject.as_deref()), (expected, Some(subject)));
    }

    #[test]
    fn one_is_told_as_one() {
        let one = mail(&baseline(&[("r", vec![listed("i", None)])]), Language::En);
        let subject = "AWS Config: 1 resource not compliant already in eu-west-1";
        assert_eq!(one.subject.as_deref(), Some(subject));
        assert!(one.text().starts_with("AWS Config, eu-west-1: 1 resource not"), "{}", one.text());
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let many: Vec<Listed> =
            (0..10_000).map(|at| listed(&at.to_string(), Some(&"長".repeat(256)))).collect();
        for (language, tail) in [
            (Language::En, " more, which `notify-cli baseline` lists\n\nAWS Config tells"),
            (Language::Ja, " 件 (`notify-cli baseline` で表示できます)\n\nAWS Config は"),
        ] {
            let mail = mail(&baseline(&[("r", many.clone())]), language);
            assert!(mail.text().len() > MAX_BYTES - 1_100 && mail.text().len() <= MAX_BYTES);
            assert_eq!(mail.check(), Ok(()));
            let shown = mail.text().matches("AWS::EC2::Instance ").count();
            let missing = grouped(u64::try_from(10_000 - shown).unwrap());
            assert!(mail.text().contains(&format!("{missing}{tail}")), "{missing}");
        }
    }
}
