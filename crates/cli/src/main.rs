//! `mailscope`: the engine of Mailscope without a window.
#![forbid(unsafe_code)]
// What goes wrong is said on standard error; standard output is written by `output` alone.
#![allow(clippy::print_stderr)]

mod args;
mod commands;
mod denials;
mod output;

use args::{Arguments, Command};
use clap::Parser;
use mailscope_api::{ApiError, ErrorCode, Service, ServiceOptions};
use mailscope_engine::Access;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

// What workers allocate, the writer frees: the system's allocators keep growing pieces of that.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How long a command that writes waits for another one that has the library open.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a command ended: the exit status of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All well.
    Well,
    /// Done, with losses that the summary names.
    WithLosses,
    /// Nothing could be done, as the summary says.
    NotDone,
}

/// Why a command could not be done.
#[derive(Debug)]
pub enum Failure {
    /// What the API says.
    Api(ApiError),
    /// Standard output went away.
    Output(std::io::Error),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

/// What can be asked, from the one table of fields; the last part of the help of `search`.
fn manual_of_queries() -> String {
    let mut text = String::from(
        "Queries\n  Words are joined by \"and\". OR joins alternatives, - or NOT denies, ( ) groups.\n  \"two words\" a phrase, \
         word* a beginning, w*rd and w?rd anything like it, word~ something near it,\n  \"two words\"~5 words no further apart, one \
         NEAR/3 other the same.\n\nFields\n",
    );
    for field in mailscope_engine::fields::FIELDS {
        let others = field.aliases.join(", ");
        let others = if others.is_empty() { others } else { format!(" Also: {others}.") };
        text.push_str(&format!("  {:<34} {}{others}\n", field.example, field.help));
    }
    text.truncate(text.trim_end().len());
    text
}

/// The columns of exported tables, as docs/columns.md tells them.
fn manual_of_columns() -> String {
    let mut text = String::from("Columns of tables (csv, jsonl, parquet; more in docs/columns.md)\n");
    let rows = include_str!("../../../docs/columns.md").lines().filter(|line| line.starts_with("| `"));
    for row in rows {
        let mut cells = row.trim_matches('|').split(" | ").map(|cell| plain(cell.trim()));
        let (names, what) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        text.push_str(&format!("  {names:<26} {what}\n"));
    }
    text.truncate(text.trim_end().len());
    text
}

/// A line of Markdown without its marks of code and links in brackets.
fn plain(line: &str) -> String {
    let line = line.replace('`', "");
    match (line.find(" (["), line.rfind("))")) {
        (Some(from), Some(to)) if from < to => line[..from].to_owned() + &line[to + 2..],
        _ => line,
    }
}

/// The result of a command.
pub type CommandResult = Result<Outcome, Failure>;

fn main() -> ExitCode {
    if let Some(ended) = mailscope_api::serve_if_asked() {
        return ended;
    }
    start()
}

#[tokio::main]
async fn start() -> ExitCode {
    let arguments = match Arguments::try_parse_from(denials::spelled_out(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    if let Err((problem, status)) = mailscope_api::start_log(arguments.log.as_deref()) {
        eprintln!("mailscope: {problem}");
        return ExitCode::from(status);
    }
    let json = arguments.json;
    let ended = run(arguments).await;
    if let Some(error) = output::failure() {
        eprintln!("mailscope: writing the output failed: {error}");
        return ExitCode::from(1);
    }
    match ended {
        Ok(Outcome::Well) => ExitCode::SUCCESS,
        Ok(Outcome::WithLosses) => ExitCode::from(3),
        Ok(Outcome::NotDone) => ExitCode::from(1),
        // A reader that closes the pipe early (`| head`) has what it wanted.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => {
            eprintln!("mailscope: writing the output failed: {error}");
            ExitCode::from(1)
        }
        Err(Failure::Api(error)) => {
            output::error(&error, json);
            ExitCode::from(if matches!(error.code, ErrorCode::BadQuery | ErrorCode::BadRequest) {
                2
            } else {
                1
            })
        }
    }
}

/// Says what is wrong with the command line; where JSON is asked for, also as the summary. Help and version are no faults.
fn usage(error: &clap::Error) -> ExitCode {
    let mut words = std::env::args_os().skip(1).take_while(|word| word != "--");
    if error.use_stderr() && words.any(|word| word == "--json") {
        // The first paragraph is the fault, in one line or as a list; what follows tells how to call it.
        let said = error.to_string();
        let fault: Vec<&str> = said.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let message = match fault.join(" ").strip_prefix("error: ") {
            Some(fault) => fault.to_owned(),
            None => "There is no command.".to_owned(),
        };
        let advice = "mailscope --help tells what there is.".to_owned();
        let error = ApiError { code: ErrorCode::BadRequest, message, advice, detail: None };
        // If standard output is gone, standard error still tells.
        let _ = output::json(&serde_json::json!({ "error": error }));
    }
    // The same holds the other way round.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

async fn run(arguments: Arguments) -> CommandResult {
    let json = arguments.json;
    match &arguments.command {
        Command::Tree { path } => return commands::tree::run(path, json),
        Command::Sample { out } => return commands::sample::run(out, json),
        Command::Completions { shell } => return commands::manual::completions(*shell),
        Command::Manual { out } => return commands::manual::write(out),
        _ => {}
    }
    output::tell_in(arguments.zone.clone().unwrap_or_else(mailscope_engine::Zone::of_system));
    let service = open(&arguments)?;
    let result = match arguments.command {
        Command::Import { paths, watch, .. } => import(&service, &paths, watch, json).await,
        Command::Watch(what) => commands::watch::run(&service, what, json).await,
        Command::Search(search) => commands::search::run(&service, search, json),
        Command::Show { id, eml: true, path } => commands::show::eml(&service, id, &path),
        Command::Show { id, eml: false, path } => commands::show::run(&service, id, path, json),
        Command::Thread { id } => commands::thread::run(&service, id, json),
        Command::Related { id, limit } => commands::search::related(&service, id, limit, json),
        Command::Tag(tag) => commands::review::tag(&service, tag, json),
        Command::Note(note) => commands::review::note(&service, note, json),
        Command::Flag(mark) => commands::review::flag(&service, mark, json),
        Command::Reviewed(mark) => commands::review::reviewed(&service, mark, json),
        Command::Undo { action } => commands::review::undo(&service, action, json),
        Command::Saved(saved) => commands::review::saved(&service, saved, json),
        Command::Audit(audit) => commands::review::audit(&service, audit, json),
        Command::Stats(stats) => commands::stats::run(&service, stats, json),
        Command::People(people) => commands::people::run(&service, people, json),
        Command::Export(export) => commands::export::run(&service, export, json).await,
        Command::Sources => commands::sources::run(&service, json),
        Command::Report { source, output } => commands::report::run(&service, &source, &output, json),
        Command::Remove { source } => commands::sources::remove(&service, &source, json),
        Command::Monitor { openmetrics } => commands::monitor::run(&service, openmetrics, json),
        Command::Verify { repair } => commands::verify::run(&service, repair, json),
        Command::Tree { .. }
        | Command::Sample { .. }
        | Command::Completions { .. }
        | Command::Manual { .. } => Ok(Outcome::Well),
    };
    service.shutdown();
    result
}

async fn import(
    service: &Arc<Service>,
    paths: &[std::path::PathBuf],
    watch: bool,
    json: bool,
) -> CommandResult {
    let outcome = commands::import::run(service, paths, json).await?;
    if !watch {
        return Ok(outcome);
    }
    commands::watch::add(service, paths)?;
    let later = commands::watch::stay(service, json).await?;
    Ok(if outcome == Outcome::Well { later } else { outcome })
}

fn open(arguments: &Arguments) -> Result<Arc<Service>, ApiError> {
    let defaults = ServiceOptions::default();
    let library = arguments.library.clone().unwrap_or(defaults.library);
    let makes_one = matches!(arguments.command, Command::Import { .. } | Command::Watch(_));
    // A mistyped folder is not to become an empty library in which nothing is found.
    if !makes_one && !mailscope_engine::Library::is_in(&library) {
        return Err(ApiError {
            code: ErrorCode::NotFound,
            message: format!("There is no library in {}.", library.display()),
            advice: "Name another folder with --library, or take a file in first: mailscope import FILE."
                .into(),
            detail: None,
        });
    }
    // What can be answered from a library that another process writes, or to which nothing may be written, is.
    let beside = arguments.command.only_asks();
    let service = Service::open(ServiceOptions {
        library,
        memory_budget: arguments
            .memory_budget
            .map_or(defaults.memory_budget, |mb| mb.saturating_mul(1024 * 1024)),
        // Each command asks once and ends.
        cache: false,
        threads: arguments.threads.unwrap_or(0),
        beside,
        read_only: beside,
        // Commands that follow each other meet the end of the one before.
        patience: if beside { Duration::ZERO } else { PATIENCE },
        attachments: matches!(
            arguments.command,
            Command::Import { attachments_text: true, .. } | Command::Watch(args::Watch::Run)
        ),
    })?;
    let library = service.library();
    // What cannot be told now fails with the command itself.
    if library.access() == Access::ReadOnly && library.is_index_behind().unwrap_or(false) {
        eprintln!(
            "mailscope: nothing may be written to this library, and its index was not finished: searches miss what was taken in last. \
             Copy its folder to a place of your own and search there"
        );
    }
    Ok(service)
}
