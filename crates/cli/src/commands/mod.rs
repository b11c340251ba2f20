//! One module per command.

pub mod export;
pub mod import;
pub mod manual;
pub mod monitor;
pub mod people;
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

use mailscope_api::{ApiError, Commands, Empty, ErrorCode, Service, Source, to_api_error};
use mailscope_engine::SourceId;
use std::path::Path;

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

/// The source of this number, file name or path. A file whose name is a number is found by its number or its path.
fn source_called(service: &Service, asked: &str) -> Result<SourceId, ApiError> {
    if let Ok(number) = asked.parse() {
        return Ok(SourceId(number));
    }
    let sources = service.sources(Empty {})?.sources;
    match matching(&sources, asked).as_slice() {
        [one] => Ok(SourceId(one.id.0)),
        [] => Err(ApiError {
            code: ErrorCode::NoSuch,
            message: format!("There is no source called {asked}."),
            advice: "`mailscope sources` shows what there is.".into(),
            detail: None,
        }),
        several => {
            let names: Vec<String> =
                several.iter().map(|source| format!("{} ({})", source.id.0, source.path)).collect();
            Err(ApiError {
                code: ErrorCode::BadRequest,
                message: format!("{} sources are called {asked}.", several.len()),
                advice: format!("Name one by its number: {}.", names.join(", ")),
                detail: None,
            })
        }
    }
}

/// Sources that are meant by a path or a name: those of this very path, or else all of this name in any case.
fn matching<'s>(sources: &'s [Source], asked: &str) -> Vec<&'s Source> {
    // The file may be away: then only what was typed can be compared.
    let whole = Path::new(asked).canonicalize().ok();
    let is_there = |source: &&Source| {
        source.path == asked || whole.as_deref().is_some_and(|whole| whole == Path::new(&source.path))
    };
    let there: Vec<&Source> = sources.iter().filter(is_there).collect();
    if !there.is_empty() {
        return there;
    }
    sources.iter().filter(|source| source.name.to_lowercase() == asked.to_lowercase()).collect()
}
