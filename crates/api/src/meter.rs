//! What every command passes on its way: it is counted, timed and, if asked for, traced.

use crate::commands::NAMES;
use crate::types::{ApiError, ErrorCode, Warning, WarningKind};
use mailscope_engine::monitor::{Named, OperationView, Operations};
use std::time::Duration;

/// How long a command is to take at most where it is more than 50 ms: those that look at all items that match, or at a file.
const ALLOWED: &[(&str, u64)] = &[
    ("search", 150),
    ("insights", 150),
    ("replies", 150),
    ("people", 150),
    ("related", 150),
    ("conversation", 150),
    ("show", 150),
    ("complete", 10),
    ("query", 10),
    ("fields", 10),
];
/// What takes as long as there is to do: it reads or writes files, waits for the writer, or for a person.
const AS_LONG_AS_IT_TAKES: &[&str] = &[
    "import",
    "import_sample",
    "remove",
    "watch",
    "report",
    "review",
    "undo_review",
    "save_search",
    "forget_search",
    "export",
    "save_attachment",
    "snapshot",
];
/// All others, in milliseconds.
const OTHERS: u64 = 50;
/// From this share of its budget on, in percent, memory is near to it.
const NEAR: u64 = 90;

/// Counts and times commands.
pub struct Meter {
    operations: Operations,
}

/// Has a [`Meter`].
pub trait Metered {
    /// The meter.
    fn meter(&self) -> &Meter;
}

impl Default for Meter {
    fn default() -> Self {
        Self { operations: Operations::new(NAMES.iter().map(|name| with_target(name))) }
    }
}

fn with_target(name: &'static str) -> Named {
    let target = match ALLOWED.iter().find(|(known, _)| *known == name) {
        Some((_, millis)) => Some(*millis),
        None if AS_LONG_AS_IT_TAKES.contains(&name) => None,
        None => Some(OTHERS),
    };
    (name, target.map(Duration::from_millis))
}

impl Meter {
    /// Does a command.
    ///
    /// # Errors
    /// Those of the command.
    pub fn run<T>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let span = tracing::info_span!("command", name, failed = tracing::field::Empty);
        let _within = span.enter();
        let running = self.operations.begin(name);
        let done = work();
        // A wrong query is the answer to it and no failure of ours.
        let well = match &done {
            Ok(_) => true,
            Err(error) => matches!(error.code, ErrorCode::BadQuery | ErrorCode::BadRequest),
        };
        running.ended(well);
        if let Err(error) = &done {
            span.record("failed", tracing::field::display(&error.message));
        }
        done
    }

    /// How the commands did that were called.
    pub fn views(&self) -> Vec<OperationView> {
        self.operations.views()
    }

    /// How long the service is open.
    pub fn uptime(&self) -> Duration {
        self.operations.uptime()
    }
}

/// What is not as it should be: memory against its budget, commands against their targets.
pub fn warnings(memory: u64, budget: u64, importing: bool, operations: &[OperationView]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if budget > 0 && memory > budget / 100 * NEAR {
        let megabytes = |bytes: u64| bytes / (1024 * 1024);
        let state = if memory > budget {
            "Mailscope takes more memory than it was given"
        } else {
            "Memory is nearly used up"
        };
        let advice = if importing {
            "The import goes on. For large files give Mailscope more memory in the settings (in a terminal with --memory-budget)."
        } else {
            "Forget cached answers, or give Mailscope more memory in the settings (in a terminal with --memory-budget)."
        };
        warnings.push(Warning {
            kind: WarningKind::Memory,
            operation: None,
            message: format!("{state}: {} of {} MB.", megabytes(memory), megabytes(budget)),
            advice: advice.into(),
        });
    }
    for operation in operations.iter().filter(|operation| operation.is_slow()) {
        let Some(target) = operation.target else { continue };
        let (runs, slow) = operation.lately;
        warnings.push(Warning {
            kind: WarningKind::Slow,
            operation: Some(operation.name.to_owned()),
            message: format!(
                "{} is slow: lately {slow} of {runs} took longer than {target:.0} ms.",
                in_words(operation.name)
            ),
            advice: if importing {
                "An import is running; it will be faster when that has ended.".into()
            } else {
                "If other programs keep the machine or its disk busy, it will be faster when they have ended."
                    .into()
            },
        });
    }
    warnings
}

