//! Every limit that AWS sets, from both sides: what just fits is taken, one more is refused.

use notify_core::spec::{Finding, Format, Level, parse};

const FILE: &str = "stack = 's'\n[topic]\nname = 't'\n";
const EVENT: &str = "[[events]]\nname = 'e'\n";
const PATTERN: &str = "pattern = '{\"source\": [\"x\"]}'\n";
const ALARM: &str = "[[alarms]]\nname = 'a'\nnamespace = 'n'\nmetric = 'm'\nthreshold = 1\n";
const WAF: &str = "[[alarms]]\nname = 'a'\npreset = 'waf-blocked'\nweb_acl = 'w'\n";

fn findings(text: &str) -> Vec<Finding> {
    parse(text, Format::Toml).findings
}

/// Checks that `most` is taken and one more is not, and that the message says how many there are.
fn check(what: &str, most: usize, text: impl Fn(usize) -> String) {
    assert_eq!(findings(&text(most)), [], "{what}: {most} fit");
    let found = findings(&text(most + 1));
    let errors: Vec<&Finding> = found.iter().filter(|f| f.level == Level::Error).collect();
    assert_eq!(errors.len(), 1, "{what}: {} do not fit: {found:?}", most + 1);
}

/// Text of wide characters: limits are in characters, not in bytes.
fn wide(length: usize) -> String {
    "遮".repeat(length)
}

