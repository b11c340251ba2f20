//! `mailscope watch add|remove|list|run`, and what `mailscope import --watch` does after the import.

use super::import;
use crate::args::Watch;
use crate::output::say;
use crate::output::{self, plain};
use crate::{CommandResult, Outcome};
use mailscope_api::{ApiError, Commands, Empty, ErrorCode, JobId, JobState, Service, WatchRequest, Watched};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const POLL: Duration = Duration::from_millis(200);

/// Runs one of the commands about watching.
pub async fn run(service: &Arc<Service>, what: Watch, json: bool) -> CommandResult {
    match what {
        Watch::Add { paths } => {
            add(service, &paths)?;
            list(&service.watched(Empty {})?, json)
        }
        Watch::Remove { paths } => {
            for path in &paths {
                remove(service, path)?;
            }
            list(&service.watched(Empty {})?, json)
        }
        Watch::List => list(&service.watched(Empty {})?, json),
        Watch::Run => stay(service, json).await,
    }
}

/// Watches `paths` from now on.
///
/// # Errors
/// For the first that cannot be watched; those before it are.
pub fn add(service: &Service, paths: &[PathBuf]) -> Result<(), ApiError> {
    for path in paths {
        service.watch(WatchRequest { path: path.to_string_lossy().into_owned(), watched: true })?;
    }
    Ok(())
}

fn remove(service: &Service, path: &Path) -> Result<(), ApiError> {
    let known = service.watched(Empty {})?.paths;
    // What is away has no canonical path any more, and is named as the list shows it.
    let named = path.canonicalize().unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned();
    if !known.contains(&named) {
        return Err(ApiError {
            code: ErrorCode::NoSuch,
            message: format!("{named} is not watched."),
            advice: "`mailscope watch list` shows what is.".into(),
            detail: None,
        });
    }
    service.watch(WatchRequest { path: named, watched: false })?;
    Ok(())
}

fn list(watched: &Watched, json: bool) -> CommandResult {
    if json {
        output::json(watched)?;
        return Ok(Outcome::Well);
    }
    for path in &watched.paths {
        say!("{}", plain(path));
    }
    if watched.paths.is_empty() {
        say!("Nothing is watched.");
    } else {
        say!("Taken in again when they change, while the window or `mailscope watch run` is open.");
    }
    Ok(Outcome::Well)
}

/// Takes in what is watched, and again whenever it changes, until it is told to end. Prints one line for each file that was
/// taken in.
pub async fn stay(service: &Arc<Service>, json: bool) -> CommandResult {
    let watched = service.watched(Empty {})?.paths;
    if watched.is_empty() {
        return Err(ApiError {
            code: ErrorCode::BadRequest,
            message: "Nothing is watched.".into(),
            advice: "Name what to watch first: `mailscope watch add PATH`.".into(),
            detail: None,
        }
        .into());
    }
    let (seen, starting): (Vec<JobId>, _) =
        (service.jobs(Empty {})?.jobs.iter().map(|job| job.id).collect(), service.clone());
    let started = tokio::task::spawn_blocking(move || starting.resume_unfinished()).await;
    match started {
        Ok(outcome) => drop(outcome?),
        Err(fault) => tracing_fault(&fault),
    }
    let mut told: HashSet<JobId> = seen.into_iter().collect();
    if !json {
        eprintln!("Watching {} paths. Ctrl-C ends it.", watched.len());
    }
    let mut lost = false;
    loop {
        for job in service.jobs(Empty {})?.jobs {
            let over = matches!(job.state, JobState::Done | JobState::Cancelled | JobState::Failed);
            if over && told.insert(job.id) {
                lost |= job.state == JobState::Failed || job.counts.failed > 0;
                import::tell(&job, json)?;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = told_to_end() => return Ok(if lost { Outcome::WithLosses } else { Outcome::Well }),
        }
    }
}

fn tracing_fault(fault: &tokio::task::JoinError) {
    eprintln!("mailscope: what was not ended is not gone on with: {fault}");
}

/// Returns when a person, or the system, wants this process to end.
async fn told_to_end() {
    #[cfg(unix)]
    if let Ok(mut end) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
