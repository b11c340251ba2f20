//! How far the imports are, told where it is seen without the window: in the task bar while they run, and in a notification at
//! the end of a long one.

use crate::host::Host;
use crate::preferences::put_first;
use crate::{outside, window};
use mailscope_api::{Job, JobId, JobState};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager as _};

/// An import that took less is seen to its end by whoever started it. In seconds.
const LONG: f64 = 10.0;

/// Follows the jobs of one service.
pub struct Progress {
    app: AppHandle,
    library: PathBuf,
    /// Items done and planned of each job that runs.
    running: HashMap<JobId, (u64, u64)>,
    /// Jobs whose file is among the recent ones.
    remembered: HashSet<JobId>,
    ended: HashSet<JobId>,
    /// What the task bar shows, in percent.
    shown: Option<u64>,
}

impl Progress {
    /// Follows the jobs of the library in the folder `library`.
    pub fn new(app: AppHandle, library: PathBuf) -> Self {
        let (running, remembered, ended) = (HashMap::new(), HashSet::new(), HashSet::new());
        Self { app, library, running, remembered, ended, shown: None }
    }

    /// Takes in what became of a job.
    pub fn hear(&mut self, job: &Job) {
        if job.state == JobState::Reading && self.remembered.insert(job.id) {
            self.remember(Path::new(&job.path));
        }
        if is_over(job) {
            self.running.remove(&job.id);
            if self.ended.insert(job.id) {
                self.notify(job);
            }
        } else {
            self.running.insert(job.id, (job.processed, job.planned));
        }
        self.show(percent(self.running.values()));
    }

    /// Takes everything back that is shown.
    pub fn clear(&mut self) {
        self.running.clear();
        self.show(None);
    }

    fn show(&mut self, percent: Option<u64>) {
        if self.shown != percent {
            self.shown = percent;
            outside::show_progress(&self.app, percent);
        }
    }

    /// The sample mailbox lies in the library, and is nobody's file.
    fn remember(&self, file: &Path) {
        if !file.starts_with(&self.library) {
            self.app.state::<Host>().memory.change(|kept| put_first(&mut kept.recent, file));
        }
    }

    fn notify(&self, job: &Job) {
        let wished = self.app.state::<Host>().memory.kept().wishes.unwrap_or_default().notify;
        let Some((title, body)) = words(job).filter(|_| wished && !window::is_looked_at(&self.app)) else {
            return;
        };
        let app = self.app.clone();
        // Apart: a desktop may take its time.
        tauri::async_runtime::spawn_blocking(move || outside::notify(&app, &title, &body));
    }
}

fn is_over(job: &Job) -> bool {
    matches!(job.state, JobState::Done | JobState::Cancelled | JobState::Failed)
}

/// How far the jobs are, in percent; nothing while none runs.
fn percent<'a>(running: impl Iterator<Item = &'a (u64, u64)>) -> Option<u64> {
    let (mut done, mut planned, mut any) = (0_u64, 0_u64, false);
    for job in running {
        any = true;
        done = done.saturating_add(job.0.min(job.1));
        planned = planned.saturating_add(job.1);
    }
    any.then(|| done.saturating_mul(100) / planned.max(1))
}

/// Title and text for the end of a job; nothing where it is not worth saying.
fn words(job: &Job) -> Option<(String, String)> {
    if job.seconds < LONG {
        return None;
    }
    let counts = &job.counts;
    let mut text = format!("{} items", thousands(counts.items));
    if counts.recovered > 0 {
        text.push_str(&format!(", {} recovered", thousands(counts.recovered)));
    }
    if counts.failed > 0 {
        text.push_str(&format!(", {} unreadable", thousands(counts.failed)));
    }
    match job.state {
        JobState::Done => Some((format!("{} is read", job.name), text)),
        JobState::Failed => {
            let why =
                job.error.as_ref().map_or_else(|| "Reading stopped.".into(), |error| error.message.clone());
            Some((format!("{} could not be read to its end", job.name), why))
        }
        // Whoever cancels knows.
        _ => None,
    }
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailscope_api::{ApiError, Counts, ErrorCode};

    #[test]
    fn jobs_share_one_bar() {
        let check = |jobs: &[(u64, u64)], expected| assert_eq!(percent(jobs.iter()), expected, "{jobs:?}");
        check(&[], None);
        check(&[(0, 0)], Some(0));
        check(&[(50, 100)], Some(50));
        check(&[(100, 100), (0, 300)], Some(25));
        check(&[(7, 5)], Some(100));
        check(&[(u64::MAX, u64::MAX), (1, 1)], Some(1));
    }

    #[test]
    fn only_the_end_of_a_long_import_is_told() {
        let job = |state, seconds| Job {
            id: JobId(1),
            source: None,
            name: "old.pst".into(),
            path: "/old.pst".into(),
            state,
            planned: 0,
            processed: 0,
            counts: Counts { items: 82_004, failed: 4, ..Counts::default() },
            new: 0,
            updated: 0,
            removed: 0,
            unchanged: 0,
            bytes: 0,
            size: 0,
            seconds,
            format: String::new(),
            encryption: String::new(),
            folders: 0,
            anomalies: 0,
            same_as: None,
            seconds_left: None,
            note: None,
            error: None,
        };
        let check = |job: &Job, expected: Option<(&str, &str)>| {
            let said = words(job);
            let said = said.as_ref().map(|(title, text)| (title.as_str(), text.as_str()));
            assert_eq!(said, expected, "{:?} after {} s", job.state, job.seconds);
        };
        check(&job(JobState::Done, 3.0), None);
        check(&job(JobState::Done, 60.0), Some(("old.pst is read", "82,004 items, 4 unreadable")));
        check(&job(JobState::Cancelled, 60.0), None);
        let error = Some(ApiError {
            code: ErrorCode::NoSpace,
            message: "The disk is full.".into(),
            advice: String::new(),
            detail: None,
        });
        let failed = Job { error, ..job(JobState::Failed, 60.0) };
        check(&failed, Some(("old.pst could not be read to its end", "The disk is full.")));
    }
}
