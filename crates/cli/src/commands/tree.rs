//! `mailscope tree PATH`

use crate::output::say;
use crate::output::{self, number, plain};
use crate::{CommandResult, Failure, Outcome};
use indicatif::ProgressBar;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    expected: u64,
    found: u64,
    recovered: u64,
    failed: u64,
    partial: u64,
    hidden: u64,
}

/// Reads every item of a file, keeps nothing, and prints the account of each folder.
pub fn run(path: &Path, json: bool) -> CommandResult {
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(1) };
    let tree = mailscope_engine::tree(path, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })
    .map_err(|error| Failure::Api(mailscope_api::to_api_error(&error)))?;
    bar.finish_and_clear();
    let mut sum = Line { path: "", expected: 0, found: 0, recovered: 0, failed: 0, partial: 0, hidden: 0 };
    for f in &tree.folders {
        sum.expected += f.expected;
        sum.found += f.found;
        sum.recovered += f.recovered;
        sum.failed += f.failed;
        sum.partial += f.partial;
        sum.hidden += f.hidden;
        if json {
            let (path, hidden) = (f.path.as_str(), f.hidden);
            let line = Line {
                path,
                expected: f.expected,
                found: f.found,
                recovered: f.recovered,
                failed: f.failed,
                partial: f.partial,
                hidden,
            };
            output::json(&line)?;
        } else {
            let name = f.path.rsplit('/').next().unwrap_or_default();
            let indent = "  ".repeat(f.depth as usize);
            let mut line = format!("{indent}{}  {} of {}", plain(name), number(f.found), number(f.expected));
            for (n, what) in [
                (f.recovered, "recovered"),
                (f.failed, "unreadable"),
                (f.partial, "only in part"),
                (f.hidden, "hidden"),
            ] {
                line.push_str(&output::besides(n, what));
            }
            say!("{line}");
        }
    }
    let losses = sum.failed + sum.partial > 0;
    if json {
        let failures: Vec<_> = tree
            .failures
            .iter()
            .map(|(folder, key, reason)| {
                serde_json::json!({ "folder": folder, "node": format!("0x{key:x}"), "reason": reason })
            })
            .collect();
        output::json(&serde_json::json!({
            "path": path, "format": tree.facts.format, "kind": tree.facts.kind, "encryption": tree.facts.encryption,
            "folders": tree.folders.len(), "expected": sum.expected, "found": sum.found, "recovered": sum.recovered,
            "failed": sum.failed, "partial": sum.partial, "hidden": sum.hidden, "failures": failures, "anomalies": tree.anomalies,
        }))?;
    } else {
        for (folder, key, reason) in &tree.failures {
            say!("unreadable: {} 0x{key:x}: {}", plain(folder), plain(reason));
        }
        for anomaly in &tree.anomalies {
            say!("odd: {}", plain(anomaly));
        }
        say!(
            "{} {}, encoding {}: {} of {} items in {} folders, {} recovered, {} unreadable{}",
            tree.facts.format,
            tree.facts.kind,
            tree.facts.encryption,
            number(sum.found),
            number(sum.expected),
            tree.folders.len(),
            number(sum.recovered),
            number(sum.failed),
            output::besides(sum.partial, "only in part")
        );
    }
    Ok(if losses { Outcome::WithLosses } else { Outcome::Well })
}
