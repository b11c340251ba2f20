//! `mailscope report SOURCE -o FILE`

use super::source_called;
use crate::output::say;
use crate::output::{self, number, plain};
use crate::{CommandResult, Failure, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use mailscope_api::{Service, to_api_error};
use std::fmt::Write as _;
use std::path::Path;

/// Writes the account of a source to `to`.
pub fn run(service: &Service, source: &str, to: &Path, json: bool) -> CommandResult {
    let source = source_called(service, source)?;
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
