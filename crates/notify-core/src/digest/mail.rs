//! A digest as a mail.

use super::{Change, Digest, Measure, WebAclDigest};
use crate::aws::waf::WafScope;
use crate::mail::plain::{Line, fitting, shown};
use crate::mail::{MAX_SUBJECT, Notification, grouped};
use crate::spec::Language;
use jiff::civil::Date;

/// What is published of a digest: a line for each rule, so that it reads well in a mail program,
/// where letters are of different widths.
///
/// The subject is English in every language: mail programs get it as SNS takes it, and ASCII is
/// the part on which all of AWS's descriptions of subjects agree. What does not fit into a message
/// is cut at its end, and the mail says so.
///
/// ```
/// use notify_core::aws::{Region, waf::WafScope};
/// use notify_core::digest::{Days, Digest, Since, UtcOffset, Watch, WatchedAcl, mail};
/// use notify_core::spec::Language;
///
/// let days = Days::new(Since::Days(1), UtcOffset::UTC, "2026-11-24T00:05:00Z".parse()?)?;
/// let acl = WatchedAcl { name: "acl".to_owned(), scope: WafScope::Regional, rules: vec!["遮断".to_owned()] };
/// let watch = Watch { region: Region::parse("ap-northeast-1")?, web_acls: vec![acl] };
/// let mail = mail(&Digest::new(&watch, days, &[]), Language::Ja);
/// assert_eq!(mail.subject.as_deref(), Some("WAF digest 2026-11-23: 0 blocked, 0 counted"));
/// assert!(mail.text().contains("\n遮断: 遮断 0 件、カウント 0 件\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mail(digest: &Digest, language: Language) -> Notification {
    Notification {
        subject: Some(subject(digest)),
        default: body(digest, language),
        email: None,
        sms: None,
        attributes: std::collections::BTreeMap::new(),
    }
}

fn subject(digest: &Digest) -> String {
    let days = match digest.days.count() {
        1 => digest.days.last().to_string(),
        _ => format!("{} to {}", digest.days.first(), digest.days.last()),
    };
    let write = |number: fn(u64) -> String| {
        let [blocked, counted] = Measure::ALL.map(|measure| number(digest.total(measure)));
        format!("WAF digest {days}: {blocked} blocked, {counted} counted")
    };
    let subject = write(grouped);
    // Without commas the largest numbers that there are fit, too.
    if subject.len() > MAX_SUBJECT { write(|number| number.to_string()) } else { subject }
}

fn body(digest: &Digest, language: Language) -> String {
    let end = match language {
        Language::En => {
            "\nBlocked requests were refused; counted ones matched a rule that lets them go on. In \
             brackets: the change to the day before."
        }
        Language::Ja => {
            "\n「遮断」は拒否したリクエスト、「カウント」はルールに一致したが通したリクエストです。\
             かっこ内は前日との差です。"
        }
    };
    fitting(lines(digest, language), end, |more| missing(more, digest.days.count(), language))
}

/// What a mail says where it was cut. Of several days each rule has a line for each.
fn missing(more: usize, days: usize, language: Language) -> String {
    match (language, days) {
        (Language::En, 1) => format!("… and {more} more rules"),
        (Language::En, _) => format!("… and {more} more lines"),
        (Language::Ja, 1) => format!("… ほか {more} ルール"),
        (Language::Ja, _) => format!("… ほか {more} 行"),
    }
}

