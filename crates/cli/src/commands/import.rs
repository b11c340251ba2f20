//! `mailscope import PATH…`

use crate::output::say;
use crate::output::{self, many, number, plain, size};
use crate::{CommandResult, Outcome};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use mailscope_api::{
    ApiError, Commands, Counts, Empty, ErrorCode, ImportRequest, Job, JobId, JobState, Refused, Service,
    Texts,
};
use mailscope_engine::monitor::{Stage, peak_memory};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;

const POLL: Duration = Duration::from_millis(50);

#[derive(Debug, Default, Serialize)]
struct Numbers {
    files: u64,
    folders: u64,
    #[serde(flatten)]
    counts: Counts,
    new: u64,
    updated: u64,
    removed: u64,
    unchanged: u64,
    bytes: u64,
    seconds: f64,
    items_per_second: f64,
    peak_rss_bytes: u64,
}

#[derive(Serialize)]
struct FileLine<'a> {
    path: &'a str,
    format: &'a str,
    encryption: &'a str,
    state: JobState,
    anomalies: u64,
    #[serde(flatten)]
    numbers: Numbers,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a ApiError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ApiError>,
}

#[derive(Serialize)]
struct Summary<'a> {
    #[serde(flatten)]
    numbers: Numbers,
    /// What could not be imported.
    losses: Vec<Loss<'a>>,
    /// The account of attachments' text in the whole library, where attachments are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments_text: Option<Texts>,
    /// Why not all attachments were read that were to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments_problem: Option<&'a str>,
    /// Seconds of all threads together, by what they did.
    stages: BTreeMap<&'static str, f64>,
}

#[derive(Serialize)]
struct Loss<'a> {
    path: &'a str,
    error: &'a ApiError,
}

/// Imports `paths` and waits for the end.
pub async fn run(service: &Arc<Service>, paths: &[PathBuf], json: bool) -> CommandResult {
    let started = Instant::now();
    let request = ImportRequest { paths: paths.iter().map(|p| p.to_string_lossy().into_owned()).collect() };
    let importing = Commands::import(service.as_ref(), request)?;
    let jobs = wait(service, &importing.jobs, json).await?;
    // At once where attachments are not to be read.
    let waiting = service.clone();
    let _ = tokio::task::spawn_blocking(move || waiting.library().wait_texts()).await;
    let reading = service.sources(Empty {})?.reading;
    let texts = reading.enabled.then_some(reading.texts);
    if let Some(problem) = &reading.problem {
        eprintln!("attachments are not read: {}", plain(problem));
    }
    let attachments = Attachments { texts, problem: reading.problem.as_deref() };
    report(&jobs, &importing.refused, started.elapsed(), service.library().stages(), attachments, json)
}

/// What became of the text of attachments.
struct Attachments<'a> {
    texts: Option<Texts>,
    problem: Option<&'a str>,
}

/// Shows progress until all jobs have ended.
async fn wait(service: &Arc<Service>, ids: &[JobId], json: bool) -> Result<Vec<Job>, ApiError> {
    let bars = (!json).then(MultiProgress::new);
    let mut shown: HashMap<JobId, ProgressBar> = HashMap::new();
    let mut cancelling = false;
    // The end of a job is told; what there is to see of its progress is looked up.
    let mut events = service.subscribe();
    let mut is_told = true;
    loop {
        let jobs: Vec<Job> =
            service.jobs(Empty {})?.jobs.into_iter().filter(|job| ids.contains(&job.id)).collect();
        let ended = |job: &Job| matches!(job.state, JobState::Done | JobState::Cancelled | JobState::Failed);
        if let Some(bars) = &bars {
            for job in &jobs {
                if ended(job) {
                    if let Some(bar) = shown.remove(&job.id) {
                        bar.finish_and_clear();
                    }
                } else if job.state != JobState::Queued {
                    let bar = shown.entry(job.id).or_insert_with(|| bars.add(bar(&job.name)));
                    bar.set_length(job.planned.max(1));
                    bar.set_position(job.processed);
                }
            }
        }
        if jobs.iter().all(ended) {
            return Ok(jobs);
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            event = events.recv(), if is_told => is_told = !matches!(event, Err(RecvError::Closed)),
            // The first Ctrl-C stops at a clean point; what is committed stays.
            _ = tokio::signal::ctrl_c(), if !cancelling => {
                cancelling = true;
                for id in ids {
                    let _ = service.cancel(mailscope_api::JobRequest { job: *id });
                }
            }
        }
    }
}

fn bar(name: &str) -> ProgressBar {
    const TEMPLATE: &str = "{msg:30!} {bar:32} {pos:>9}/{len} items  {per_sec:>14}  {eta:>4} left";
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style);
    }
    bar.set_message(plain(name));
    bar
}

fn numbers(job: &Job) -> Numbers {
    Numbers {
        files: 1,
        folders: job.folders,
        counts: job.counts,
        new: job.new,
        updated: job.updated,
        removed: job.removed,
        unchanged: job.unchanged,
        bytes: job.bytes,
        seconds: job.seconds,
        items_per_second: job.processed as f64 / job.seconds.max(1e-6),
        peak_rss_bytes: peak_memory().unwrap_or_default(),
    }
}

