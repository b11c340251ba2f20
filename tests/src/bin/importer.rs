//! Imports files and ends itself, as a power cut would, when the import has reached a named point for the n-th time.
//!
//! `importer LIBRARY POINT N FILE…`; exit status 0 when the import ended before. With `pause:POINT` it lets all imports wait there, and ends
//! itself once they do, a moment later.
#![forbid(unsafe_code)]

use mailscope_engine::contents::{Reading, serve_if_asked};
use mailscope_engine::{JobState, Library, LibraryOptions, Point};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long imports wait before the process ends: until then it is written down that they do.
const MOMENT: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    // As a child it reads attached files.
    if let Some(ended) = serve_if_asked() {
        return ended;
    }
    let mut arguments = std::env::args_os().skip(1);
    let (Some(library), Some(point), Some(nth)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return ExitCode::from(2);
    };
    let Some(point) = point.to_str() else { return ExitCode::from(2) };
    let (point, pauses) = point.strip_prefix("pause:").map_or((point, false), |point| (point, true));
    let point = Point::ALL.into_iter().find(|known| format!("{known:?}") == point);
    let (Some(point), Some(nth)) = (point, nth.to_str().and_then(|n| n.parse::<u64>().ok())) else {
        return ExitCode::from(2);
    };
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let reached = AtomicU64::new(0);
    let (comes_there, is_there) = channel();
    let observe = move |now: Point| {
        if now == point && reached.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            if !pauses {
                std::process::abort();
            }
            // Whoever waits for it may have ended.
            let _ = comes_there.send(());
        }
    };
    let options = LibraryOptions {
        observe: Box::new(observe),
        threads: 2,
        attachments: Reading::by_this_program().ok(),
        ..LibraryOptions::new(PathBuf::from(library))
    };
    match Library::open(options) {
        Ok(library) => {
            library.import(&files);
            if pauses && is_there.recv_timeout(Duration::from_secs(60)).is_ok() {
                wait_and_die(&library);
            }
            library.wait_idle();
            library.wait_texts();
            library.close();
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}

/// Lets all imports wait, and ends the process if any does.
fn wait_and_die(library: &Library) {
    let jobs = library.jobs();
    for job in &jobs {
        // One that has ended meanwhile cannot wait.
        let _ = library.pause(job.id);
    }
    let states = || library.jobs().into_iter().map(|job| job.state);
    while !states().all(|state| state == JobState::Paused || state.is_final()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    if states().any(|state| state == JobState::Paused) {
        std::thread::sleep(MOMENT);
        std::process::abort();
    }
}