fn lines(digest: &Digest, language: Language) -> Vec<Line> {
    let Digest { region, days, web_acls, gaps } = digest;
    let plain = |text: String| Line::plain(text);
    let totals = Measure::ALL.map(|measure| digest.total(measure));
    let (heading, silence) = match language {
        Language::En => (
            format!("AWS WAF, {days}, {region}"),
            "WAF reported nothing, on the day before either. If that cannot be, see whether the \
             web ACL sends metrics, under the names that the file has.",
        ),
        Language::Ja => (
            format!("AWS WAF {} {region}", days.in_japanese()),
            "前日を含め、WAF からの報告はありません。想定外の場合は、Web ACL のメトリクスが有効か、\
             メトリクス名が設定ファイルと同じかを確認してください。",
        ),
    };
    let mut lines = vec![plain(heading)];
    if days.count() == 1 {
        let changes = Measure::ALL.map(|measure| digest.change(measure, 1));
        lines.push(plain(with_changes(changes, language)));
    } else {
        let [blocked, counted] = totals.map(grouped);
        let count = days.count();
        lines.push(plain(match language {
            Language::En => format!("{blocked} blocked, {counted} counted in {count} days"),
            Language::Ja => format!("{count} 日間で遮断 {blocked} 件、カウント {counted} 件"),
        }));
    }
    for gap in gaps {
        lines.push(plain(match language {
            Language::En => format!("Not complete: {}", shown(gap)),
            Language::Ja => format!("不完全です: {}", shown(gap)),
        }));
    }
    if digest.is_empty() && gaps.is_empty() {
        lines.push(plain(silence.to_owned()));
    }
    // The newest day first: that is the one to read.
    for (day, date) in (1..).zip(days.dates()).collect::<Vec<_>>().into_iter().rev() {
        lines.push(plain(String::new()));
        if days.count() > 1 {
            lines.push(plain(of_day(digest, (day, date), language)));
        }
        for acl in web_acls {
            lines.push(plain(of_web_acl(acl, language)));
            lines.extend(acl.rows.iter().map(|row| {
                let name = shown(row.who.label(language));
                let changes = Measure::ALL.map(|measure| row.change(measure, day));
                Line::entry(format!("{name}: {}", with_changes(changes, language)))
            }));
        }
    }
    lines
}

fn of_day(digest: &Digest, (day, date): (usize, Date), language: Language) -> String {
    let changes = Measure::ALL.map(|measure| digest.change(measure, day));
    format!("{date}: {}", with_changes(changes, language))
}

fn of_web_acl(acl: &WebAclDigest, language: Language) -> String {
    let name = shown(&acl.name);
    match (language, acl.scope) {
        (Language::En, WafScope::Regional) => format!("Web ACL {name}"),
        (Language::En, WafScope::Cloudfront) => format!("Web ACL {name} (CloudFront)"),
        (Language::Ja, WafScope::Regional) => format!("Web ACL: {name}"),
        (Language::Ja, WafScope::Cloudfront) => format!("Web ACL: {name} (CloudFront)"),
    }
}

