//! Digests of WAF: as tables, and as JSON.

mod json;
mod table;

pub(crate) use json::document;

use super::table::marked;
use crate::print::{self, BOLD, CHANGED, paint};
use notify_core::aws::waf::WafScope;
use notify_core::digest::Digest;
use notify_core::spec::Language;
use std::fmt::Write as _;

/// Tables of all digests, for people.
pub(crate) fn human(digests: &[Digest], account: &str, language: Language) -> String {
    let mut out = String::new();
    if let Some(digest) = digests.first() {
        let text = match language {
            Language::En => format!("WAF, {}, account {account}", digest.days),
            Language::Ja => format!("WAF {} アカウント {account}", digest.days.in_japanese()),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{text}");
    }
    for digest in digests {
        for acl in &digest.web_acls {
            let (region, name) = (&digest.region, &acl.name);
            let at = if acl.scope == WafScope::Cloudfront { " (CloudFront)" } else { "" };
            let title = match language {
                Language::En => format!("{region}, web ACL {name}{at}"),
                Language::Ja => format!("{region} Web ACL: {name}{at}"),
            };
            let _ = writeln!(out, "\n{}", paint(BOLD, &print::line(&title)));
            out.push_str(&table::of_web_acl(acl, digest.days, language));
        }
        for gap in &digest.gaps {
            let text = match language {
                Language::En => format!("Not complete: {gap}"),
                Language::Ja => format!("不完全です: {gap}"),
            };
            let _ = writeln!(out, "\n{}", marked(CHANGED, "!", &text));
        }
    }
    if digests.iter().all(|digest| digest.is_empty() && digest.gaps.is_empty()) {
        let text = match language {
            Language::En => [
                "WAF reported nothing, on the day before either. If that cannot be, see whether",
                "the web ACL sends metrics, under the names that the file has.",
            ],
            Language::Ja => [
                "前日を含め、WAF からの報告はありません。想定外の場合は、Web ACL のメトリクスが",
                "有効か、メトリクス名が設定ファイルと同じかを確認してください。",
            ],
        };
        let _ = writeln!(out, "\n{}", text.join("\n"));
    }
    out.trim_end().to_owned()
}
