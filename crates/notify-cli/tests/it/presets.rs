//! `presets`, `init --preset`, `enable` and a folder of one's own.

use crate::home::Home;

#[test]
fn the_list_has_every_preset_and_the_sets() {
    let home = Home::empty();
    let list = home.run(&["presets"]).ends(0).quietly();
    let ran = list.says("root-sign-in").says("waf-blocked").says("budgets");
    ran.says("enable = [\"essential\"] means ").says("notify-cli presets show NAME");
    home.run(&["presets", "--language", "ja"]).ends(0).says("AWS Config ルールの非準拠");
    // Without an option, the file's language.
    home.write("notify.toml", "stack = \"s\"\nlanguage = \"ja\"\n[topic]\nname = \"t\"\n");
    home.run(&["presets"]).ends(0).says("AWS Config ルールの非準拠");
    home.run(&["presets", "--config", "none.toml"]).ends(1).complains("none.toml");
}

#[test]
fn a_preset_is_explained_with_its_mail_and_its_lines() {
    let home = Home::empty();
    let shown = home.run(&["presets", "show", "config-compliance"]).ends(0).quietly();
    shown
        .says("AWS Config rules that turn non-compliant")
        .says("Time          : 2026-01-15T09:30:04.741Z")
        .says("enable = [\"config-compliance\"]")
        .says("preset = \"config-compliance\"")
        .says("needs")
        .says("first")
        .says("https://docs.aws.amazon.com/");
    home.run(&["presets", "show", "waf-blocked"]).ends(0).says("rules = \"all\"").says("ALARM:");
    home.run(&["presets", "show", "budgets"]).ends(0).says("[[publishers]]");
    let toml = home.run(&["presets", "show", "budgets", "--toml"]).ends(0).quietly();
    assert!(toml.out.starts_with("name = \"budgets\"\n"), "{}", toml.out);
}

#[test]
fn an_unknown_preset_gets_suggestions() {
    let home = Home::empty();
    for (name, help) in [
        ("root-signin", "did you mean root-sign-in?"),
        ("guardduty", "guardduty-high"),
        ("xyzzy", "`notify-cli presets` lists them"),
    ] {
        let ran = home.run(&["presets", "show", name]).ends(1);
        let ran = ran.complains(&format!("there is no preset `{name}`")).complains(help);
        assert_eq!(ran.out, "");
    }
    let ran = home.run(&["init", "--preset", "esential"]).ends(1);
    ran.complains("there is no preset and no set `esential`");
    assert!(!home.has("notify.toml"));
}

/// In an empty folder: a file that is good, whose mails can be seen, and that can be set up.
#[test]
fn init_with_presets_gives_a_file_that_works() {
    for language in ["en", "ja"] {
        for presets in
            [&["essential"][..], &["essential", "waf-blocked", "budgets"], &["root-sign-in"]]
        {
            let home = Home::empty();
            let mut arguments = vec!["init", "--language", language, "--email", "ops@example.org"];
            arguments.extend(presets.iter().flat_map(|name| ["--preset", name]));
            home.run(&arguments).ends(0).quietly().says("wrote notify.toml");
            let text = home.read("notify.toml");
            assert!(text.contains("\nenable = [\""), "{text}");
            assert!(!text.contains("config_rules"), "{text}");
            home.run(&["validate", "--strict"]).ends(0).says("notify.toml is good");
            home.run(&["preview"]).ends(0).says("root-sign-in");
            if presets.contains(&"waf-blocked") {
                // A web ACL's name is an example's: its user puts a real one in.
                assert!(text.contains("\nweb_acl = "), "{text}");
                continue;
            }
            home.local(&["setup", "--yes"]).ends(0).says("root-sign-in");
            home.local(&["plan", "--detailed-exitcode"]).ends(0);
            home.local(&["destroy", "--yes"]).ends(0);
        }
    }
    let home = Home::empty();
    home.run(&["init", "--preset", "access-denied-bursts"]).ends(1).complains("cannot be set up");
}

const OWN: &str = "stack = \"s\"\nregions = [\"us-east-1\"]\npresets_folder = \"mine\"\n\
                   enable = [\"shop-order-failed\"]\n\n[topic]\nname = \"t\"\n";

/// A preset of one's own, made of a printed one.
fn own(home: &Home) -> String {
    let text = home.run(&["presets", "show", "root-sign-in", "--toml"]).ends(0).out;
    let text = text.replace("name = \"root-sign-in\"", "name = \"shop-order-failed\"");
    text.replace("sets = [\"essential\"]\n", "")
}

#[test]
fn a_folder_of_ones_own_is_used_and_its_mistakes_are_shown() {
    let home = Home::with(OWN);
    home.run(&["validate"]).ends(1).complains("the folder mine cannot be read");
    std::fs::create_dir(home.path("mine")).expect("a folder");
    let good = own(&home);
    home.write("mine/order.toml", &good);
    home.write("mine/README.md", "not a preset");
    home.run(&["validate", "--strict"]).ends(0);
    home.run(&["presets"]).ends(0).says("shop-order-failed (yours)");
    home.run(&["presets", "show", "shop-order-failed"]).ends(0).says("Its mail");
    home.local(&["setup", "--yes"]).ends(0).says("shop-order-failed");

    home.write("mine/order.toml", good.replace("matches = true", "matches = false"));
    home.write("mine/second.toml", "name = \"x\"\nkind = \"evnt\"\n");
    let ran = home.run(&["validate"]).ends(1);
    let ran = ran.complains("mine/order.toml").complains("the pattern matches");
    ran.complains("mine/second.toml:2").complains("unknown variant `evnt`");
    let document = home.run(&["validate", "--json"]).ends(1).json();
    let files: Vec<&str> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["file"].as_str())
        .collect();
    assert!(files.iter().any(|file| file.ends_with("second.toml")), "{document:#}");
    home.local(&["plan"]).ends(1).complains("nothing was changed");
}

/// A rule goes because of what a set holds: the plan says so.
#[test]
fn what_a_set_does_not_mean_any_more_goes_with_a_reason() {
    let home = Home::empty();
    home.run(&["init", "--preset", "essential", "--region", "us-east-1"]).ends(0);
    home.local(&["setup", "--yes"]).ends(0);
    home.edit("enable = [\"essential\"]", "enable = [\"config-compliance\"]");
    home.local(&["plan"])
        .ends(0)
        .says("nothing in `enable` means the preset root-sign-in any more");
}