/// Blocked and counted requests of a day.
fn with_changes(changes: [Change; 2], language: Language) -> String {
    let [blocked, counted] = changes.map(|change| {
        let words = change.in_words(language);
        (grouped(change.now), words.map(|words| format!(" ({words})")).unwrap_or_default())
    });
    match language {
        Language::En => {
            format!("{} blocked{}, {} counted{}", blocked.0, blocked.1, counted.0, counted.1)
        }
        Language::Ja => {
            format!("遮断 {} 件{}、カウント {} 件{}", blocked.0, blocked.1, counted.0, counted.1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::Point;
    use crate::aws::Region;
    use crate::digest::{Days, Since, UtcOffset, Watch, WatchedAcl};
    use crate::mail::MAX_BYTES;
    use crate::provider::{Gap, MetricSeries};

    fn digest(since: Since, acls: &[(&str, WafScope, &[&str])], counts: &[&[f64]]) -> Digest {
        let now = "2026-11-24T00:05:00Z".parse().unwrap();
        let days = Days::new(since, UtcOffset::UTC, now).unwrap();
        let acl = |(name, scope, rules): &(&str, WafScope, &[&str])| WatchedAcl {
            name: (*name).to_owned(),
            scope: *scope,
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        };
        let web_acls = acls.iter().map(acl).collect();
        let watch = Watch { region: Region::parse("ap-northeast-1").unwrap(), web_acls };
        let points = |counts: &&[f64]| {
            let at = |day: i64| days.from() + jiff::SignedDuration::from_hours(day * 24 + 5);
            let points =
                (0..).zip(*counts).map(|(day, value)| Point { at: at(day), value: *value });
            MetricSeries { points: points.collect(), gaps: Vec::new() }
        };
        Digest::new(&watch, days, &counts.iter().map(points).collect::<Vec<_>>())
    }

    #[test]
    fn one_day_is_told_in_a_line_a_rule() {
        let counts: [&[f64]; 8] = [
            &[0.0, 0.0],
            &[0.0, 56.0],
            &[1_066.0, 1_200.0],
            &[5.0, 5.0],
            &[],
            &[],
            &[0.0, 3.0],
            &[1_066.0, 1_234.0],
        ];
        let acl = ("waf-base-001", WafScope::Regional, &["SQLi", "common", "\u{1b}[31m偽"][..]);
        let digest = digest(Since::Days(1), &[acl], &counts);
        let mail = mail(&digest, Language::En);
        let subject = "WAF digest 2026-11-23: 1,234 blocked, 61 counted";
        assert_eq!(mail.subject.as_deref(), Some(subject));
        let expected = "\
AWS WAF, 2026-11-23 (UTC), ap-northeast-1
1,234 blocked (+168, +16%), 61 counted (+56, +1,120%)

Web ACL waf-base-001
common: 1,200 blocked (+134, +13%), 5 counted (unchanged)
SQLi: 0 blocked, 56 counted (new)
\\u{1b}[31m偽: 0 blocked, 0 counted
(default action): 3 blocked (new), 0 counted
(other rules): 31 blocked (new), 0 counted

Blocked requests were refused; counted ones matched a rule that lets them go on. In brackets: the change to the day before.";
        assert_eq!(mail.text(), expected);
        assert_eq!((mail.email.as_ref(), mail.sms.as_ref(), mail.check()), (None, None, Ok(())));
    }

    #[test]
    fn several_days_begin_with_the_newest() {
        let counts: [&[f64]; 8] =
            [&[2.0, 4.0, 1.0], &[], &[], &[], &[0.0, 0.0, 9.0], &[0.0, 1.0, 0.0], &[], &[]];
        let acls: [(&str, WafScope, &[&str]); 2] =
            [("a", WafScope::Regional, &["x"]), ("b", WafScope::Cloudfront, &["y"])];
        let digest = digest(Since::Days(2), &acls, &counts);
        let en = mail(&digest, Language::En);
        let subject = "WAF digest 2026-11-22 to 2026-11-23: 14 blocked, 1 counted";
        assert_eq!(en.subject.as_deref(), Some(subject));
        let expected = "\
AWS WAF, 2026-11-22 to 2026-11-23 (UTC), ap-northeast-1
14 blocked, 1 counted in 2 days

2026-11-23: 10 blocked (+6, +150%), 0 counted (-1, -100%)
Web ACL a
x: 1 blocked (-3, -75%), 0 counted
Web ACL b (CloudFront)
y: 9 blocked (new), 0 counted (-1, -100%)

2026-11-22: 4 blocked (+2, +100%), 1 counted (new)
Web ACL a
x: 4 blocked (+2, +100%), 0 counted
Web ACL b (CloudFront)
y: 0 blocked, 1 counted (new)

Blocked ";
        assert!(en.text().starts_with(expected), "{}", en.text());
        let expected = "\
AWS WAF 2026-11-22～2026-11-23 (UTC) ap-northeast-1
2 日間で遮断 14 件、カウント 1 件

2026-11-23: 遮断 10 件 (+6、+150%)、カウント 0 件 (-1、-100%)
Web ACL: a
x: 遮断 1 件 (-3、-75%)、カウント 0 件
Web ACL: b (CloudFront)
y: 遮断 9 件 (前日は 0)、カウント 0 件 (-1、-100%)

2026-11-22: 遮断 4 件 (+2、+100%)、カウント 1 件 (前日は 0)
Web ACL: a
x: 遮断 4 件 (+2、+100%)、カウント 0 件
Web ACL: b (CloudFront)
y: 遮断 0 件、カウント 1 件 (前日は 0)

「遮断」は拒否したリクエスト、「カウント」はルールに一致したが通したリクエストです。かっこ内は前日との差です。";
        let ja = mail(&digest, Language::Ja);
        assert_eq!(ja.text(), expected);
        assert_eq!(ja.subject, en.subject);
    }

    #[test]
    fn silence_is_said() {
        let silent = digest(Since::Days(1), &[("a", WafScope::Regional, &["x"])], &[]);
        let text = mail(&silent, Language::En).default;
        let expected = "AWS WAF, 2026-11-23 (UTC), ap-northeast-1\n0 blocked, 0 counted\nWAF reported \
            nothing, on the day before either. If that cannot be, see whether the web ACL sends \
            metrics, under the names that the file has.\n\nWeb ACL a\nx: 0 blocked, 0 counted\n\n";
        assert!(text.starts_with(expected), "{text}");
        let text = mail(&silent, Language::Ja).default;
        let expected =
            "AWS WAF 2026-11-23 (UTC) ap-northeast-1\n遮断 0 件、カウント 0 件\n前日を含め、";
        assert!(text.starts_with(expected), "{text}");
        let before = [&[1.0, 0.0][..]];
        let quiet = digest(Since::Days(1), &[("a", WafScope::Regional, &["x"])], &before);
        assert!(!mail(&quiet, Language::En).default.contains("reported nothing"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut digest = digest(Since::Days(1), &[("a", WafScope::Regional, &["x"])], &[]);
        digest.gaps.extend([Gap::Forbidden.to_string(), "b\u{7}".to_owned()]);
        let text = mail(&digest, Language::En).default;
        let expected = "0 counted\nNot complete: AWS does not allow to read it\n\
                        Not complete: b\\u{7}\n\nWeb ACL a\n";
        assert!(text.contains(expected), "{text}");
        assert!(mail(&digest, Language::Ja).default.contains("\n不完全です: b\\u{7}\n"));
    }

    #[test]
    fn the_largest_numbers_fit_into_a_subject() {
        let most: [&[f64]; 2] = [&[0.0, 0.0, f64::MAX], &[0.0, 0.0, f64::MAX]];
        let acl = [("a", WafScope::Regional, &["x"][..])];
        let one =
            mail(&digest(Since::Days(1), &acl, &[&most[0][1..], &most[1][1..]]), Language::En);
        let subject = "WAF digest 2026-11-23: 18,446,744,073,709,551,615 blocked, \
                       18,446,744,073,709,551,615 counted";
        assert_eq!(one.subject.as_deref(), Some(subject));
        let two = mail(&digest(Since::Days(2), &acl, &most), Language::En);
        let subject = "WAF digest 2026-11-22 to 2026-11-23: 18446744073709551615 blocked, \
                       18446744073709551615 counted";
        assert_eq!(two.subject.as_deref(), Some(subject));
        assert_eq!(two.check(), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_cut_with_a_word() {
        for (language, days, expected) in [
            (Language::En, 1, "more rules\n\nBlocked"),
            (Language::En, 2, "more lines\n\nBlocked"),
            (Language::Ja, 1, "ルール\n\n「遮断」"),
            (Language::Ja, 2, "行\n\n「遮断」"),
        ] {
            let names: Vec<String> =
                (0..300).map(|at| format!("{at:03}{}", "長".repeat(400))).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let digest = digest(Since::Days(days), &[("a", WafScope::Regional, &names)], &[]);
            let mail = mail(&digest, language);
            assert_eq!(mail.check(), Ok(()));
            assert!(mail.bytes() > MAX_BYTES - 2_000, "{} bytes", mail.bytes());
            let text = mail.text();
            assert!(text.contains(expected), "{}", &text[text.len() - 400..]);
            let there = text.matches("長: ").count();
            let all = 300 * days as usize;
            let more = text.split("… ").nth(1).unwrap();
            let more: String = more.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(there + more.parse::<usize>().unwrap(), all);
        }
        // However close the last line comes to the end.
        for padding in 0..30 {
            let names: Vec<String> =
                (0..9_000).map(|at| format!("{at:04}{}", "x".repeat(padding))).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let digest = digest(Since::Days(1), &[("a", WafScope::Regional, &names)], &[]);
            assert_eq!(mail(&digest, Language::En).check(), Ok(()), "{padding}");
        }
        let short = digest(Since::Days(1), &[("a", WafScope::Regional, &["x"])], &[]);
        assert!(!mail(&short, Language::En).default.contains('…'));
    }
}
