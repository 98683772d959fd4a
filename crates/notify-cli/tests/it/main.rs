//! Tests of the program as it is run: what it prints, what it writes, how it ends.

mod accounts;
mod backtest;
mod baseline;
mod commands;
mod digest;
mod documents;
mod emit;
mod evaluate;
mod home;
mod init;
mod input;
mod json;
mod life;
mod matching;
mod output;
mod preview;
mod render_alarm;
mod render_target;
mod replay;
mod saved_plan;
mod spec_file;
mod status;
mod test_command;
mod web_acls;
