//! Surroundings that do not work: what is said, what to do, exit 1, and nothing half-written.

use crate::home::{Home, MINIMAL, Ran};
use std::io::{Read, Write};
use std::net::TcpListener;

const PROFILES: &str = "[profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n\
    [sso-session s]\nsso_region = eu-west-1\nsso_start_url = http://127.0.0.1:1/start\n\
    [profile fails]\ncredential_process = /bin/false\n\
    [profile speaks]\ncredential_process = echo no-json\n";

/// Runs `plan` in AWS with these variables; an empty value takes one away.
fn plan(home: &Home, variables: &[(&str, &str)], more: &[&str]) -> Ran {
    let mut command = home.command(&[&["plan"], more].concat());
    command.env("AWS_REGION", "eu-west-1");
    for (name, value) in variables {
        if value.is_empty() {
            command.env_remove(name)
        } else {
            command.env(name, value)
        };
    }
    Ran::of(command.output().expect("the program starts"))
}

#[test]
fn whoever_cannot_work_in_aws_is_told_why() {
    let home = Home::with(MINIMAL);
    home.write("profiles", PROFILES);
    home.write("garbage", "no sections here\n");
    home.write("bytes", b"\xff\xfe[x");
    std::fs::create_dir(home.path("folder")).expect("a folder");
    let profiles = home.path("profiles").display().to_string();
    let place = home.path("").display().to_string();
    let no_keys =
        [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_SESSION_TOKEN", "")];
    let profile = |name: &'static str| {
        [("AWS_CONFIG_FILE", profiles.as_str()), ("AWS_PROFILE", name), ("HOME", place.as_str())]
    };
    let with = |more: &[(&'static str, &'static str)]| more.to_vec();
    let at = |path: &str| home.path(path).display().to_string();
    let (garbage, bytes, folder) = (at("garbage"), at("bytes"), at("folder"));

    for (variables, says) in [
        (with(&[("AWS_REGION", "")]), "no region is known"),
        (with(&[]), "AWS cannot be reached: Connection refused"),
        (with(&[("HOME", "")]), "AWS cannot be reached"),
        (with(&[("AWS_ENDPOINT_URL", "nonsense")]), "endpoint must contain scheme"),
        (no_keys.to_vec(), "no AWS credentials were found: name a profile that has some"),
        ([&no_keys[..], &profile("nobody")].concat(), "profile `nobody` was not defined"),
        ([&no_keys[..], &profile("fails")].concat(), "the AWS credentials cannot be had"),
        ([&no_keys[..], &profile("speaks")].concat(), "invalid JSON in response"),
        ([&no_keys[..], &profile("sso")].concat(), "`aws sso login` with this profile makes one"),
        (
            [&no_keys[..], &[("AWS_CONFIG_FILE", garbage.as_str())]].concat(),
            "could not parse profile file",
        ),
        ([&no_keys[..], &[("AWS_CONFIG_FILE", bytes.as_str())]].concat(), "AWS credentials"),
        ([&no_keys[..], &[("AWS_CONFIG_FILE", folder.as_str())]].concat(), "AWS credentials"),
    ] {
        let ran = plan(&home, &variables, &[]).ends(1).complains(says);
        assert_eq!(ran.out, "", "{says}");
        plan(&home, &variables, &["-v"]).ends(1).complains(says);
    }
    for url in ["nonsense", "http://", "https:///x", "ftp://127.0.0.1"] {
        plan(&home, &[], &["--endpoint-url", url]).ends(1).complains("write an address such as");
    }
    assert!(!home.has(".notify"));
}

/// The name of the file is the SHA-1 of the session's name.
#[test]
fn a_login_that_has_run_out_is_made_again() {
    let home = Home::with(MINIMAL);
    home.write("profiles", PROFILES);
    home.write(
        ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json",
        r#"{"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"}"#,
    );
    let (profiles, place) = (home.path("profiles"), home.path(""));
    let mut command = home.command(&["plan", "--profile", "sso", "--region", "eu-west-1"]);
    command.env("AWS_CONFIG_FILE", profiles).env("HOME", place);
    Ran::of(command.output().expect("the program starts"))
        .ends(1)
        .complains("there is no login that is still good")
        .complains("`aws sso login`");
}

#[test]
fn a_server_that_is_not_aws_is_found_out() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", server.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 8192]);
            let _ = stream.write_all(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<a/>",
            );
        }
    });
    let home = Home::with(MINIMAL);
    let ran = plan(&home, &[], &["--endpoint-url", &url]).ends(1);
    ran.complains("(HTTP status 404) is not one of AWS: look at the endpoint's");
}

