//! Every command: its help, and what it says to arguments that make no sense.

use crate::home::{Home, MINIMAL, SECURITY};

pub(crate) const COMMANDS: [&str; 26] = [
    "init",
    "validate",
    "plan",
    "setup",
    "status",
    "destroy",
    "preview",
    "match",
    "render",
    "evaluate",
    "test",
    "replay",
    "emit",
    "backtest",
    "baseline",
    "confirm",
    "wait",
    "send",
    "mute",
    "unmute",
    "digest",
    "presets",
    "schema",
    "policy",
    "completions",
    "man",
];

#[test]
fn every_command_has_help() {
    let home = Home::empty();
    let overview = home.run(&["--help"]).ends(0).quietly();
    for command in COMMANDS {
        assert!(overview.out.contains(&format!("\n  {command} ")), "{command} is not listed");
        let help = home.run(&[command, "--help"]).ends(0).quietly();
        assert!(help.out.contains(&format!("Usage: notify-cli {command}")), "{}", help.out);
        for option in ["--config", "--provider", "--json", "--no-color"] {
            assert!(help.out.contains(option), "{command} does not tell of {option}");
        }
        home.run(&["help", command]).ends(0).quietly().says("Usage:");
    }
    let listed = overview.out.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let listed = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    assert_eq!(listed.count(), COMMANDS.len() + 1, "a command is not tested here");
}

#[test]
fn no_option_is_without_a_description() {
    let home = Home::empty();
    for command in COMMANDS {
        let help = home.run(&[command, "-h"]).ends(0).out;
        for line in help.lines().filter(|line| line.trim_start().starts_with("--")) {
            let described = line.trim_start().split_once("  ").map(|(_, text)| text);
            assert!(described.is_some_and(|text| !text.trim().is_empty()), "{command}: {line}");
        }
    }
}

#[test]
fn the_version_is_the_packages() {
    let home = Home::empty();
    let version = format!("notify-cli {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(home.run(&["--version"]).ends(0).out, version);
}

#[test]
fn wrong_usage_ends_with_1() {
    let home = Home::with(MINIMAL);
    for (arguments, says) in [
        (&[][..], "Usage:"),
        (&["bogus"], "unrecognized subcommand 'bogus'"),
        (&["stup"], "some similar subcommands exist: 'status', 'setup'"),
        (&["plan", "--bogus"], "unexpected argument '--bogus'"),
        (&["plan", "extra"], "unexpected argument 'extra'"),
        (&["plan", "--out"], "a value is required for '--out <FILE>'"),
        (&["plan", "--region", "Tokyo"], "`Tokyo` is not a region"),
        (&["plan", "--provider", "gcp"], "[possible values: aws, local]"),
        (&["setup", "--adopt", "config-info"], "write KIND/NAME, such as topic/config-info"),
        (&["setup", "--adopt", "bucket/x"], "write KIND/NAME"),
        (&["setup", "--adopt", "topic/"], "write KIND/NAME"),
        (&["setup", "--adopt", "target/x"], "a target goes with its rule"),
        (&["setup", "--adopt", "subscription/x"], "a subscription goes with its topic"),
        (&["init", "--language", "fr"], "[possible values: en, ja]"),
        (&["backtest", "--days", "0"], "0 is not in 1..=455"),
        (&["backtest", "--days", "456"], "456 is not in 1..=455"),
        (&["backtest", "--until", "noon"], "\"noon\" is no time"),
        (&["backtest", "--at-most", "3"], "--suggest"),
        (&["backtest", "--data", "x", "--save", "y"], "cannot be used with"),
        (&["completions"], "<SHELL>"),
        (&["digest", "--yes"], "--publish"),
        (&["digest", "--since", "1h"], "write a number of days such as 1d or 7d"),
        (&["digest", "--since", "0d"], "write a number of days such as 1d or 7d"),
        (&["digest", "--utc-offset", "-3:30"], "write an offset such as +09:00 or -03:30"),
        (&["mute"], "<NAME>..."),
        (&["mute", "a"], "--for"),
        (&["mute", "a", "--for", "2h", "--until", "2026-11-25T00:00:00Z"], "cannot be used with"),
        (&["mute", "a", "--all", "--for", "2h"], "cannot be used with"),
        (&["mute", "a", "--for", "2"], "write it like 90m, 2h, 1d or 1h30m"),
        (&["mute", "a", "--for", "4m"], "a mute lasts five minutes at least"),
        (&["mute", "a", "--for", "16d"], "CloudWatch mutes for 15 days at most"),
        (&["mute", "a", "--until", "noon"], "\"noon\" is no time"),
        (&["mute", "a", "--until", "2020-01-01T00:00:00Z"], "2020-01-01T00:00:00Z has passed"),
        (&["unmute"], "<NAME>..."),
        (&["setup", "--adopt", "role/x"], "the file names no role"),
        (&["completions", "cmd"], "possible values: bash"),
        (&["policy", "--for", "validate"], "[possible values: backtest, baseline, confirm,"),
        (&["policy", "--metrics"], "unexpected argument '--metrics'"),
    ] {
        let ran = home.run(arguments).ends(1).complains(says);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
    assert!(!home.has(".notify"));
}

#[test]
fn completions_are_for_every_shell() {
    let home = Home::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = home.run(&["completions", shell]).ends(0).quietly();
        for command in COMMANDS {
            assert!(ran.out.contains(command), "{shell} does not complete {command}");
        }
    }
}

#[test]
fn man_prints_a_page_or_writes_one_for_each_command() {
    let home = Home::empty();
    home.run(&["man"]).ends(0).quietly().says(".TH notify-cli 1");
    std::fs::create_dir(home.path("pages")).expect("a folder");
    home.run(&["man", "--out", "pages"]).ends(0);
    for command in COMMANDS {
        assert!(home.read(&format!("pages/notify-cli-{command}.1")).contains(".SH"), "{command}");
    }
    home.write("file", "");
    home.run(&["man", "--out", "file/folder"]).ends(1).complains("file/folder cannot be");
}

#[test]
fn schema_prints_the_schema() {
    let home = Home::empty();
    let ran = home.run(&["schema"]).ends(0).quietly();
    let schema: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["properties"]["alarms"].is_object());
}