fn report(
    jobs: &[Job],
    refused: &[Refused],
    took: Duration,
    stages: [f64; Stage::ALL.len()],
    Attachments { texts, problem }: Attachments<'_>,
    json: bool,
) -> CommandResult {
    let mut sum = Numbers::default();
    let mut losses: Vec<Loss<'_>> = refused.iter().map(|r| Loss { path: &r.path, error: &r.error }).collect();
    let mut processed = 0;
    for job in jobs {
        let n = numbers(job);
        sum.files += 1;
        sum.folders += n.folders;
        add(&mut sum.counts, &n.counts);
        sum.new += n.new;
        sum.updated += n.updated;
        sum.removed += n.removed;
        sum.unchanged += n.unchanged;
        sum.bytes += n.bytes;
        processed += job.processed;
        losses.extend(job.error.as_ref().map(|error| Loss { path: &job.path, error }));
        let cut_off = job.note.as_ref().filter(|note| note.code == ErrorCode::Truncated);
        losses.extend(cut_off.map(|error| Loss { path: &job.path, error }));
        tell(job, json)?;
    }
    sum.seconds = took.as_secs_f64();
    sum.items_per_second = processed as f64 / sum.seconds.max(1e-6);
    sum.peak_rss_bytes = peak_memory().unwrap_or_default();
    let cancelled = jobs.iter().any(|job| job.state == JobState::Cancelled);
    // What was committed before a job failed stays in the library.
    let nothing_done = jobs.iter().all(|job| job.state == JobState::Failed && job.processed == 0);
    let not_done = nothing_done && !losses.is_empty();
    let some_lost =
        !losses.is_empty() || cancelled || problem.is_some() || sum.counts.failed + sum.counts.partial > 0;
    if json {
        let stages = Stage::ALL.iter().map(|stage| stage.name()).zip(stages).collect();
        output::json(&Summary {
            numbers: sum,
            losses,
            attachments_text: texts,
            attachments_problem: problem,
            stages,
        })?;
    } else {
        for loss in &losses {
            let what = if loss.error.code == ErrorCode::Truncated { "not whole" } else { "not imported" };
            eprintln!("{what}: {}: {} {}", plain(loss.path), plain(&loss.error.message), loss.error.advice);
            if let Some(detail) = &loss.error.detail {
                eprintln!("({})", plain(detail));
            }
        }
        // Of nothing there is nothing to count.
        if !not_done {
            print_sum(&sum);
        }
        if let Some(line) = texts.and_then(|texts| super::sources::texts(&texts)) {
            say!("{line}");
        }
    }
    // Each reason was told once, by its own line or by the summary.
    Ok(match some_lost {
        _ if not_done => Outcome::NotDone,
        true => Outcome::WithLosses,
        false => Outcome::Well,
    })
}

/// One line about a job that has ended.
///
/// # Errors
/// When standard output cannot be written.
pub fn tell(job: &Job, json: bool) -> std::io::Result<()> {
    if !json {
        print_job(job);
        return Ok(());
    }
    output::json(&FileLine {
        path: &job.path,
        format: &job.format,
        encryption: &job.encryption,
        state: job.state,
        anomalies: job.anomalies,
        numbers: numbers(job),
        note: job.note.as_ref(),
        error: job.error.as_ref(),
    })
}

fn add(sum: &mut Counts, n: &Counts) {
    sum.expected += n.expected;
    sum.items += n.items;
    sum.failed += n.failed;
    sum.recovered += n.recovered;
    sum.partial += n.partial;
    sum.hidden_items += n.hidden_items;
    sum.attachments += n.attachments;
    sum.embedded_messages += n.embedded_messages;
}

fn print_job(job: &Job) {
    let c = &job.counts;
    let mut line = format!("{}: {} of {} items", plain(&job.name), number(c.items), number(c.expected));
    for (n, what) in [
        (c.failed, "unreadable"),
        (c.partial, "only in part"),
        (c.recovered, "recovered"),
        (job.updated, "changed"),
        (job.removed, "no longer in the file"),
        (job.unchanged, "unchanged"),
        (c.attachments, "attachments"),
    ] {
        line.push_str(&output::besides(n, what));
    }
    match (&job.state, &job.note) {
        (JobState::Cancelled, _) => line.push_str(" (cancelled: what was taken in stays)"),
        (JobState::Failed, _) => line.push_str(" (failed)"),
        (_, Some(note)) if note.code == ErrorCode::Truncated => line.push_str(" (the file is cut off)"),
        (_, Some(note)) => line.push_str(&format!(" ({})", note.message)),
        _ => {}
    }
    say!("{line}");
}

fn print_sum(sum: &Numbers) {
    say!(
        "{}, {}: {} of {} items, {} unreadable, {} attachments; {} in {:.1} s, {:.0} items/s, peak memory {}",
        many(sum.files, "file"),
        many(sum.folders, "folder"),
        number(sum.counts.items),
        number(sum.counts.expected),
        number(sum.counts.failed),
        number(sum.counts.attachments),
        size(sum.bytes),
        sum.seconds,
        sum.items_per_second,
        size(sum.peak_rss_bytes)
    );
}
