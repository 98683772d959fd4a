//! What does not comply already: as a list, and as JSON.

use super::letter::{self, Letter};
use super::plan::WIDTH;
use super::table::{marked, wrap};
use crate::print::{self, BOLD, CHANGED, DIM, paint};
use notify_core::baseline::{Baseline, Listed, NameAdvice, NameFound, RuleBaseline};
use notify_core::mail::grouped;
use notify_core::spec::{Language, Spec};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A type's column is no wider than this.
const WIDEST_TYPE: usize = 32;
/// As wide as a time is.
const TIME: usize = "2026-11-24 01:02".len();

/// The lists of all regions, for people.
pub(crate) fn human(baselines: &[Baseline], account: &str, language: Language) -> String {
    let mut out = match language {
        Language::En => format!("AWS Config, account {account}\n"),
        Language::Ja => format!("AWS Config アカウント {account}\n"),
    };
    for baseline in baselines {
        let Baseline { region, notifications, rules, names, gaps } = baseline;
        let title = match (language, baseline.total()) {
            (Language::En, 0) if !gaps.is_empty() => format!("{region}: nothing was found"),
            (Language::Ja, 0) if !gaps.is_empty() => format!("{region}: 何も見つかりませんでした"),
            (Language::En, 0) => format!("{region}: every resource complies"),
            (Language::En, 1) => format!("{region}: 1 resource does not comply already"),
            (Language::En, n) => format!("{region}: {} resources do not comply already", count(n)),
            (Language::Ja, 0) => format!("{region}: すべてのリソースが準拠しています"),
            (Language::Ja, n) => format!("{region}: すでに非準拠のリソース {} 件", count(n)),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n{}", paint(BOLD, &print::line(&title)));
        for rule in rules {
            out.push_str(&of_rule(rule, notifications, language));
        }
        let gap = |gap: &String| match language {
            Language::En => format!("Not complete: {gap}"),
            Language::Ja => format!("不完全です: {gap}"),
        };
        let gaps = gaps.iter().map(|one| folded(&marked(CHANGED, "!", &gap(one)), 4));
        let remarks: Vec<String> =
            gaps.chain(names.iter().map(|name| advice("", name, language))).collect();
        if !remarks.is_empty() {
            let _ = writeln!(out, "\n{}", remarks.join("\n"));
        }
    }
    if baselines.iter().any(|baseline| baseline.total() > 0) {
        let text = match language {
            Language::En => {
                "AWS Config tells only of changes: no mail comes about these resources until they \
                 change. `notify-cli baseline --publish` mails this list now."
            }
            Language::Ja => {
                "AWS Config は変化だけを知らせます。これらのリソースについては、状態が変わるまでメールは届きません。\
                 `notify-cli baseline --publish` で、この一覧を今メールで送れます。"
            }
        };
        let _ = writeln!(out, "\n{}", wrap(text, 0, WIDTH));
    }
    out.trim_end().to_owned()
}

/// What is wrong with a name, and what to write instead: that stays in one line, to be copied.
pub(crate) fn advice(before: &str, advice: &NameAdvice, language: Language) -> String {
    const NO_BREAK: &str = "\u{a0}";
    let NameAdvice { notification, check: _, text: _, write } = advice;
    let kept = write.iter().fold(advice.said(language), |text, entry| {
        text.replace(entry.as_str(), &entry.replace(' ', NO_BREAK))
    });
    let shown = marked(CHANGED, "!", &format!("{before}{notification}: {kept}"));
    folded(&shown.replace(NO_BREAK, " "), 4)
}

fn of_rule(rule: &RuleBaseline, notifications: &[String], language: Language) -> String {
    let RuleBaseline { rule, resources } = rule;
    let mut title = match language {
        Language::En => format!("{rule}: {}", count(resources.len())),
        Language::Ja => format!("{rule}: {} 件", count(resources.len())),
    };
    if notifications.len() > 1 {
        let by: BTreeSet<usize> = resources.iter().flat_map(|one| one.by.iter().copied()).collect();
        let by: Vec<&str> =
            by.iter().filter_map(|at| notifications.get(*at)).map(String::as_str).collect();
        let _ = write!(title, " ({})", by.join(", "));
    }
    let mut out = format!("\n{}\n", folded(&wrap(&print::line(&title), 2, WIDTH), 2));
    let width = |listed: &Listed| print::line(&listed.resource.resource_type).width();
    let widest = resources.iter().map(width).max().unwrap_or(0).min(WIDEST_TYPE);
    for listed in resources {
        out.push_str(&of_resource(listed, widest));
    }
    out
}

/// A line of time, type and id, with what the rule says of it below; an id that does not fit stands
/// below as a whole.
fn of_resource(listed: &Listed, widest: usize) -> String {
    let resource = &listed.resource;
    let at = resource.recorded.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string());
    let kind = print::line(&resource.resource_type);
    let id = print::line(&resource.resource_id);
    let padding = " ".repeat(widest.saturating_sub(kind.width()));
    let line = format!("    {:<TIME$}  {kind}{padding}  {id}", at.unwrap_or_default());
    let mut out = if line.width() <= WIDTH {
        format!("{line}\n")
    } else {
        let head = format!("    {:<TIME$}  {kind}", line.get(4..4 + TIME).unwrap_or_default());
        format!("{}\n{}\n", folded(&head, 6), folded(&format!("      {id}"), 6))
    };
    if let Some(text) = resource.annotation.as_deref().filter(|text| !text.trim().is_empty()) {
        let text = folded(&wrap(&print::line(text), 6, WIDTH), 6);
        let _ = writeln!(out, "{}", paint(DIM, &text));
    }
    out
}