#[test]
fn policy_prints_what_the_file_needs_and_no_more() {
    let home = Home::with(SECURITY);
    let ran = home.run(&["policy", "--for", "plan"]).ends(0).quietly();
    let policy: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(policy["Version"], "2012-10-17");
    let topic = policy["Statement"].as_array().expect("statements").iter();
    let mut topic = topic.filter(|s| s["Resource"] == "arn:aws:sns:*:*:config-info");
    assert!(topic.next().is_some(), "the topic's actions are for this topic alone");
    assert!(!ran.out.contains("wafv2"), "named rules need no question to WAF");
    assert!(!ran.out.contains("kms:"), "without a key of one's own nothing is encrypted with it");
    assert!(!ran.out.contains("config:Describe"), "a plan asks nothing of AWS Config");

    let actions = |arguments: &[&str]| {
        let ran = home.run(&[&["policy"], arguments].concat()).ends(0).quietly();
        let policy: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        let list = policy["Statement"].as_array().expect("statements").iter();
        let list = list.flat_map(|s| s["Action"].as_array().expect("actions"));
        list.map(|action| action.as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let digest = ["cloudwatch:GetMetricData", "sns:GetTopicAttributes", "sns:Publish"];
    let mut printed = actions(&["--for", "digest"]);
    printed.sort();
    assert_eq!(printed, digest);
    assert_eq!(actions(&["--for", "plan,status"]), actions(&["--for", "plan", "--for", "status"]));
    assert_eq!(actions(&["--for", "backtest"]), ["cloudwatch:GetMetricData"]);
    assert!(actions(&["--for", "init"]).contains(&"config:DescribeConfigRules".to_owned()));

    home.edit("rules = [\n", "rules = \"all\"\nx = [\n");
    home.run(&["policy"]).ends(1).complains("has no key `x`");
    let all = format!(
        "{MINIMAL}[[alarms]]\nname = \"waf\"\npreset = \"waf-blocked\"\nweb_acl = \"w\"\nrules = \"all\"\n"
    );
    home.write("notify.toml", all);
    home.run(&["policy"]).ends(0).says("wafv2:GetWebACL");
}

/// The commands that a policy can be printed for are commands.
#[test]
fn policies_are_for_commands_that_there_are() {
    for command in notify_core::iam::Command::ALL {
        assert!(COMMANDS.contains(&command.as_str()), "{command:?}");
    }
}
