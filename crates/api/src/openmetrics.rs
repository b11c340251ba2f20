//! A snapshot in the text format of OpenMetrics 1.0, as monitoring programs collect it.
//!
//! Names end with their unit, counters with `_total`; quantities are in base units (seconds, bytes). Histograms are given as
//! summaries: their quantiles are known here, and buckets would only blur them.

use crate::types::{Latency, Snapshot};
use std::fmt::{Display, Write as _};

/// What a scrape is answered with, to be sent as `application/openmetrics-text; version=1.0.0; charset=utf-8`.
pub fn openmetrics(snapshot: &Snapshot) -> String {
    let mut out = Text(String::with_capacity(16 * 1024));
    let s = snapshot;
    let info = [("version", s.version.as_str()), ("library", s.library.as_str())];
    out.family("mailscope_build", "info", None, "The program and its library.");
    out.line("mailscope_build_info", &info, 1);

    out.gauge(
        "mailscope_uptime_seconds",
        Some("seconds"),
        "Time since the library was opened.",
        s.uptime_seconds,
    );
    out.gauge("mailscope_memory_bytes", Some("bytes"), "Resident memory of the process.", s.now.memory);
    out.gauge(
        "mailscope_memory_budget_bytes",
        Some("bytes"),
        "Memory that the process was given.",
        s.now.memory_budget,
    );
    if let Some(peak) = s.memory_peak {
        out.gauge("mailscope_memory_peak_bytes", Some("bytes"), "The most resident memory so far.", peak);
    }
    out.counter(
        "mailscope_processor_seconds",
        Some("seconds"),
        "Processor time of the process.",
        s.processor_seconds,
    );
    out.gauge("mailscope_processor_cores", None, "Cores that are busy with this process.", s.now.processor);
    out.gauge("mailscope_warnings", None, "Things that are not as they should be.", s.now.warnings.len());

    operations(&mut out, s);
    out.summary("mailscope_search_seconds", "Searches, whoever asked.", &[], &s.now.search);
    cache(&mut out, s);

    out.gauge("mailscope_pool_connections", None, "Connections for reading that are open.", s.pool.open);
    out.gauge("mailscope_pool_connections_in_use", None, "Connections for reading in use.", s.pool.in_use);
    out.gauge("mailscope_pool_connections_max", None, "The most connections for reading.", s.pool.size);
    out.summary("mailscope_pool_wait_seconds", "Getting a connection for reading.", &[], &s.pool.waits);
    out.gauge(
        "mailscope_queue_bytes",
        Some("bytes"),
        "What waits between readers and writer.",
        s.now.queue_bytes,
    );
    out.gauge(
        "mailscope_queue_capacity_bytes",
        Some("bytes"),
        "The most that may wait there.",
        s.now.queue_capacity,
    );
    out.gauge("mailscope_imports", None, "Imports that run or wait.", s.now.jobs_active);
    out.family(
        "mailscope_import_stage_seconds",
        "counter",
        Some("seconds"),
        "Time of imports by stage, all threads together.",
    );
    for stage in &s.stages {
        out.line("mailscope_import_stage_seconds_total", &[("stage", &stage.name)], stage.seconds);
    }

    holdings(&mut out, s);
    disk(&mut out, s);
    out.0.push_str("# EOF\n");
    out.0
}

fn operations(out: &mut Text, s: &Snapshot) {
    let labels: Vec<[(&str, &str); 1]> =
        s.operations.iter().map(|operation| [("operation", operation.name.as_str())]).collect();
    let each = || s.operations.iter().zip(&labels);
    out.family(
        "mailscope_operation_seconds",
        "summary",
        Some("seconds"),
        "Commands by name, failures included.",
    );
    for (operation, labels) in each() {
        out.quantiles("mailscope_operation_seconds", labels, &operation.latency);
    }
    out.family(
        "mailscope_operation_max_seconds",
        "gauge",
        Some("seconds"),
        "The slowest run of each command.",
    );
    for (operation, labels) in each() {
        out.line("mailscope_operation_max_seconds", labels, operation.latency.max / 1000.0);
    }
    out.family("mailscope_operation_errors", "counter", None, "Runs of commands that failed.");
    for (operation, labels) in each() {
        out.line("mailscope_operation_errors_total", labels, operation.errors);
    }
    out.family("mailscope_operation_running", "gauge", None, "Commands that run now.");
    for (operation, labels) in each() {
        out.line("mailscope_operation_running", labels, operation.running);
    }
}

