//! The commands, one file each with its arguments and what it does.

pub(crate) mod already;
pub(crate) mod backtest;
pub(crate) mod baseline;
pub(crate) mod completions;
pub(crate) mod confirm;
pub(crate) mod destroy;
pub(crate) mod digest;
pub(crate) mod emit;
pub(crate) mod evaluate;
pub(crate) mod init;
pub(crate) mod letters;
pub(crate) mod man;
pub(crate) mod matching;
pub(crate) mod mute;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod presets;
pub(crate) mod preview;
pub(crate) mod render;
pub(crate) mod replay;
pub(crate) mod run_plan;
pub(crate) mod schema;
pub(crate) mod send;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod test;
pub(crate) mod unmute;
pub(crate) mod validate;
pub(crate) mod wait;

use crate::args::{Cli, Command};
use crate::failure::{DONE, ERROR, Failure};
use crate::print::{self, BAD, paint};
use clap::Parser;
use std::process::ExitCode;

/// What a command ends with: an exit code, or a failure that is said in one place.
pub(crate) type Ended = Result<u8, Failure>;

/// Runs what was typed.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error; clap would exit with 2
            // for the rest, which means "changes pending" here. What was typed is in its errors.
            if error.use_stderr() {
                print::err(&print::clean(error.render().to_string().trim_end()));
                return ExitCode::from(ERROR);
            }
            let _ = error.print();
            return ExitCode::from(DONE);
        }
    };
    if cli.global.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    let verbose = cli.global.verbose;
    let ended = match cli.command {
        Command::Init(args) => init::run(&args, &cli.global),
        Command::Validate(args) => validate::run(&args, &cli.global),
        Command::Preview(args) => preview::run(&args, &cli.global),
        Command::Match(args) => matching::run(&args, &cli.global),
        Command::Render(args) => render::run(&args, &cli.global),
        Command::Evaluate(args) => evaluate::run(&args, &cli.global),
        Command::Replay(args) => replay::run(&args, &cli.global),
        Command::Test(args) => test::run(&args, &cli.global),
        Command::Emit(args) => emit::run(&args, &cli.global),
        Command::Presets(args) => presets::run(&args, &cli.global),
        Command::Schema(args) => schema::run(&args),
        Command::Policy(args) => policy::run(&args, &cli.global),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Plan(args) => block_on(plan::run(&args, &cli.global)),
        Command::Setup(args) => block_on(setup::run(&args, &cli.global)),
        Command::Status(args) => block_on(status::run(&args, &cli.global)),
        Command::Destroy(args) => block_on(destroy::run(&args, &cli.global)),
        Command::Confirm(args) => block_on(confirm::run(&args, &cli.global)),
        Command::Wait(args) => block_on(wait::run(&args, &cli.global)),
        Command::Send(args) => block_on(send::run(&args, &cli.global)),
        Command::Mute(args) => block_on(mute::run(&args, &cli.global)),
        Command::Unmute(args) => block_on(unmute::run(&args, &cli.global)),
        Command::Digest(args) => block_on(digest::run(&args, &cli.global)),
        Command::Backtest(args) => block_on(backtest::run(&args, &cli.global)),
        Command::Baseline(args) => block_on(baseline::run(&args, &cli.global)),
    };
    let code = ended.unwrap_or_else(|failure| {
        say(&failure, verbose);
        ERROR
    });
    if print::lost() {
        print::err("error: the output could not be written");
        return ExitCode::from(ERROR);
    }
    ExitCode::from(code)
}

/// Only the commands that talk to an account pay for a runtime.
fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::from_error("the program cannot start its runtime", &error))?;
    runtime.block_on(command)
}

fn say(failure: &Failure, verbose: bool) {
    if failure.printed {
        return;
    }
    print::err(&format!("{} {}", paint(BAD, "error:"), shown(&failure.message)));
    let details = failure.details.iter().filter(|_| verbose);
    for cause in failure.causes.iter().chain(details) {
        print::err(&format!("  because: {}", shown(cause)));
    }
    if let Some(help) = &failure.help {
        print::err(&format!("  help: {}", shown(help)));
    }
}

/// What others said may be of any length.
fn shown(text: &str) -> String {
    print::clean(&print::cut(text, print::LONGEST_LINE))
}
