//! What a report says of what was read, in the language of the file.

use super::figures::counted;
use super::found::Problem;
use super::report::{Bad, Documents, Report};
use super::words::{Words, second};
use crate::feed;
use crate::mail::grouped;

impl Words {
    /// What was read, one sentence each.
    pub fn read(self, report: &Report) -> Vec<String> {
        let mut said = vec![self.events(report)];
        said.extend(self.left_out(&report.documents));
        let accounts = report.total.accounts.different;
        if accounts > 1 {
            let n = grouped(accounts);
            said.push(self.pick(
                format!(
                    "the mails are of {n} accounts: each needs a setup of its own, or forwards its \
                     events"
                ),
                format!(
                    "メールは {n} アカウントにわたります: それぞれに設定するか、イベントの転送が必要です"
                ),
            ));
        }
        said.extend(self.caveats(report));
        said
    }

    fn events(self, report: &Report) -> String {
        let (n, events) =
            (report.documents.events, counted(report.documents.events, "event", "events"));
        let Some(period) = &report.period else {
            return self.pick(events, format!("イベント {} 件", grouped(n)));
        };
        let (from, to) = (second(period.from), second(period.to));
        self.pick(
            format!("{events} from {from} to {to} (UTC)"),
            format!("イベント {} 件、{from} から {to} まで (UTC)", grouped(n)),
        )
    }

