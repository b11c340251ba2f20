//! The chores of the project, one command each: `cargo xtask help`.
//!
//! Invariants: depends on none of our crates, so that it builds in seconds in a fresh clone; what it runs is what a person
//! would type, and is printed; a chore ends with success only when all of it succeeded.
#![forbid(unsafe_code)]

mod bench;
mod codegen;
mod compare;
mod fuzz;
mod generate;
mod licences;
mod package;
mod packages;
mod project;
mod run;
mod screenshots;
mod shell;
mod test;
mod tidy;

use project::Project;
use shell::{Failure, say};
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command>

  run [FILE…]            build Mailscope and open it with these Outlook files (without one: with a sample mailbox)
  test [STEP…]           every check that a change must pass, or only the named ones; `--list` names them
  tidy                   only the checks of layout and layering
  codegen                write ui/src/ipc/generated/api.ts anew from crates/api, and the licences of the about page
  generate --items N -o FILE [--seed S] [--profile mail|office|attachments|text] [--changed PERCENT]
                         write a made-up mailbox: the same items, seed and profile give the same bytes
  package [KIND…] [--check]
                         packages to install (by default deb and rpm, nsis and msi, or app and dmg, by system); `--check`
                         tries the Debian one out: installs it into a folder, opens a file by double click, removes it
  compare [FILE…] [-o FILE]
                         what each reader finds in each file of test mail, and why they differ
  fuzz [--seconds N] [TARGET…]
                         run the fuzz targets of crates/pst, all or these, for so long each (60)
  bench pst [--large N]  time the reading of whole files beside pffexport, readpst and outlook-pst; writes
                         benches/results/pst.md
  bench import [--compared N] [--sizes N,N…] [--profile NAME] [FILE…]
                         time a whole import beside readpst, pffexport, notmuch and tantivy alone, and again when little has
                         changed; writes benches/results/import.md
  bench search [--items N] [--folder DIR]
                         how fast a library answers, cold and warm, one caller and eight, beside SQLite's FTS5 and notmuch; writes
                         benches/results/search.md
  bench cache [--items N]
                         what answers kept in memory save, and what they cost; writes benches/results/cache.md
  bench ui [--items N]   how soon the window is there, how fast it answers, how smoothly it scrolls; writes
                         benches/results/ui.md
  screenshots [--walkthrough]
                         pictures of every view, light and dark, at two sizes, into artifacts/e2e/views (or those of the
                         documentation into docs/images)
  help                   this
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match chore(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            shell::complain(format_args!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn chore(arguments: &[String]) -> Result<(), Failure> {
    let project = Project::find()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", files @ ..] => run::run(&project, files),
        ["test", "--list"] => test::list(),
        ["test", steps @ ..] => test::test(&project, steps),
        ["tidy"] => tidy::tidy(&project),
        ["codegen"] => codegen::write(&project),
        ["generate", arguments @ ..] => generate::generate(&project, arguments),
        ["package", arguments @ ..] => package::package(&project, arguments),
        ["compare", arguments @ ..] => compare::compare(&project, arguments),
        ["fuzz", arguments @ ..] => fuzz::fuzz(&project, arguments),
        ["bench", "pst", arguments @ ..] => bench::pst(&project, arguments),
        ["bench", "search", arguments @ ..] => bench::search(&project, arguments),
        ["bench", "cache", arguments @ ..] => bench::cache(&project, arguments),
        ["bench", "ui", arguments @ ..] => bench::ui(&project, arguments),
        ["screenshots", arguments @ ..] => screenshots::screenshots(&project, arguments),
        ["bench", "import", files @ ..] => bench::import(&project, files),
        [] | ["help" | "--help" | "-h"] => {
            say(HELP.trim_end());
            Ok(())
        }
        _ => Err(Failure::new(format!("there is no chore `{}`\n\n{HELP}", words.join(" ")))),
    }
}
