//! Imports files and ends itself, as a power cut would, when the import has reached a named point for the n-th time.
//!
//! `importer LIBRARY POINT N FILE…`; exit status 0 when the import ended before.
#![forbid(unsafe_code)]

use mailscope_engine::contents::{Reading, serve_if_asked};
use mailscope_engine::{Library, LibraryOptions, Point};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

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
    let point = Point::ALL.into_iter().find(|known| format!("{known:?}").as_str() == point);
    let (Some(point), Some(nth)) = (point, nth.to_str().and_then(|n| n.parse::<u64>().ok())) else {
        return ExitCode::from(2);
    };
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let reached = AtomicU64::new(0);
    let observe = move |now: Point| {
        if now == point && reached.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            std::process::abort();
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
            library.wait_idle();
            library.wait_texts();
            library.close();
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}
