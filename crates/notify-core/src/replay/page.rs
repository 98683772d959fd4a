//! A report as a page: one file that loads nothing.

use super::plot::svg;
use super::report::{NotificationReport, Report, Sample, Top, Traffic};
use super::words::Words;
use crate::hidden::is_hidden;
use crate::mail::grouped;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");
/// A year fits day by day.
const MOST_BARS: usize = 370;

impl Report {
    /// The report as an HTML page in the language of the file, with plots. It loads nothing from
    /// anywhere and runs no script; its own policy forbids both.
    pub fn to_html(&self) -> String {
        let words = Words::new(self.language);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} – {stack}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>{title} – {stack}</h1>\n",
            self.language.as_str(),
            title = escape(words.title()),
            stack = escape(&self.stack),
        );
        paragraph("answer", &words.headline(self), &mut out);
        for (class, text) in [("warn", words.interrupted(self)), ("bad", words.over_limit(self))] {
            if let Some(text) = text {
                paragraph(class, &text, &mut out);
            }
        }
        for notification in &self.notifications {
            one(self, notification, words, &mut out);
        }
        if self.notifications.len() > 1 && self.total.mails > 0 {
            heading(words.total(), "", &mut out);
            traffic(self, &self.total, words, words.kinds(), &mut out);
        }
        footer(self, words, &mut out);
        out + "</main>\n</body>\n</html>\n"
    }
}

fn one(report: &Report, notification: &NotificationReport, words: Words, out: &mut String) {
    heading(&notification.name, &notification.regions.join(", "), out);
    if let Some(text) = words.remark(notification) {
        paragraph("warn", &text, out);
    } else {
        let rules = if notification.of_config_rules { words.rules() } else { words.kinds() };
        traffic(report, &notification.traffic, words, rules, out);
    }
    words.elsewhere(notification).into_iter().for_each(|text| paragraph("warn", &text, out));
    suppressions(notification, words, out);
    samples(&notification.samples, words, out);
}

fn traffic(report: &Report, traffic: &Traffic, words: Words, rules: &str, out: &mut String) {
    paragraph("", &words.counts(report, traffic), out);
    for loss in &traffic.losses {
        paragraph("bad", &words.loss(loss), out);
    }
    if traffic.mails == 0 {
        return;
    }
    let bars = traffic.bars(MOST_BARS);
    if let (Some(first), Some(last)) = (bars.days.first(), bars.days.last()) {
        let mark = words.each_mark(bars.each).unwrap_or_default();
        let title = |at: usize, mails| {
            let day = bars.days.get(at).map_or("", String::as_str);
            escape(&format!("{day}: {}", grouped(mails)))
        };
        let axis: Vec<&str> = [first, last].map(String::as_str).to_vec();
        let axis = axis.get(usize::from(first == last)..).unwrap_or_default();
        figure(words.days(), &mark, &svg(words.days(), &bars.mails, title), axis, &bars.mails, out);
        let title = |hour, mails| format!("{hour}: {}", grouped(mails));
        let hours = &traffic.hours;
        let axis = ["0", "6", "12", "18", "23"];
        figure(words.hours(), "", &svg(words.hours(), hours, title), &axis, hours, out);
    }
    let busiest = words.busiest_times(traffic);
    if !busiest.is_empty() {
        paragraph("soft", &format!("{}: {}", words.busiest(), busiest.join(words.comma())), out);
    }
    out.push_str("<div class=\"tops\">\n");
    for (label, top) in [
        (rules, &traffic.rules),
        (words.resources(), &traffic.resources),
        (words.accounts(), &traffic.accounts),
    ] {
        names(label, top, words, out);
    }
    out.push_str("</div>\n");
}

fn figure(label: &str, mark: &str, drawing: &str, axis: &[&str], mails: &[u64], out: &mut String) {
    let most = grouped(mails.iter().copied().max().unwrap_or_default());
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<figure>\n<figcaption><span>{}</span><span>{} ↑ {most}</span></figcaption>\n{drawing}",
        escape(label),
        escape(mark),
    );
    out.push_str("<div class=\"axis\">");
    for text in axis {
        let _ = write!(out, "<span>{}</span>", escape(text));
    }
    out.push_str("</div>\n</figure>\n");
}

