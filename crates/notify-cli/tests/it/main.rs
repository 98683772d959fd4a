//! Tests of the program as it is run: what it prints, what it writes, how it ends.

mod accounts;
mod commands;
mod documents;
mod evaluate;
mod home;
mod init;
mod json;
mod life;
mod matching;
mod output;
mod render_alarm;
mod render_target;
mod saved_plan;
mod spec_file;
mod web_acls;
