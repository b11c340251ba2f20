//! `mailscope monitor`

use crate::output::say;
use crate::output::{self, moment, number, plain, size};
use crate::{CommandResult, Failure, Outcome};
use mailscope_api::{ApiError, Commands, Empty, ErrorCode, Latency, Service, Snapshot, openmetrics};
use std::time::Duration;

/// How long the process that has the library open may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prints what is measured of the library, and of the process that has it open: the window, an import, or else this command, which has
/// just opened it.
pub fn run(service: &Service, as_openmetrics: bool, json: bool) -> CommandResult {
    // Told here, as arguments of a command and those of all commands do not know of each other.
    if as_openmetrics && json {
        return Err(Failure::Api(ApiError {
            code: ErrorCode::BadRequest,
            message: "The library is measured as JSON or as OpenMetrics text, not as both.".into(),
            advice: "Leave out --json or --openmetrics.".into(),
            detail: None,
        }));
    }
    let snapshot = match service.is_beside().then(|| service.ask_beside(PATIENCE)) {
        Some(Some(theirs)) => theirs,
        None => service.snapshot(Empty {})?,
        Some(None) => {
            eprintln!(
                "mailscope: the Mailscope that has the library open does not say how it does; what is shown of a process is of this command"
            );
            service.snapshot(Empty {})?
        }
    };
    if as_openmetrics {
        output::write(format_args!("{}", openmetrics(&snapshot)));
    } else if json {
        output::json(&snapshot)?;
    } else {
        print(&snapshot);
    }
    Ok(Outcome::Well)
}

fn print(s: &Snapshot) {
    say!("{}  {} (Mailscope {})", moment(s.at), plain(&s.library), s.version);
    for warning in &s.now.warnings {
        say!("! {} {}", warning.message, warning.advice);
    }
    let holds = &s.holds;
    say!();
    say!("Library");
    line(
        "items",
        &format!(
            "{} of {} read, {} unreadable, {} recovered, {} no longer in their file",
            number(holds.items),
            number(holds.expected),
            number(holds.failed),
            number(holds.recovered),
            number(holds.gone)
        ),
    );
    line("in", &format!("{} files, {} folders", number(holds.sources), number(holds.folders)));
    line("attachments", &number(holds.attachments));
    line(
        "database",
        &format!(
            "{}, of it {} free; schema {}, {} batches",
            size(s.database.bytes),
            size(s.database.free),
            s.database.schema,
            number(s.database.batch.max(0).unsigned_abs())
        ),
    );
    line(
        "index",
        &format!(
            "{} items in {} parts, {} deleted, {}",
            number(s.index.documents),
            number(s.index.segments),
            number(s.index.deleted),
            match s.index.behind {
                0 => "up to date".to_owned(),
                n => format!("{} batches behind", number(n)),
            }
        ),
    );
    say!();
    say!("Disk");
    line("database", &size(s.disk.database));
    line("its log", &size(s.disk.log));
    line("index", &size(s.disk.index));
    line("other files", &size(s.disk.other));
    line("free", &s.disk.free.map_or_else(|| "unknown".to_owned(), size));
    say!();
    say!("Its process, open for {:.1} s", s.uptime_seconds);
    line(
        "memory",
        &format!(
            "{} of {}{}",
            size(s.now.memory),
            size(s.now.memory_budget),
            s.memory_peak.map_or_else(String::new, |peak| format!(", {} at most", size(peak)))
        ),
    );
    line("processor", &format!("{:.2} s", s.processor_seconds));
    line(
        "connections",
        &format!("{} of {} in use, waits {}", s.pool.in_use, s.pool.size, latency(&s.pool.waits)),
    );
    line("queue", &format!("{} of {}", size(s.now.queue_bytes), size(s.now.queue_capacity)));
    line("searches", &latency(&s.now.search));
    for operation in s.operations.iter().filter(|operation| operation.latency.count > 0) {
        let failed =
            if operation.errors == 0 { String::new() } else { format!(", {} failed", operation.errors) };
        line(&operation.name, &format!("{}{failed}", latency(&operation.latency)));
    }
    if s.cache.iter().all(|shelf| shelf.capacity == 0) {
        return;
    }
    say!();
    say!("Answers kept in memory");
    for shelf in &s.cache {
        let asked = shelf.hits + shelf.misses;
        let rate =
            if asked == 0 { "not asked".to_owned() } else { format!("{} of {asked} given", shelf.hits) };
        line(&shelf.name, &format!("{rate}, {} of {}", size(shelf.bytes), size(shelf.capacity)));
    }
}

fn line(name: &str, value: &str) {
    say!("  {name:<16}{value}");
}

fn latency(latency: &Latency) -> String {
    if latency.count == 0 {
        return "none".into();
    }
    format!(
        "{} · p50 {} · p95 {} · p99 {} · max {}",
        number(latency.count),
        millis(latency.p50),
        millis(latency.p95),
        millis(latency.p99),
        millis(latency.max)
    )
}

fn millis(value: f64) -> String {
    match value {
        v if v >= 1000.0 => format!("{:.1} s", v / 1000.0),
        v if v >= 10.0 => format!("{v:.0} ms"),
        v => format!("{v:.2} ms"),
    }
}
