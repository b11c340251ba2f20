//! `mailscope export QUERY --format FORM -o DIR`

use super::settle;
use crate::args::{Export as Arguments, ExportFormat as Form};
use crate::output::say;
use crate::output::{self, number, plain, size};
use crate::{CommandResult, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use mailscope_api::{
    ApiError, Commands, Empty, ErrorCode, Export, ExportFormat, ExportRequest, ExportState, JobId,
    JobRequest, Service,
};
use std::path::absolute;
use std::sync::Arc;
use std::time::Duration;

/// Items that are named of those that something is wrong with for the same reason.
const MAX_NAMED: usize = 10;
const POLL: Duration = Duration::from_millis(20);

/// Exports what matches and waits for the end.
pub async fn run(service: &Arc<Service>, arguments: Arguments, json: bool) -> CommandResult {
    let behind = settle(service);
    let to = absolute(&arguments.output).unwrap_or_else(|_| arguments.output.clone());
    let request = ExportRequest {
        query: arguments.query.join(" "),
        source: None,
        folder: None,
        ids: None,
        once: arguments.once,
        as_you_type: false,
        zone: output::zone(),
        except: Vec::new(),
        format: match arguments.format {
            Form::Eml => ExportFormat::Eml,
            Form::Mbox => ExportFormat::Mbox,
            Form::Csv => ExportFormat::Csv,
            Form::Jsonl => ExportFormat::Jsonl,
            Form::Parquet => ExportFormat::Parquet,
            Form::Pst => ExportFormat::Pst,
            Form::Attachments => ExportFormat::Attachments,
        },
        to: to.to_string_lossy().into_owned(),
    };
    let started = Commands::export(service.as_ref(), request)?;
    let ended = wait(service, started.id, json).await?;
    report(&ended, behind, json)
}

/// Shows progress until the export has ended.
async fn wait(service: &Arc<Service>, id: JobId, json: bool) -> Result<Export, ApiError> {
    const TEMPLATE: &str = "{bar:32} {pos:>9}/{len} items  {per_sec:>14}  {eta:>4} left";
    let bar = (!json).then(|| ProgressBar::new(1));
    if let (Some(bar), Ok(style)) = (&bar, ProgressStyle::with_template(TEMPLATE)) {
        bar.set_style(style);
    }
    let mut cancelling = false;
    loop {
        let export = service.exports(Empty {})?.exports.into_iter().find(|export| export.id == id);
        let Some(export) = export else {
            return Err(ApiError {
                code: ErrorCode::NoSuch,
                message: "The export is not known any more.".into(),
                advice: "Start it again: it goes on where it was.".into(),
                detail: None,
            });
        };
        if let Some(bar) = &bar {
            bar.set_length(export.planned.max(1));
            bar.set_position(export.written + export.skipped + export.partial + export.failed);
        }
        if export.state != ExportState::Running {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
            return Ok(export);
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = tokio::signal::ctrl_c(), if !cancelling => {
                cancelling = true;
                let _ = service.cancel_export(JobRequest { job: id });
            }
        }
    }
}

/// What was not written, or not whole, once for each reason: a file that is away says the same of each of its items.
fn losses(export: &Export) {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for failure in &export.failures {
        let id = failure.id.0.to_string();
        match reasons.iter_mut().find(|(reason, _)| *reason == failure.reason) {
            Some((_, ids)) => ids.push(id),
            None => reasons.push((&failure.reason, vec![id])),
        }
    }
    for (reason, ids) in &reasons {
        let (first, rest) = ids.split_at(ids.len().min(MAX_NAMED));
        let items = if ids.len() == 1 { "item" } else { "items" };
        let more =
            if rest.is_empty() { String::new() } else { format!(" and {} more", number(rest.len() as u64)) };
        eprintln!("{items} {}{more}: {}", first.join(", "), plain(reason));
    }
    let untold = (export.failed + export.partial).saturating_sub(export.failures.len() as u64);
    if untold > 0 && export.state == ExportState::Done {
        eprintln!("{} more; the manifest in the folder names all of them", number(untold));
    }
}

/// What to do after an export was stopped.
fn stopped(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Pst | ExportFormat::Parquet => {
            "Stopped; a file that is not whole was not kept, and the same command begins anew."
        }
        _ => "Stopped; the same command goes on.",
    }
}

fn report(export: &Export, behind: bool, json: bool) -> CommandResult {
    if let Some(error) = &export.error {
        return Err(error.clone().into());
    }
    if json {
        for failure in &export.failures {
            output::json(failure)?;
        }
    } else {
        losses(export);
    }
    if json {
        output::json(&serde_json::json!({
            "state": export.state, "written": export.written, "partial": export.partial, "failed": export.failed, "skipped": export.skipped, "bytes": export.bytes,
        }))?;
    } else {
        let mut line = format!("{} items written", number(export.written));
        if export.skipped > 0 {
            line.push_str(&format!(", {} written before", number(export.skipped)));
        }
        if export.partial > 0 {
            line.push_str(&format!(", {} in part", number(export.partial)));
        }
        if export.failed > 0 {
            line.push_str(&format!(", {} not", number(export.failed)));
        }
        say!("{line}; {} in {:.1} s, in {}", size(export.bytes), export.seconds, plain(&export.to));
        if export.state == ExportState::Cancelled {
            say!("{}", stopped(export.format));
        }
    }
    let well = export.failed + export.partial == 0 && export.state == ExportState::Done && !behind;
    Ok(if well { Outcome::Well } else { Outcome::WithLosses })
}
