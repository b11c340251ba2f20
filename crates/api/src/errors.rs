//! From the engine's typed errors to a code for programs and sentences for people.

use crate::types::{ApiError, ErrorCode};
use mailscope_engine::{Error, SourceProblem};
use std::path::Path;

/// The error as hosts see it.
pub fn to_api(error: &Error) -> ApiError {
    let (code, message, advice) = sentence(error);
    let detail = match error {
        // Where a query can be marked, the place is seen; elsewhere it must be said.
        Error::BadQuery(error) => Some(format!("at character {}", error.at.start + 1)),
        error => Some(chain(error)).filter(|detail| *detail != message),
    };
    ApiError { code, message, advice: advice.to_owned(), detail }
}

/// A number with thousands apart: 1,204,332.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn sentence(error: &Error) -> (ErrorCode, String, &'static str) {
    match error {
        Error::Source { path, problem } => source_sentence(path, problem),
        Error::AlreadyImporting { path } => (
            ErrorCode::AlreadyImporting,
            format!("{} is being imported already.", name(path)),
            "Its progress is shown among the sources.",
        ),
        Error::LibraryInUse { path } => (
            ErrorCode::LibraryInUse,
            format!("The library in {} is open in another Mailscope.", path.display()),
            "Close the other one, or choose another library (in a terminal with --library DIR).",
        ),
        Error::LibraryUnusable { path, reason } => (
            ErrorCode::LibraryUnusable,
            format!("The library in {} cannot be used: {reason}.", path.display()),
            if reason.contains("later version") {
                "Update Mailscope, or choose another library. Nothing was changed."
            } else {
                "Put back a copy of the folder if there is one. Otherwise choose an empty folder and import the files again: \
                 they were not touched."
            },
        ),
        Error::LibraryUnfinished { path, reason } => (
            ErrorCode::LibraryUnusable,
            format!("The library in {} cannot be read yet: {reason}.", path.display()),
            "Open it once where it can be written to, in the window or by: mailscope verify. Where that is not allowed, copy its \
             folder to a place of your own first.",
        ),
        Error::LibraryReadOnly { path, .. } => (
            ErrorCode::PermissionDenied,
            format!("Nothing may be written to the library in {}.", path.display()),
            "It can be searched, read and exported as it is. To change it, have writing there allowed, or copy the folder to a place \
             of your own and open that.",
        ),
        Error::Watch { path, .. } => (
            ErrorCode::Io,
            format!("{} cannot be watched.", path.display()),
            "It can still be imported by hand. Where very many files are watched, watch a folder above them instead.",
        ),
        Error::NoSpace { path } => (
            ErrorCode::NoSpace,
            format!("There is no space left on the disk of {}.", path.display()),
            "Make room, then start it again: what was taken in or written stays, and only the rest is done.",
        ),
        Error::BadQuery(error) => {
            (ErrorCode::BadQuery, format!("{}.", error.message.trim_end_matches('.')), "Change the query.")
        }
        Error::BadReview(reason) => (ErrorCode::BadRequest, reason.clone(), "Change it, then try again."),
        Error::BadCursor => (
            ErrorCode::BadRequest,
            "The next page asked for does not belong to these results.".into(),
            "Search again.",
        ),
        Error::NoSuch { what, id } => (
            ErrorCode::NoSuch,
            format!("There is no {what} with the number {id}."),
            "It may have been removed meanwhile.",
        ),
        Error::SourceAway { path, .. } => (
            ErrorCode::SourceAway,
            format!("{} cannot give this now.", name(path)),
            "Put the file back where it was, or import it again. Its text can still be read and searched.",
        ),
        Error::WouldOverwriteSource { path } => (
            ErrorCode::PermissionDenied,
            format!("{} is a source of the library and is never written to.", name(path)),
            "Choose another place.",
        ),
        Error::WouldOverwrite { path } => (
            ErrorCode::PermissionDenied,
            format!("{} is there already, and no export has written it.", path.display()),
            "Choose another folder, or move that file away.",
        ),
        Error::BeingExported { path } => (
            ErrorCode::BadRequest,
            format!("An export of this form is being written to {} already.", path.display()),
            "Wait until it has ended, or choose another folder.",
        ),
        Error::Cancelled => {
            (ErrorCode::Cancelled, "The work was cancelled.".into(), "What was taken in stays.")
        }
        Error::Io { path, doing, .. } => (
            ErrorCode::Io,
            format!("{} {} failed.", capital(doing), path.display()),
            "Check that the disk is there and may be written, then try again.",
        ),
        Error::WriterGone => {
            (ErrorCode::Internal, "The library is being closed.".into(), "Start Mailscope again.")
        }
        // The query is checked before the index is asked; what fails there is a file of it that is damaged or away.
        Error::Index(_) | Error::IndexDamaged => (
            ErrorCode::LibraryUnusable,
            "The library's index is damaged.".into(),
            "Run `mailscope verify --repair`: it builds the index anew from what the library keeps. Nothing is lost.",
        ),
        error if error.is_corrupt() => (
            ErrorCode::LibraryUnusable,
            "The library's database is damaged.".into(),
            "Put back a copy of the library's folder if there is one. Otherwise choose an empty folder and import the files again: they were not touched.",
        ),
        Error::Sqlite(_) | Error::Pool(_) | Error::Internal(_) => (
            ErrorCode::Internal,
            "Something went wrong inside Mailscope.".into(),
            "Try again; if it stays, start Mailscope again. Your files are untouched.",
        ),
    }
}

fn source_sentence(path: &Path, problem: &SourceProblem) -> (ErrorCode, String, &'static str) {
    let name = name(path);
    match problem {
        SourceProblem::NotFound => (
            ErrorCode::NotFound,
            format!("{name} is not there."),
            "Check the path, or plug the disk in that holds it.",
        ),
        SourceProblem::PermissionDenied => (
            ErrorCode::PermissionDenied,
            format!("{name} may not be read."),
            "Give yourself the right to read it, or copy it to a place of your own.",
        ),
        SourceProblem::Empty => (
            ErrorCode::EmptyFile,
            format!("{name} is empty: it has no bytes at all."),
            "Copy it again from where it came.",
        ),
        SourceProblem::NotOutlook { .. } => (
            ErrorCode::NotOutlook,
            format!("{name} is not an Outlook data file."),
            "Mailscope reads PST and OST files, whatever they are called.",
        ),
        SourceProblem::Truncated { .. } => (
            ErrorCode::Truncated,
            format!("{name} is cut off: it ends before its first structures do."),
            "Copy it again from where it came; a copy or download may have been broken off.",
        ),
        SourceProblem::UnsupportedVersion { version } => (
            ErrorCode::UnsupportedVersion,
            format!("{name} is an Outlook file of an unknown version ({version})."),
            "Please report it, so that it can be supported.",
        ),
        SourceProblem::Unreadable { .. } => (
            ErrorCode::Unreadable,
            format!("{name} is too damaged for anything to be read."),
            "Look for an earlier copy of the file.",
        ),
        SourceProblem::NoOutlookFiles => (
            ErrorCode::NoOutlookFiles,
            format!("There is no Outlook data file in {name}."),
            "Choose a folder that holds PST or OST files, at any depth.",
        ),
        SourceProblem::Io(_) => (
            ErrorCode::Io,
            format!("Reading {name} failed."),
            "Check the disk or the connection to it, then try again.",
        ),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}
