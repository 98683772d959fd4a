//! Which file is read, and what is said when it cannot be.

use crate::home::{Home, MINIMAL, Ran, SECURITY};

#[test]
fn a_good_file_is_good() {
    Home::with(SECURITY).run(&["validate"]).ends(0).quietly().says("notify.toml is good");
}

#[test]
fn the_file_is_found_in_a_folder_above() {
    let home = Home::with(MINIMAL);
    home.write("a/b/keep", "");
    let mut command = home.command(&["validate"]);
    command.current_dir(home.path("a/b"));
    Ran::of(command.output().expect("the program starts")).ends(0).says("notify.toml is good");
}

#[test]
fn the_search_ends_at_the_repositorys_root() {
    let home = Home::with(MINIMAL);
    home.write("inner/.git/HEAD", "");
    home.write("inner/a/keep", "");
    let mut command = home.command(&["validate"]);
    command.current_dir(home.path("inner/a"));
    let ran = Ran::of(command.output().expect("the program starts"));
    ran.ends(1).complains("there is no notify.toml here").complains("notify-cli init");
}

#[test]
fn the_local_account_lies_beside_the_file() {
    let home = Home::empty();
    home.write("stacks/one.toml", MINIMAL);
    home.local(&["setup", "--yes", "--config", "stacks/one.toml"]).ends(0);
    assert!(home.has("stacks/.notify/local.json") && !home.has(".notify"));

    home.write("notify.toml", MINIMAL);
    home.write("a/keep", "");
    let mut command = home.command(&["--provider", "local", "setup", "--yes"]);
    command.current_dir(home.path("a"));
    Ran::of(command.output().expect("the program starts")).ends(0);
    assert!(home.has(".notify/local.json") && !home.has("a/.notify"));
}

#[test]
fn an_option_beats_the_environment_beats_the_search() {
    let home = Home::with(MINIMAL);
    home.write("environment.toml", MINIMAL);
    home.write("option.toml", MINIMAL);
    let mut command = home.command(&["validate"]);
    command.env("NOTIFY_CONFIG", "environment.toml");
    let ran = Ran::of(command.output().expect("the program starts"));
    ran.ends(0).says("environment.toml is good");
    let mut command = home.command(&["validate", "--config", "option.toml"]);
    command.env("NOTIFY_CONFIG", "environment.toml");
    Ran::of(command.output().expect("the program starts")).ends(0).says("option.toml is good");
}

#[test]
fn an_empty_variable_names_no_file() {
    let home = Home::with(MINIMAL);
    let mut command = home.command(&["validate"]);
    command.env("NOTIFY_CONFIG", "");
    Ran::of(command.output().expect("the program starts")).ends(0).says("notify.toml is good");
}

#[test]
fn the_provider_comes_from_the_environment_too() {
    let home = Home::with(MINIMAL);
    let mut command = home.command(&["plan"]);
    command.env("NOTIFY_PROVIDER", "local");
    Ran::of(command.output().expect("the program starts")).ends(0).says("(local)");
}

#[test]
fn json_is_read_by_the_files_name() {
    let home = Home::empty();
    home.write("notify.JSON", r#"{"stack": "small", "topic": {"name": "alerts"}}"#);
    home.run(&["validate", "--config", "notify.JSON"]).ends(0).says("notify.JSON is good");
    home.write("bad.json", "{\n  \"stack\": \"a\",\n  \"topic\": {\"nme\": 1}\n}\n");
    let ran = home.run(&["validate", "--config", "bad.json"]).ends(1);
    let ran = ran.complains("--> bad.json: /topic/nme").complains("did you mean `name`?");
    ran.complains("2 error(s), 0 warning(s) in bad.json");
    home.write("syntax.json", "{\n  \"stack\": \"a\",\n}\n");
    let ran = home.run(&["validate", "--config", "syntax.json"]).ends(1);
    ran.complains("--> syntax.json:3:1").complains("trailing comma");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let home = Home::empty();
    for command in ["validate", "plan", "setup", "status", "destroy", "policy"] {
        let ran = home.local(&[command, "--config", "gone.toml"]).ends(1);
        let ran = ran.complains("gone.toml cannot be read").complains("because: ");
        assert_eq!(ran.out, "", "{command}");
        home.local(&[command, "--config", "."]).ends(1).complains(". cannot be read");
        let ran = home.local(&[command]).ends(1);
        ran.complains("there is no notify.toml").complains("--config");
    }
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_its_line() {
    let home = Home::with("");
    home.write("notify.toml", b"stack = \"a\"\n\n# caf\xe9\n");
    let ran = home.run(&["validate"]).ends(1);
    ran.complains("notify.toml:3: this is not UTF-8").complains("save the file as UTF-8");
}

#[test]
fn a_mistake_is_shown_with_its_place_its_line_and_its_remedy() {
    let home = Home::with(MINIMAL);
    home.write("notify.toml", MINIMAL.replace("name", "display_name = \"構成情報\"\nnmae"));
    let ran = home.run(&["validate"]).ends(1);
    let ran = ran.complains("error: [topic] has no key `nmae`").complains("--> notify.toml:5:1");
    let ran = ran.complains("5 | nmae = \"alerts\"").complains("help: did you mean `name`?");
    assert_eq!(ran.out, "");
    for command in ["plan", "setup", "status", "destroy", "policy"] {
        let ran = home.local(&[command]).ends(1);
        let ran = ran.complains("did you mean `name`?").complains("nothing was changed");
        assert_eq!(ran.out, "", "{command}");
    }
    assert!(!home.has(".notify"));
}

#[test]
fn of_a_value_of_many_lines_the_first_is_shown() {
    let home = Home::with(&format!("{MINIMAL}display_name = [\n    \"one\",\n    \"two\",\n]\n"));
    let ran = home.run(&["validate"]).ends(1).complains("5 | display_name = [");
    assert!(!ran.err.contains("two"), "{}", ran.err);
}

#[test]
fn warnings_are_errors_only_if_asked() {
    let home =
        Home::with(&MINIMAL.replace("\n\n[topic]", "\nregions = [\"mars-north-1\"]\n\n[topic]"));
    let ran = home.run(&["validate"]).ends(0).complains("warning: `mars-north-1` is a region");
    ran.says("notify.toml can be used; 1 warning(s)");
    home.run(&["validate", "--strict"]).ends(1);
    home.local(&["plan"]).ends(0).says("Warnings").says("mars-north-1");
}

#[test]
fn a_byte_order_mark_and_crlf_are_fine() {
    let home = Home::with(&format!("\u{feff}{}", MINIMAL.replace('\n', "\r\n")));
    home.run(&["validate"]).ends(0).says("notify.toml is good");
    home.edit("stack", "stak");
    home.run(&["validate"]).ends(1).complains("--> notify.toml:1:1").complains("1 | stak = ");
}