fn cache(out: &mut Text, s: &Snapshot) {
    type Column =
        (&'static str, &'static str, Option<&'static str>, &'static str, fn(&crate::CacheShelf) -> u64);
    const COLUMNS: [Column; 7] = [
        ("mailscope_cache_hits", "counter", None, "Questions answered from memory.", |s| s.hits),
        ("mailscope_cache_misses", "counter", None, "Questions answered anew.", |s| s.misses),
        ("mailscope_cache_stale", "counter", None, "Answers dropped because they were void or old.", |s| {
            s.stale
        }),
        ("mailscope_cache_evicted", "counter", None, "Answers dropped to make room.", |s| s.evicted),
        ("mailscope_cache_entries", "gauge", None, "Answers in memory.", |s| s.entries),
        ("mailscope_cache_bytes", "gauge", Some("bytes"), "Bytes of these answers.", |s| s.bytes),
        ("mailscope_cache_capacity_bytes", "gauge", Some("bytes"), "The most bytes of answers.", |s| {
            s.capacity
        }),
    ];
    for (name, kind, unit, help, value) in COLUMNS {
        out.family(name, kind, unit, help);
        let suffix = if kind == "counter" { "_total" } else { "" };
        for shelf in &s.cache {
            out.line(&format!("{name}{suffix}"), &[("kind", &shelf.name)], value(shelf));
        }
    }
}

fn holdings(out: &mut Text, s: &Snapshot) {
    out.family("mailscope_items", "gauge", None, "Items of the library by what became of them.");
    let holds = &s.holds;
    for (state, count) in [
        ("read", holds.items),
        ("failed", holds.failed),
        ("recovered", holds.recovered),
        ("gone", holds.gone),
    ] {
        out.line("mailscope_items", &[("state", state)], count);
    }
    out.gauge("mailscope_items_expected", None, "Items that the files name.", holds.expected);
    out.gauge("mailscope_attachments", None, "Attachments of items.", holds.attachments);
    out.gauge("mailscope_sources", None, "Files in the library.", holds.sources);
    out.gauge("mailscope_folders", None, "Folders of these files.", holds.folders);
    out.gauge("mailscope_index_documents", None, "Items that can be found.", s.index.documents);
    out.gauge(
        "mailscope_index_deleted",
        None,
        "Items that are gone and still take room in the index.",
        s.index.deleted,
    );
    out.gauge("mailscope_index_segments", None, "Parts of the index.", s.index.segments);
    out.gauge(
        "mailscope_index_behind",
        None,
        "Batches of the database that the index lacks.",
        s.index.behind,
    );
}

fn disk(out: &mut Text, s: &Snapshot) {
    out.family("mailscope_disk_bytes", "gauge", Some("bytes"), "What the library takes on its disk.");
    let parts = [
        ("database", s.disk.database),
        ("log", s.disk.log),
        ("index", s.disk.index),
        ("other", s.disk.other),
    ];
    for (part, bytes) in parts {
        out.line("mailscope_disk_bytes", &[("part", part)], bytes);
    }
    if let Some(free) = s.disk.free {
        out.gauge(
            "mailscope_disk_free_bytes",
            Some("bytes"),
            "What is free on the disk of the library.",
            free,
        );
    }
    out.gauge("mailscope_database_free_bytes", Some("bytes"), "Room within the database.", s.database.free);
}

struct Text(String);

impl Text {
    /// The head of a family of metrics: TYPE first, then UNIT and HELP.
    fn family(&mut self, name: &str, kind: &str, unit: Option<&str>, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if let Some(unit) = unit {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {}", escaped(help));
    }

    fn gauge(&mut self, name: &str, unit: Option<&str>, help: &str, value: impl Display) {
        self.family(name, "gauge", unit, help);
        self.line(name, &[], value);
    }

    fn counter(&mut self, name: &str, unit: Option<&str>, help: &str, value: impl Display) {
        self.family(name, "counter", unit, help);
        self.line(&format!("{name}_total"), &[], value);
    }

    fn summary(&mut self, name: &str, help: &str, labels: &[(&str, &str)], latency: &Latency) {
        self.family(name, "summary", Some("seconds"), help);
        self.quantiles(name, labels, latency);
    }

    /// The samples of a summary, from milliseconds.
    fn quantiles(&mut self, name: &str, labels: &[(&str, &str)], latency: &Latency) {
        if latency.count > 0 {
            for (quantile, millis) in [("0.5", latency.p50), ("0.95", latency.p95), ("0.99", latency.p99)] {
                let labels: Vec<(&str, &str)> =
                    labels.iter().copied().chain([("quantile", quantile)]).collect();
                self.line(name, &labels, millis / 1000.0);
            }
        }
        self.line(&format!("{name}_count"), labels, latency.count);
        self.line(&format!("{name}_sum"), labels, latency.sum / 1000.0);
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (n, (label, value)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{}\"", if n == 0 { '{' } else { ',' }, escaped(value));
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