#[test]
fn a_spec_file_that_cannot_be_one_is_not_read_for_ever() {
    let home = Home::empty();
    std::fs::create_dir(home.path("folder")).expect("a folder");
    let sparse = std::fs::File::create(home.path("sparse.toml")).expect("a file");
    sparse.set_len(2 << 30).expect("a sparse file");
    home.write("utf16.toml", b"\xff\xfes\0t\0");
    for (name, says) in [
        ("folder", "name a spec file with --config"),
        ("missing.toml", "`notify-cli init` writes a first one"),
        ("sparse.toml", "it is larger than 64 MB"),
        ("/dev/zero", "it is larger than 64 MB"),
        ("utf16.toml", "utf16.toml:1: this is not UTF-8"),
    ] {
        for command in ["validate", "plan", "policy"] {
            home.local(&[command, "--config", name]).ends(1).complains(says);
        }
    }
}

#[test]
fn what_cannot_be_written_is_said_before_or_leaves_nothing() {
    let home = Home::with(MINIMAL);
    home.write("file", "");
    home.write("event.json", r#"{"source": "a", "detail-type": "b", "detail": {}}"#);
    for arguments in [
        &["plan", "--out", "missing/x"][..],
        &["plan", "--out", "file/x"],
        &["plan", "--out", "/dev/full"],
        &["replay", "event.json", "--html", "missing/x"],
        &["init", "--config", "missing/notify.toml"],
        &["init", "--config", "/proc/notify.toml"],
    ] {
        let ran = home.local(arguments).ends(1);
        assert!(ran.err.contains("help: "), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
    assert!(!home.has("missing"));

    for (place, is_folder) in
        [(".notify", false), (".notify/local.json", true), (".notify/outbox", false)]
    {
        let home = Home::with(MINIMAL);
        if is_folder {
            std::fs::create_dir_all(home.path(place)).expect("a folder");
        } else {
            home.write(place, "");
        }
        home.write(
            "reader.toml",
            format!("{MINIMAL}[[subscriptions]]\nprotocol = \"email\"\nendpoint = \"a@b.c\"\n"),
        );
        let ran = home.local(&["setup", "--yes", "--config", "reader.toml"]).ends(1);
        assert!(ran.err.contains("help: "), "{place}: {}", ran.err);
        assert!(is_folder || !home.path(".notify/local.json").exists(), "{place}");
    }
}

/// A disk of its own that is full: where nobody may mount one, this is not tested.
#[test]
#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, reason = "a test that cannot be run says so")]
fn a_full_disk_and_a_read_only_one_keep_what_was_there() {
    let home = Home::with(MINIMAL);
    home.write("disk/keep", "");
    for (options, says) in
        [("size=8k", "No space left on device"), ("size=1m,ro", "Read-only file system")]
    {
        let script = format!(
            "mount -t tmpfs -o size=8k tmpfs disk || exit 77; cp notify.toml disk; cd disk; \
             head -c 8192 /dev/zero > fill 2>/dev/null; mount -o remount,{options} . || exit 77; \
             \"$0\" --provider local setup --yes; code=$?; test -e .notify/local.json && exit 99; exit $code"
        );
        let program = home.command(&[]).get_program().to_owned();
        let mut command = std::process::Command::new("unshare");
        command.args(["-m", "sh", "-c", &script]).arg(program).current_dir(home.path(""));
        let Ok(output) = command.output() else { return println!("SKIPPED: there is no unshare") };
        if output.status.code() == Some(77)
            || String::from_utf8_lossy(&output.stderr).contains("unshare")
        {
            println!("SKIPPED: nobody may mount a disk here");
            return;
        }
        Ran::of(output).ends(1).complains(says).complains("help: ");
    }
}

#[test]
#[cfg(unix)]
fn nobody_listens_to_what_is_said() {
    let home = Home::with(MINIMAL);
    for (script, code) in [
        ("\"$0\" --provider local plan >&-", 0),
        ("\"$0\" plan --bogus 2>&-", 1),
        ("\"$0\" plan --bogus 2>/dev/full", 1),
        ("\"$0\" --provider local plan >/dev/full", 1),
        ("mkdir gone; cd gone; rmdir ../gone; \"$0\" --provider local plan", 1),
    ] {
        let program = home.command(&[]).get_program().to_owned();
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script]).arg(program).current_dir(home.path(""));
        let ran = Ran::of(command.output().expect("a shell"));
        assert_eq!(ran.code, code, "{script}: {}", ran.err);
    }
}