fn names(label: &str, top: &Top, words: Words, out: &mut String) {
    let Some(most) = top.first.first() else { return };
    if top.is_once_each() {
        let title = escape(&words.once_each(label, top.different));
        let _ = writeln!(out, "<div><h3>{title}</h3></div>");
        return;
    }
    let different = words.different(top.different, top.missed);
    let title = escape(&format!("{label} ({different})"));
    let _ = writeln!(out, "<div><h3>{title}</h3>\n<table>");
    for named in &top.first {
        let width = u128::from(named.mails) * 100 / u128::from(most.mails.max(1));
        let _ = writeln!(
            out,
            "<tr><td>{}<i style=\"width:{}%\"></i></td><td>{}</td></tr>",
            escape(&named.name),
            width.max(1),
            grouped(named.mails),
        );
    }
    out.push_str("</table></div>\n");
}

fn suppressions(notification: &NotificationReport, words: Words, out: &mut String) {
    let NotificationReport { suppressions: list, traffic, .. } = notification;
    if list.is_empty() {
        if traffic.mails > 0 {
            paragraph("soft", words.nothing_stands_out(), out);
        }
        return;
    }
    let _ = writeln!(out, "<h3>{}</h3>", escape(words.suppress()));
    for suppression in list {
        let _ = writeln!(out, "<pre>{}</pre>", escape(&suppression.line));
        paragraph("soft", &words.spares(suppression), out);
    }
}

fn samples(samples: &[Sample], words: Words, out: &mut String) {
    if samples.is_empty() {
        return;
    }
    let _ = writeln!(out, "<h3>{}</h3>", escape(words.samples()));
    for sample in samples {
        let Sample { at, from, subject, body, .. } = sample;
        let at = at.map_or_else(String::new, |at| format!("{at} "));
        paragraph("soft", &format!("{at}{}", sample.place()), out);
        let mail = format!("From: {from}\nSubject: {subject}\n\n{body}");
        let _ = writeln!(out, "<pre>{}</pre>", escape(&mail));
    }
}

fn footer(report: &Report, words: Words, out: &mut String) {
    heading(words.documents(), "", out);
    out.push_str("<ul>\n");
    for text in words.read(report) {
        let _ = writeln!(out, "<li>{}</li>", escape(&text));
    }
    out.push_str("</ul>\n");
    if let Some(text) = words.bad_count(report) {
        paragraph("warn", &text, out);
        out.push_str("<ul>\n");
        for bad in &report.documents.first_bad {
            let _ = writeln!(out, "<li>{}</li>", escape(&words.bad(bad)));
        }
        out.push_str("</ul>\n");
        words.more_bad(report).into_iter().for_each(|text| paragraph("soft", &text, out));
    }
    if let (Some(text), true) = (words.price(report), report.total.mails > 0) {
        heading(words.cost(), "", out);
        paragraph("", &text, out);
    }
}

fn heading(text: &str, beside: &str, out: &mut String) {
    let _ = writeln!(out, "<h2>{} <small>{}</small></h2>", escape(text), escape(beside));
}

fn paragraph(class: &str, text: &str, out: &mut String) {
    let _ = writeln!(out, "<p class=\"{class}\">{}</p>", escape(text));
}

/// Text that is no markup; what turns the direction of text, or controls anything, is shown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push(c),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_of_an_event_is_markup() {
        for (text, want) in [
            ("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
            ("\" onload=\"&amp;", "&quot; onload=&quot;&amp;amp;"),
            ("a\u{1b}\u{202e}b\u{0}", "a\\u{1b}\\u{202e}b\\u{0}"),
            ("遮断\n<", "遮断\n&lt;"),
        ] {
            assert_eq!(escape(text), want);
        }
    }
}
