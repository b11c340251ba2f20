//! One module per command.

pub mod export;
pub mod import;
pub mod manual;
pub mod monitor;
pub mod report;
pub mod review;
pub mod sample;
pub mod search;
pub mod show;
pub mod sources;
pub mod stats;
pub mod thread;
pub mod tree;
pub mod verify;
pub mod watch;

use mailscope_api::{Service, to_api_error};

/// Waits for the index: this process ends with its answer, so that it must wait where a window would show more as it comes. Says whether
/// results may be missing all the same.
fn settle(service: &Service) -> bool {
    match service.library().settle() {
        Ok(()) => false,
        Err(error) => {
            eprintln!(
                "mailscope: the index is not up to date, results may be missing: {}",
                to_api_error(&error).message
            );
            true
        }
    }
}
