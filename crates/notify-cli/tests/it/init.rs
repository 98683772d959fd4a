//! `init`.

use crate::home::Home;

#[test]
fn what_it_writes_is_good_in_both_languages() {
    for language in ["en", "ja"] {
        let home = Home::empty();
        let ran = home.run(&["init", "--language", language, "--email", "ops@example.org"]);
        ran.ends(0).quietly().says("wrote notify.toml").never_says("put your address");
        let text = home.read("notify.toml");
        assert!(text.contains("endpoint = \"ops@example.org\""), "{text}");
        assert!(text.contains(&format!("language = \"{language}\"")), "{text}");
        home.run(&["validate", "--strict"]).ends(0).says("notify.toml is good");
        home.local(&["setup", "--yes"]).ends(0).says("ops@example.org");
        home.local(&["plan", "--detailed-exitcode"]).ends(0);
    }
}

/// The lines that are commented out must be good, too, once they are not.
#[test]
fn what_it_suggests_is_good() {
    for language in ["en", "ja"] {
        let home = Home::empty();
        home.run(&["init", "--language", language]).ends(0);
        let text = home.read("notify.toml");
        let open = |line: &str| match line.strip_prefix("# ") {
            Some(code) if code.starts_with("[[") || code.contains(" = ") => code.to_owned(),
            _ => line.to_owned(),
        };
        let text: Vec<String> = text.lines().map(open).collect();
        home.write("notify.toml", text.join("\n"));
        home.run(&["validate", "--strict"]).ends(0).says("notify.toml is good");
        let whole = home.read("notify.toml");
        assert!(whole.contains("\nweb_acl = ") && whole.contains("\nregions = "), "{whole}");
    }
}

#[test]
fn without_an_address_and_a_terminal_it_says_where_to_put_one() {
    let home = Home::empty();
    home.run(&["init"]).ends(0).says("put your address in place of ops@example.com");
    home.run(&["validate"]).ends(0);
}

#[test]
fn it_never_overwrites() {
    let home = Home::with("mine\n");
    let ran = home.run(&["init"]).ends(1).complains("notify.toml exists already");
    assert_eq!(ran.complains("nothing was changed").out, "");
    assert_eq!(home.read("notify.toml"), "mine\n");
    home.run(&["init", "--config", "other.toml"]).ends(0).says("wrote other.toml");
    home.run(&["validate", "--config", "other.toml"]).ends(0);
    std::fs::create_dir(home.path("folder")).expect("a folder");
    home.run(&["init", "--config", "folder"]).ends(1).complains("folder exists already");
}

#[test]
fn a_bad_address_writes_nothing() {
    for bad in
        ["ops", "", "ops@example.com\"\nstack = \"x", "a b@example.com", "ops@example.com\u{7}"]
    {
        let home = Home::empty();
        let ran = home.run(&["init", "--email", bad]).ends(1).complains("nothing was written");
        assert_eq!(ran.complains("is not a mail address").out, "", "{bad:?}");
        assert!(!home.has("notify.toml"), "{bad:?}");
    }
}

#[test]
fn a_region_is_written_into_the_file() {
    let home = Home::empty();
    home.run(&["init", "--region", "eu-west-1"]).ends(0);
    assert!(home.read("notify.toml").contains("\nregions = [\"eu-west-1\"]"));
    home.local(&["plan"]).ends(0).says("eu-west-1");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let home = Home::empty();
    let ran = home.run(&["init", "--config", "no/such/notify.toml"]).ends(1);
    ran.complains("no/such/notify.toml cannot be written");
}

#[test]
fn a_json_file_is_not_filled_with_toml() {
    let home = Home::empty();
    let ran = home.run(&["init", "--config", "notify.json"]);
    if ran.code == 0 {
        home.run(&["validate", "--config", "notify.json"]).ends(0);
    } else {
        assert!(!home.has("notify.json"), "{}", ran.err);
    }
}

#[test]
fn json_is_one_document() {
    let home = Home::empty();
    home.run(&["init", "--json"]).ends(0).json();
}
