//! What a report says, in the language of the file.

use super::figures::{counted, decimal, rounded, share, usd};
use super::found::Why;
use super::report::{
    Busiest, Loss, MOST_A_SECOND, NotificationReport, Report, Suppression, Traffic,
};
use crate::mail::MAX_BYTES;
use crate::mail::grouped;
use crate::spec::Language;
use jiff::Timestamp;

/// The words and sentences of a report in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(Language);

/// Defines words that need nothing filled in.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $ja:literal;)*) => {
        impl Words {
            $($(#[$doc])*
            pub fn $name(self) -> &'static str {
                self.pick($en, $ja)
            })*
        }
    };
}

words! {
    /// The title of a page.
    title: "What past events would have mailed", "過去のイベントで届いていたはずのメール";
    /// Over the mails of each day.
    days: "Mails a day", "日ごとのメール";
    /// Over the mails of each hour of the day.
    hours: "Mails by hour of the day (UTC)", "時刻ごとのメール (UTC)";
    /// Over the busiest times.
    busiest: "Busiest", "最多";
    /// Over Config rules.
    rules: "Rules", "ルール";
    /// Over kinds of things of other events.
    kinds: "Kinds of events", "イベントの種類";
    /// Over resources.
    resources: "Resources", "リソース";
    /// Over accounts.
    accounts: "Accounts", "アカウント";
    /// All notifications together.
    total: "All notifications", "すべての通知";
    /// Over the proposals.
    suppress: "To get less mail, add one line to its section", "メールを減らすには、この通知に次の 1 行を加えます";
    /// Over sample mails.
    samples: "Mails", "メールの例";
    /// Over the documents that were read.
    documents: "What was read", "読み込んだもの";
    /// Over the price.
    cost: "Cost", "費用";
    /// Between the members of a list.
    comma: ", ", "、";
    /// Beside counts that may be too low.
    at_least: "at least", "少なくとも";
}

impl Words {
    /// The words of a language.
    pub fn new(language: Language) -> Self {
        Self(language)
    }

    pub(super) fn pick<T>(self, en: T, ja: T) -> T {
        match self.0 {
            Language::En => en,
            Language::Ja => ja,
        }
    }

    /// The answer in one sentence: how many mails, and whether SNS would have cut readers off.
    pub fn headline(self, report: &Report) -> String {
        let (mails, events) = (report.total.mails, grouped(report.documents.events));
        if mails == 0 {
            return self.pick(
                format!("No mail: none of the {events} events would have caused one."),
                format!("メールは 0 通。{events} 件のイベントから届くメールはありません。"),
            );
        }
        let at_least = if report.total.at_least { self.at_least() } else { "" };
        let count = counted(mails, "mail", "mails");
        let ja_count = grouped(mails);
        let rate = report.period.zip(report.mails_a_day()).map(|(period, a_day)| {
            let days = rounded(period.days);
            let day_count = if days == "1" { "day" } else { "days" };
            // One decimal would make nothing of it.
            let (mails_a_day, ja_mails_a_day) = if a_day < 0.05 {
                ("under 0.1".to_owned(), "0.1 通未満".to_owned())
            } else {
                (decimal(a_day), format!("{} 通", decimal(a_day)))
            };
            self.pick(
                format!("{count} in {days} {day_count}, {mails_a_day} a day"),
                format!("{days} 日間にメール {ja_count} 通、1 日あたり {ja_mails_a_day}"),
            )
        });
        let rate = rate.unwrap_or_else(|| self.pick(count, format!("メール {ja_count} 通")));
        let Some(busiest) = &report.total.busiest_second else {
            return self.pick(format!("{rate}."), format!("{rate}。"));
        };
        let most = grouped(busiest.mails);
        let blank = if at_least.is_empty() { "" } else { " " };
        if report.is_over_limit() {
            return self.pick(
                format!(
                    "{rate}; the busiest second had {at_least}{blank}{most}: more than \
                     {MOST_A_SECOND} a second, SNS would have suspended the subscriptions."
                ),
                format!(
                    "{rate}。最も多い 1 秒間に{at_least} {most} 通: 毎秒 {MOST_A_SECOND} 通を超えるため、\
                     SNS は配信を停止したはずです。"
                ),
            );
        }
        self.pick(
            format!(
                "{rate}; the busiest second had {at_least}{blank}{most} of {MOST_A_SECOND} allowed."
            ),
            format!(
                "{rate}。最も多い 1 秒間に{at_least} {most} 通 (上限は毎秒 {MOST_A_SECOND} 通)。"
            ),
        )
    }

