//! `mailscope report SOURCE -o FILE`

use crate::output::say;
use crate::output::{self, number, plain};
use crate::{CommandResult, Failure, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use mailscope_api::{ApiError, Commands, Empty, ErrorCode, Service, to_api_error};
use mailscope_engine::SourceId;
use std::fmt::Write as _;
use std::path::Path;

/// Writes the account of a source to `to`.
pub fn run(service: &Service, source: &str, to: &Path, json: bool) -> CommandResult {
    let source = find(service, source)?;
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(1) };
    if let Ok(style) = ProgressStyle::with_template("digests {bar:32} {bytes}/{total_bytes} {eta:>4} left") {
        bar.set_style(style);
    }
    let progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let written = service.library().write_report(source, to, &progress);
    bar.finish_and_clear();
    let report = written.map_err(|error| Failure::Api(to_api_error(&error)))?;
    let (sum, gone) = report.sum();
    if json {
        let (blake3, sha256) = match &report.digests {
            Ok(digests) => (Some(hex(&digests.blake3)), Some(hex(&digests.sha256))),
            Err(_) => (None, None),
        };
        output::json(&serde_json::json!({
            "report": to, "path": report.source.path, "expected": sum.expected, "items": sum.items, "failed": sum.failed,
            "recovered": sum.recovered, "gone": gone, "anomalies": report.anomalies.len(), "blake3": blake3, "sha256": sha256,
        }))?;
    } else {
        say!(
            "{}: {} of {} items, {} unreadable, {} recovered, {} no longer in the file; {}",
            plain(&report.source.name),
            number(sum.items),
            number(sum.expected),
            number(sum.failed),
            number(sum.recovered),
            number(gone),
            to.display()
        );
        if let Err(reason) = &report.digests {
            say!("No digests: {}", plain(reason));
        }
    }
    Ok(if sum.failed > 0 { Outcome::WithLosses } else { Outcome::Well })
}

/// The source of this number or name. A file whose name is a number is found by its number alone.
fn find(service: &Service, asked: &str) -> Result<SourceId, ApiError> {
    if let Ok(number) = asked.parse() {
        return Ok(SourceId(number));
    }
    let sources = service.sources(Empty {})?.sources;
    let same: Vec<_> =
        sources.iter().filter(|source| source.name.to_lowercase() == asked.to_lowercase()).collect();
    match same.as_slice() {
        [one] => Ok(SourceId(one.id.0)),
        [] => Err(ApiError {
            code: ErrorCode::NoSuch,
            message: format!("There is no source called {asked}."),
            advice: "`mailscope sources` shows what there is.".into(),
            detail: None,
        }),
        several => {
            let numbers: Vec<String> = several.iter().map(|source| source.id.0.to_string()).collect();
            Err(ApiError {
                code: ErrorCode::BadRequest,
                message: format!("{} sources are called {asked}.", several.len()),
                advice: format!("Name one by its number: {}.", numbers.join(", ")),
                detail: None,
            })
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
