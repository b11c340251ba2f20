//! What happens, written down on request: warnings, and each command with the time that it took.

use std::fs::File;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// What is written, as "info" or "mailscope_engine=debug".
const FILTER: &str = "MAILSCOPE_LOG";

/// Begins to write to `to` ("-" for standard error), which grows and is never emptied. Without it, and without a filter in the
/// environment, nothing is written.
///
/// # Errors
/// A sentence and an exit status, when the filter is none or the file cannot be written.
pub fn start(to: Option<&Path>) -> Result<(), (String, u8)> {
    let otherwise = if to.is_some() { "info" } else { "off" };
    let wanted = std::env::var(FILTER).ok().filter(|filter| !filter.is_empty());
    let wanted = wanted.as_deref().unwrap_or(otherwise);
    let filter = EnvFilter::try_new(wanted).map_err(|error| {
        let problem = format!("{FILTER} says what to write down, such as \"info\" or \"mailscope_engine=debug\", not {wanted:?}: {error}");
        (problem, 2)
    })?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_span_events(FmtSpan::CLOSE);
    match to.filter(|path| *path != Path::new("-")) {
        None => {
            let colours = std::io::stderr().is_terminal();
            subscriber.with_ansi(colours).with_writer(std::io::stderr).init();
        }
        Some(path) => {
            let file = File::options().create(true).append(true).open(path);
            let file = file.map_err(|error| (format!("{} cannot be written: {error}", path.display()), 1))?;
            subscriber.with_ansi(false).with_writer(Mutex::new(file)).init();
        }
    }
    Ok(())
}