    /// What it means that the limit was exceeded; `None` if it was not.
    pub fn over_limit(self, report: &Report) -> Option<String> {
        let seconds: u64 = report.topics.iter().map(|topic| topic.seconds_over_limit).sum();
        if seconds == 0 {
            return None;
        }
        let (count, at) = (grouped(seconds), self.first_over(report));
        Some(self.pick(
            format!(
                "{} above {MOST_A_SECOND} mails{at}. SNS then suspends the mail subscriptions: each \
                 reader has to confirm again, and after 30 days the subscriptions are deleted. The \
                 limit cannot be raised.",
                counted(seconds, "second", "seconds"),
            ),
            format!(
                "毎秒 {MOST_A_SECOND} 通を超えた秒が {count} 回あります{at}。SNS はメールの購読を停止し、\
                 受信者の再確認が必要になります。30 日後には購読が削除されます。この上限は引き上げられません。"
            ),
        ))
    }

    fn first_over(self, report: &Report) -> String {
        let busiest = report.topics.iter().filter_map(|topic| topic.busiest_second.as_ref());
        busiest.max_by_key(|busiest| busiest.mails).map_or_else(String::new, |busiest| {
            let at = second(busiest.at);
            self.pick(format!(" (the worst: {at})"), format!(" (最多: {at})"))
        })
    }

    /// The mails and deliveries of a notification.
    pub fn counts(self, report: &Report, traffic: &Traffic) -> String {
        let (mails, addresses) = (grouped(traffic.mails), grouped(report.addresses as u64));
        let deliveries = grouped(traffic.deliveries);
        if report.addresses == 0 {
            return self.pick(
                format!(
                    "{}, to nobody: the file has no mail address",
                    counted(traffic.mails, "mail", "mails")
                ),
                format!("{mails} 通、受信者なし: ファイルにメールアドレスがありません"),
            );
        }
        self.pick(
            format!(
                "{} to {} = {}, if all have confirmed",
                counted(traffic.mails, "mail", "mails"),
                counted(report.addresses as u64, "address", "addresses"),
                counted(traffic.deliveries, "delivery", "deliveries"),
            ),
            format!(
                "{mails} 通 × {addresses} アドレス = 配信 {deliveries} 件 (全員が確認済みとして)"
            ),
        )
    }

    /// Why a notification mailed nothing, or less than it matched; `None` if there is nothing to
    /// say.
    pub fn remark(self, notification: &NotificationReport) -> Option<String> {
        let matched = grouped(notification.matched);
        (!notification.enabled).then(|| {
            self.pick(
                format!("switched off (`enabled = false`); otherwise {matched} events would have been mailed"),
                format!("無効 (`enabled = false`)。有効なら {matched} 件のイベントが対象でした"),
            )
        })
    }

    /// Events that happened where the notification has no rule; `None` if there were none.
    pub fn elsewhere(self, notification: &NotificationReport) -> Option<String> {
        let first = notification.elsewhere.first()?;
        let sum: u64 = notification.elsewhere.iter().map(|elsewhere| elsewhere.events).sum();
        let (n, regions) = (grouped(sum), notification.regions.join(", "));
        let (most, most_events) = (&first.region, grouped(first.events));
        Some(self.pick(
            format!(
                "its pattern also fits {} of regions where it has no rule (most in {most}: \
                 {most_events}): the rule is in {regions} alone. Add regions to the file, or say \
                 --any-region if those events are forwarded to it.",
                counted(sum, "event", "events"),
            ),
            format!(
                "ほかに {n} 件がパターンに一致しますが、別のリージョンのイベントです (最多は {most} の \
                 {most_events} 件)。この通知のルールは {regions} にだけあります。ファイルにリージョンを加えるか、\
                 イベントを転送している場合は --any-region を付けてください。"
            ),
        ))
    }

    /// A reason for lost mails.
    pub fn loss(self, loss: &Loss) -> String {
        let Loss { code, mails, .. } = loss;
        let (n, place) = (grouped(*mails), loss.place());
        let reason = self.reason(loss);
        self.pick(
            format!("{n} lost ({code}): {reason}; the first: {place}"),
            format!("{n} 通が失われます ({code}): {reason} (最初の例: {place})"),
        )
    }

    fn reason(self, loss: &Loss) -> String {
        let ja = match loss.why {
            Why::NotJson(problem) => {
                format!("テンプレートに値を入れると JSON ではなくなります: {}", ja_problem(problem))
            }
            Why::Undecided(what) => {
                format!("AWS の動作が分かっていないため、失われるものとします: {what}")
            }
            Why::Nothing => "送る内容が残りません".to_owned(),
            Why::Empty => "メッセージが空です".to_owned(),
            Why::TooLong => {
                format!("メッセージが SNS の上限 {} バイトを超えます", grouped(MAX_BYTES as u64))
            }
        };
        self.pick(loss.reason.clone(), ja)
    }