fn in_words(name: &str) -> String {
    match name {
        "search" => "Searching".into(),
        "insights" => "Counting for the insights".into(),
        "replies" => "Timing the answers".into(),
        "people" => "Counting who wrote to whom".into(),
        "related" => "Finding items like another".into(),
        "conversation" => "Finding conversations".into(),
        "show" => "Opening items".into(),
        "complete" => "Completing queries".into(),
        other => format!("The command \"{other}\""),
    }
}

#[cfg(test)]
mod tests {
    // Helpers of tests fail as tests do.
    #![allow(clippy::unwrap_used)]

    use super::*;
    use mailscope_engine::monitor::Latency;

    const MB: u64 = 1024 * 1024;

    #[test]
    fn every_command_that_is_named_here_is_one() {
        for name in ALLOWED.iter().map(|(name, _)| name).chain(AS_LONG_AS_IT_TAKES) {
            assert!(NAMES.contains(name), "{name}");
        }
        assert_eq!(with_target("search").1, Some(Duration::from_millis(150)));
        assert_eq!(with_target("tags").1, Some(Duration::from_millis(50)));
        assert_eq!(with_target("report").1, None);
    }

    #[test]
    fn memory_is_told_of_when_it_nears_its_budget() {
        let check = |memory: u64, importing: bool, expected: &[&str]| {
            let told = warnings(memory * MB, 500 * MB, importing, &[]);
            let messages: Vec<&str> = told.iter().map(|warning| warning.message.as_str()).collect();
            assert_eq!(messages, expected, "{memory}");
            assert!(
                told.iter().all(|warning| warning.kind == WarningKind::Memory && !warning.advice.is_empty())
            );
        };
        check(0, false, &[]);
        check(449, true, &[]);
        check(451, true, &["Memory is nearly used up: 451 of 500 MB."]);
        check(500, false, &["Memory is nearly used up: 500 of 500 MB."]);
        check(717, true, &["Mailscope takes more memory than it was given: 717 of 500 MB."]);
        assert_eq!(warnings(10, 0, false, &[]), [], "there is no budget");
    }

    #[test]
    fn a_slow_command_is_told_of_by_what_it_does() {
        let view = |name, lately, target| OperationView {
            name,
            latency: Latency::default(),
            errors: 0,
            running: 0,
            per_second: 0.0,
            target,
            lately,
        };
        let told = warnings(
            0,
            MB,
            false,
            &[
                view("search", (20, 4), Some(150.0)),
                view("tags", (100, 5), Some(50.0)),
                view("report", (9, 9), None),
            ],
        );
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].message, "Searching is slow: lately 4 of 20 took longer than 150 ms.");
        assert_eq!((told[0].kind, told[0].operation.as_deref()), (WarningKind::Slow, Some("search")));
    }

    #[test]
    fn a_command_is_counted_however_it_ends() {
        let meter = Meter::default();
        let error = |code| ApiError { code, message: String::new(), advice: String::new(), detail: None };
        assert!(meter.run("tags", || Ok(1)).is_ok());
        assert!(meter.run("tags", || Err::<u8, _>(error(ErrorCode::BadQuery))).is_err());
        assert!(meter.run("tags", || Err::<u8, _>(error(ErrorCode::Io))).is_err());
        let views = meter.views();
        assert_eq!(views.len(), 1);
        assert_eq!((views[0].name, views[0].latency.count, views[0].errors), ("tags", 3, 1));
    }
}