fn ascii(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn lengths_of_names() {
    check("stack", 64, |n| format!("stack = '{}'\n[topic]\nname = 't'\n", ascii(n)));
    check("topic", 256, |n| format!("stack = 's'\n[topic]\nname = '{}'\n", ascii(n)));
    check("rule", 64, |n| format!("{FILE}[[events]]\nname = '{}'\n{PATTERN}", ascii(n)));
    check("alarm", 255, |n| {
        format!(
            "{FILE}[[alarms]]\nname = '{}'\nnamespace = 'n'\nmetric = 'm'\nthreshold = 1\n",
            wide(n)
        )
    });
    check("web ACL", 255, |n| {
        format!(
            "{FILE}[[alarms]]\nname = 'a'\npreset = 'waf-blocked'\nweb_acl = '{}'\nrules = 'all'\n",
            ascii(n)
        )
    });
    check("WAF rule", 255, |n| {
        format!("{FILE}{WAF}rules = ['{}']\nalarm_name = '{{name}}'\n", ascii(n))
    });
    check("alarm of a WAF rule", 250, |n| {
        format!("{FILE}{WAF}rules = ['rule']\nalarm_name = '{}-{{rule}}'\n", wide(n))
    });
    check("alarm of a WAF rule, by the section's name", 250, |n| {
        format!(
            "{FILE}[[alarms]]\nname = '{}'\npreset = 'waf-blocked'\nweb_acl = 'w'\nrules = ['rule']\n",
            wide(n)
        )
    });
}

#[test]
fn lengths_of_texts() {
    check("display name", 100, |n| {
        format!("stack = 's'\n[topic]\nname = 't'\ndisplay_name = '{}'\n", wide(n))
    });
    check("endpoint", 2048, |n| {
        let name = ascii(n - "@example.com".len());
        format!("{FILE}[[subscriptions]]\nprotocol = 'email'\nendpoint = '{name}@example.com'\n")
    });
    check("rule's description", 512, |n| {
        format!("{FILE}{EVENT}{PATTERN}description = '{}'\n", wide(n))
    });
    check("alarm's description", 1024, |n| format!("{FILE}{ALARM}description = '{}'\n", wide(n)));
    check("config rule", 256, |n| {
        format!("{FILE}{EVENT}preset = 'config-compliance'\nconfig_rules = ['{}']\n", ascii(n))
    });
    // A line's two quotes belong to the template.
    check("message", 8190, |n| format!("{FILE}{EVENT}{PATTERN}message = '{}'\n", wide(n)));
    check("template", 8190, |n| format!("{FILE}{EVENT}{PATTERN}template = '\"{}\"'\n", wide(n)));
    check("path", 254, |n| {
        format!("{FILE}{EVENT}{PATTERN}message = 'x'\npaths = {{ a = '$.{}' }}\n", ascii(n))
    });
    check("variable", 256, |n| {
        format!("{FILE}{EVENT}{PATTERN}message = 'x'\npaths = {{ {} = '$.a' }}\n", ascii(n))
    });
    check("namespace", 255, |n| {
        let namespace = ascii(n);
        format!(
            "{FILE}[[alarms]]\nname = 'a'\nnamespace = '{namespace}'\nmetric = 'm'\nthreshold = 1\n"
        )
    });
    check("metric", 255, |n| {
        let metric = ascii(n);
        format!(
            "{FILE}[[alarms]]\nname = 'a'\nnamespace = 'n'\nmetric = '{metric}'\nthreshold = 1\n"
        )
    });
    check("dimension's name", 255, |n| {
        format!("{FILE}{ALARM}dimensions = {{ {} = 'v' }}\n", ascii(n))
    });
    check("dimension's value", 1024, |n| {
        format!("{FILE}{ALARM}dimensions = {{ d = '{}' }}\n", ascii(n))
    });
}

#[test]
fn counts() {
    check("paths", 100, |n| {
        let paths: Vec<String> = (0..n).map(|at| format!("v{at} = '$.a'")).collect();
        format!("{FILE}{EVENT}{PATTERN}message = 'x'\npaths = {{ {} }}\n", paths.join(", "))
    });
    check("paths in place", 100, |n| {
        let paths: Vec<String> = (0..n).map(|at| format!("<$.resources[{at}]>")).collect();
        let pattern = "pattern = { source = ['aws.ec2'] }";
        format!("{FILE}{EVENT}{pattern}\nmessage = '{}'\n", paths.concat())
    });
    check("dimensions", 30, |n| {
        let dimensions: Vec<String> = (0..n).map(|at| format!("d{at} = 'v'")).collect();
        format!("{FILE}{ALARM}dimensions = {{ {} }}\n", dimensions.join(", "))
    });
    check("rules with wildcards", 30, |n| {
        let rule = |at| {
            format!(
                "[[events]]\nname = 'e{at}'\npattern = '{{\"source\": [{{\"wildcard\": \"a*b\"}}]}}'\n"
            )
        };
        format!("{FILE}{}", (0..n).map(rule).collect::<String>())
    });
}

#[test]
fn periods_and_windows() {
    check("window of a day in periods of five minutes", 288, |n| {
        format!("{FILE}{ALARM}period = '5m'\nevaluation_periods = {n}\n")
    });
    check("window of a day in periods of just less than an hour", 24, |n| {
        format!("{FILE}{ALARM}period = 3540\nevaluation_periods = {n}\n")
    });
    check("window of a week in hours", 168, |n| {
        format!("{FILE}{ALARM}period = '1h'\nevaluation_periods = {n}\n")
    });
    check("window of a week in days", 7, |n| {
        format!("{FILE}{ALARM}period = '1d'\nevaluation_periods = {n}\n")
    });
    check("a period in days", 7, |n| format!("{FILE}{ALARM}period = '{n}d'\n"));
    check("datapoints", 5, |n| {
        format!("{FILE}{ALARM}evaluation_periods = 5\ndatapoints_to_alarm = {n}\n")
    });
    for (period, good) in [
        ("10", true),
        ("20", true),
        ("30", true),
        ("60", true),
        ("'90s'", false),
        ("'120s'", true),
        ("40", false),
        ("1", false),
        ("'0d'", false),
        ("'99999999999d'", false),
        ("'m'", false),
        ("''", false),
        ("'五m'", false),
        ("'5分'", false),
    ] {
        let spec = parse(&format!("{FILE}{ALARM}period = {period}\n"), Format::Toml).spec;
        assert_eq!(spec.is_some(), good, "{period}");
    }
}

#[test]
fn statistics() {
    for (statistic, good) in [
        ("Sum", true),
        ("SampleCount", true),
        ("IQM", true),
        ("p0", true),
        ("p99.95", true),
        ("p100", true),
        ("p100.1", false),
        ("p", false),
        ("p-1", false),
        ("p1e1", false),
        ("tm90", true),
        ("TM(10%:90%)", true),
        ("TM(:0.5)", true),
        ("PR(100:)", true),
        ("TM()", false),
        ("TM(10%:90%", false),
        ("Max", false),
        ("", false),
    ] {
        let text = format!("{FILE}{ALARM}statistic = '{statistic}'\n");
        assert_eq!(parse(&text, Format::Toml).spec.is_some(), good, "{statistic}");
    }
}

/// A quota that can be raised is a warning, the API's own limit an error.
#[test]
fn the_size_of_a_pattern() {
    let text = |length: usize| {
        let frame = "{\"source\": [\"\"]}".len();
        format!("{FILE}{EVENT}pattern = '{{\"source\": [\"{}\"]}}'\n", wide(length - frame))
    };
    for (length, expected) in [
        (2048, None),
        (2049, Some(Level::Warning)),
        (4096, Some(Level::Warning)),
        (4097, Some(Level::Error)),
    ] {
        let levels: Vec<Level> = findings(&text(length)).iter().map(|f| f.level).collect();
        assert_eq!(levels, expected.into_iter().collect::<Vec<_>>(), "{length}");
    }
}

#[test]
fn the_number_of_rules_in_a_region() {
    let text = |count: usize, region: &str| {
        let rule = |at| format!("[[events]]\nname = 'e{at}'\n{PATTERN}");
        let rules: String = (0..count).map(rule).collect();
        format!("stack = 's'\nregions = ['{region}']\n[topic]\nname = 't'\n{rules}")
    };
    for (region, quota) in [("us-east-1", 300), ("eu-south-1", 100)] {
        assert_eq!(findings(&text(quota, region)), [], "{region}");
        let found = findings(&text(quota + 2, region));
        let levels: Vec<Level> = found.iter().map(|f| f.level).collect();
        assert_eq!(levels, [Level::Warning], "{region}: said once: {found:?}");
    }
}