    /// What a proposal spares.
    pub fn spares(self, suppression: &Suppression) -> String {
        let (n, part) = (grouped(suppression.mails), share(suppression.share));
        self.pick(
            format!("spares {} ({part})", counted(suppression.mails, "mail", "mails")),
            format!("{n} 通減ります ({part})"),
        )
    }

    /// Said in place of proposals that would spare next to nothing.
    pub fn nothing_stands_out(self) -> &'static str {
        self.pick(
            "No rule, resource or account stands out: no single line would spare much.",
            "突出したルール、リソース、アカウントはなく、1 行で大きく減らすことはできません。",
        )
    }

    /// The busiest times in one line each: the unit, the count, when it was.
    pub fn busiest_times(self, traffic: &Traffic) -> Vec<String> {
        let units = [
            (self.pick("second", "秒"), &traffic.busiest_second, "%Y-%m-%d %H:%M:%S"),
            (self.pick("hour", "時間"), &traffic.busiest_hour, "%Y-%m-%d %H:00"),
            (self.pick("day", "日"), &traffic.busiest_day, "%Y-%m-%d"),
        ];
        units
            .into_iter()
            .filter_map(|(unit, busiest, format)| {
                let Busiest { at, mails } = busiest.as_ref()?;
                let at = at.strftime(format);
                let n = grouped(*mails);
                Some(
                    self.pick(
                        format!("{n} in one {unit} ({at})"),
                        format!("1 {unit}に {n} 通 ({at})"),
                    ),
                )
            })
            .collect()
    }

    /// What the mails cost a month.
    pub fn price(self, report: &Report) -> Option<String> {
        let cost = report.cost.as_ref()?;
        let (full, free, day) =
            (usd(cost.monthly_usd), usd(cost.monthly_usd_with_free_tier), &cost.as_of);
        let deliveries = rounded(cost.deliveries);
        Some(self.pick(
            format!(
                "{full} a month at this rate ({deliveries} deliveries), {free} with the free tier \
                 (1,000 mails and a million publishes a month); prices of {day}"
            ),
            format!(
                "この頻度なら月 {full} (配信 {deliveries} 件)、無料枠 (月 1,000 通、100 万回の発行) を使えば \
                 {free}。{day} の価格"
            ),
        ))
    }

    /// How many different names there were.
    pub fn different(self, count: u64, missed: u64) -> String {
        let n = grouped(count);
        if missed == 0 {
            return n;
        }
        let missed = grouped(missed);
        self.pick(
            format!("more than {n}; each count may be {missed} too low"),
            format!("{n} 以上。各通数は最大 {missed} 少ない可能性があります"),
        )
    }

    /// Said in place of a list of names that each came once: it would be any ten of them.
    pub fn once_each(self, label: &str, different: u64) -> String {
        let n = grouped(different);
        self.pick(format!("{label}: {n}, a mail each"), format!("{label}: {n}、各 1 通"))
    }

    /// How many days one mark of a plot stands for; `None` if it is one.
    pub fn each_mark(self, days: u64) -> Option<String> {
        (days > 1).then(|| {
            self.pick(format!("each mark is {days} days"), format!("1 目盛りは {days} 日"))
        })
    }

    /// Said of what was seen until somebody interrupted it; `None` if nobody did.
    pub fn interrupted(self, report: &Report) -> Option<String> {
        let events = report.documents.events;
        (!report.complete).then(|| {
            self.pick(
                format!(
                    "interrupted after {}: what was seen until then",
                    counted(events, "event", "events")
                ),
                format!("イベント {} 件で中断しました。それまでの結果です", grouped(events)),
            )
        })
    }
}

/// What is wrong with a text that is not JSON, as the transformation says it.
fn ja_problem(problem: &str) -> &str {
    match problem {
        "it ends too early" => "途中で終わっています",
        "a `:` is missing" => "`:` がありません",
        "a `,` or the end is missing" => "`,` または終わりがありません",
        "a key in quotes is missing" => "引用符で囲んだキーがありません",
        "a closing quote is missing" => "閉じる引用符がありません",
        "a control character stands in a string" => "文字列に改行などの制御文字があります",
        "four hexadecimal digits belong behind `\\u`" => "`\\u` の後に 16 進数 4 桁がありません",
        "a backslash begins no escape" => "バックスラッシュの後がエスケープになっていません",
        "a blank belongs behind a number" => "数値の後に空白がありません",
        "a digit is missing" => "数字がありません",
        "a JSON value is missing" => "JSON の値がありません",
        "a blank belongs behind a word" => "単語の後に空白がありません",
        other => other,
    }
}

pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_in_japanese() {
        assert_eq!(ja_problem("a JSON value is missing"), "JSON の値がありません");
        assert_eq!(ja_problem("something new"), "something new");
    }
}