    /// What was read and counts for less than the rest.
    fn left_out(self, documents: &Documents) -> impl Iterator<Item = String> {
        [
            (
                documents.outside,
                "outside of the time that was asked for: not looked at",
                "件は指定した期間の外: 対象外",
            ),
            (
                documents.not_delivered,
                "read-only API calls: EventBridge gives them to no rule of this file",
                "件は読み取り専用の API 呼び出し: EventBridge はこのファイルのルールに渡しません",
            ),
            (
                documents.without_time,
                "without a time that can be read: counted, but in no day and no hour",
                "件は時刻が読めません: 通数には含め、日と時刻の集計からは除きます",
            ),
            (
                documents.without_event,
                "records in which nothing happened that is an event",
                "件の記録はイベントになりません",
            ),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(move |(count, en, ja)| format!("{} {}", grouped(count), self.pick(en, ja)))
    }

    /// What the numbers do not say.
    fn caveats(self, report: &Report) -> Vec<String> {
        let mut said = Vec::new();
        if report.documents.current_state_only {
            said.push(self.pick(
                "a compliance export holds the current state only, not what happened before: there \
                 were more mails than are counted here"
                    .to_owned(),
                "準拠状況のエクスポートには現在の状態だけがあり、過去の変化はありません: 実際のメールは\
                 この数より多かったはずです"
                    .to_owned(),
            ));
        }
        said.push(if report.strict {
            self.pick(
                "every byte was read as JSON (--strict)".to_owned(),
                "すべてのバイトを JSON として検査しました (--strict)".to_owned(),
            )
        } else {
            self.pick(
                "what no pattern asks for was skipped, so a broken line may have passed unseen; \
                 --strict reads every byte"
                    .to_owned(),
                "どのパターンも使わない部分は読み飛ばしたため、壊れた行を見逃している可能性があります \
                 (--strict ですべて検査します)"
                    .to_owned(),
            )
        });
        if report.alarms > 0 {
            let n = report.alarms;
            said.push(self.pick(
                format!(
                    "without the file's {} of [[alarms]], which follow metrics and not events",
                    counted(n as u64, "section", "sections"),
                ),
                format!(
                    "ファイルの [[alarms]] {n} 件は対象外です: イベントではなくメトリクスに従います"
                ),
            ));
        }
        said
    }

    /// How many documents were no events; `None` if none was.
    pub fn bad_count(self, report: &Report) -> Option<String> {
        let bad = report.documents.bad;
        (bad > 0).then(|| {
            self.pick(
                format!("{} could not be read as an event", counted(bad, "document", "documents")),
                format!("{} 件はイベントとして読めませんでした", grouped(bad)),
            )
        })
    }

    /// A document that is no event: where it begins, and what is wrong.
    pub fn bad(self, bad: &Bad) -> String {
        let problem = self.pick(bad.message.clone(), ja(&bad.problem));
        format!("{}: {problem}", bad.place())
    }

    /// How many bad documents are not listed; `None` if all are.
    pub fn more_bad(self, report: &Report) -> Option<String> {
        let shown = u64::try_from(report.documents.first_bad.len()).unwrap_or(u64::MAX);
        let more = report.documents.bad.saturating_sub(shown);
        let n = grouped(more);
        (more > 0).then(|| self.pick(format!("and {n} more"), format!("ほか {n} 件")))
    }
}

fn ja(problem: &Problem) -> String {
    use feed::Bad as B;
    match problem {
        Problem::TooComplex(_) => {
            "パターンに一致するかどうかを調べるのに手順が多すぎます".to_owned()
        }
        Problem::Document(bad) => match bad {
            B::Unopened(error) => format!("開けません: {error}"),
            B::Read(error) => format!("これより先を読めません: {error}"),
            B::Empty => "空です".to_owned(),
            B::EndsEarly(kind) => {
                format!("{kind} が途中で終わっています: そこまでを数え、残りはありません")
            }
            B::Gzip(error) => format!("gzip が壊れています ({error}): そこまでを数えました"),
            B::Zstd(error) => format!("zstd が壊れています ({error}): そこまでを数えました"),
            B::Trail(kind) => {
                format!("{kind} の後に {kind} ではないものが続いています: そこまでを数えました")
            }
            B::ZstdWindow => "zstd の展開に 32 MiB を超えるウィンドウが必要です: 先に \
                              `zstd -d --long=31` で展開してください"
                .to_owned(),
            B::PackedOtherwise(kind) => {
                format!("{kind} は読めません: テキスト、gzip、zstd のいずれかにしてください")
            }
            B::Utf16 => "UTF-16 のテキストです: UTF-8 で保存してください".to_owned(),
            B::Binary => "テキストでも gzip でも zstd でもないバイナリです".to_owned(),
            B::TooLarge { bytes } => format!(
                "{} バイトあります: イベントは 1 MiB まで、読むのは 1 件 16 MiB までです",
                grouped(*bytes)
            ),
            B::Unfinished => "入力がこの途中で終わっています".to_owned(),
            B::Structure { what: _, line } => format!(
                "JSON ではありません: {line} 行目で括弧、引用符、コンマなどが合いません。次のものから読みます"
            ),
            B::Json { problem, line, column } if *line > 1 => {
                format!("JSON ではありません: {problem} ({line} 行目の {column} 文字目)")
            }
            B::Json { problem, line: _, column } => {
                format!("JSON ではありません: {problem} ({column} 文字目)")
            }
            B::NotAnEvent(why) => format!("イベントではありません: {why}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Language;

    #[test]
    fn what_is_wrong_is_said_in_both_languages() {
        let check = |problem: Problem, en: &str, ja: &str| {
            let bad = Bad {
                file: "f".to_owned(),
                line: 7,
                element: None,
                message: problem.to_string(),
                problem,
            };
            assert_eq!(Words::new(Language::En).bad(&bad), format!("f:7: {en}"));
            assert_eq!(Words::new(Language::Ja).bad(&bad), format!("f:7: {ja}"));
        };
        let json =
            |line| Problem::Document(feed::Bad::Json { problem: "x".to_owned(), line, column: 3 });
        check(json(1), "is not JSON: x, column 3", "JSON ではありません: x (3 文字目)");
        check(
            json(2),
            "is not JSON: x, line 2 of the document, column 3",
            "JSON ではありません: x (2 行目の 3 文字目)",
        );
        check(
            Problem::Document(feed::Bad::EndsEarly("gzip")),
            "the gzip stream ends early: what came before is counted, the rest is missing",
            "gzip が途中で終わっています: そこまでを数え、残りはありません",
        );
        check(
            Problem::TooComplex("long".to_owned()),
            "long",
            "パターンに一致するかどうかを調べるのに手順が多すぎます",
        );
    }
}