/// Text whose lines end at the edge, even within a word.
fn folded(text: &str, indent: usize) -> String {
    let fold = |line: &str| {
        if anstream::adapter::strip_str(line).to_string().width() <= WIDTH {
            return line.to_owned();
        }
        let (mut out, mut used) = (String::with_capacity(line.len()), 0);
        for c in line.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > WIDTH {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                used = indent;
            }
            out.push(c);
            used += wide;
        }
        out
    };
    text.lines().map(fold).collect::<Vec<_>>().join("\n")
}

fn count(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

/// The document of `baseline --json`.
pub(crate) fn document(
    spec: &Spec,
    account: &str,
    baselines: &[Baseline],
    letters: &[Letter],
) -> Value {
    let region = |baseline: &Baseline| {
        let Baseline { region, notifications, rules, names, gaps } = baseline;
        let letter = letters.iter().find(|letter| letter.topic.region() == Some(region));
        json!({
            "region": region,
            "notifications": notifications,
            "resources": baseline.total(),
            "rules": rules.iter().map(|rule| of_rule_json(rule, notifications)).collect::<Vec<_>>(),
            "names": names.iter().map(name).collect::<Vec<_>>(),
            "gaps": gaps,
            "mail": letter.map(letter::document),
        })
    };
    json!({
        "version": 1,
        "stack": spec.stack.as_str(),
        "account": account,
        "resources": baselines.iter().map(Baseline::total).sum::<usize>(),
        "regions": baselines.iter().map(region).collect::<Vec<_>>(),
    })
}

fn of_rule_json(rule: &RuleBaseline, notifications: &[String]) -> Value {
    let resource = |listed: &Listed| {
        let Listed { resource, by } = listed;
        let by: Vec<&String> = by.iter().filter_map(|at| notifications.get(*at)).collect();
        json!({
            "type": resource.resource_type,
            "id": resource.resource_id,
            "annotation": resource.annotation,
            "recorded": resource.recorded.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            "notifications": by,
        })
    };
    json!({
        "rule": rule.rule,
        "resources": rule.resources.iter().map(resource).collect::<Vec<_>>(),
    })
}

fn name(advice: &NameAdvice) -> Value {
    let NameAdvice { notification, check, text, write } = advice;
    let none = Vec::new();
    let (found, rules, nearest) = match &check.found {
        NameFound::There { working: _, idle } => ("deleting", idle, None),
        NameFound::Suffixed { prefixes: _, rules } => ("suffixed", rules, None),
        NameFound::Missing { nearest } => ("missing", &none, nearest.as_ref()),
    };
    json!({
        "notification": notification,
        "asked": check.asked,
        "found": found,
        "rules": rules,
        "nearest": nearest,
        "text": text,
        "write": write,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_blank_is_broken_at_the_edge() {
        let long = "x".repeat(100);
        assert_eq!(folded(&long, 2), format!("{}\n  {}", "x".repeat(80), "x".repeat(20)));
        let wide = "遮".repeat(41);
        assert_eq!(folded(&wide, 1), format!("{}\n 遮", "遮".repeat(40)));
        assert_eq!(folded(&"y".repeat(80), 2), "y".repeat(80));
        assert_eq!(folded("a\nb", 2), "a\nb");
    }
}
