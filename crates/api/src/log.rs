//! What happens, written down on request: warnings, and each command with the time that it took.

use std::fs::File;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// What is written, as "info" or "mailscope_engine=debug".
const FILTER: &str = "MAILSCOPE_LOG";
/// What is written where nobody said so.
const USUAL: &str = "info";
const NOTHING: &str = "off";

/// Begins to write to `to` ("-" for standard error), whose file grows and is never emptied. Without `to`, and without a filter in the
/// environment, nothing is written.
///
/// # Errors
/// A sentence and an exit status, when the filter is none, the file cannot be written, or a log was begun already.
pub fn start_log(to: Option<&Path>) -> Result<(), (String, u8)> {
    let otherwise = if to.is_some() { USUAL } else { NOTHING };
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter(otherwise)?).with_span_events(FmtSpan::CLOSE);
    let begun = match to.filter(|path| *path != Path::new("-")) {
        None => {
            let colours = std::io::stderr().is_terminal();
            subscriber.with_ansi(colours).with_writer(std::io::stderr).try_init()
        }
        Some(path) => {
            let file = Bounded::open(path, None).map_err(|error| unwritable(path, &error))?;
            subscriber.with_ansi(false).with_writer(Mutex::new(file)).try_init()
        }
    };
    begun.map_err(|error| (format!("The log cannot be begun: {error}"), 1))
}

/// A log that can be begun and ended while the program runs, and never takes more than so many bytes.
pub struct Log {
    sink: Arc<Mutex<Sink>>,
    most: u64,
    /// Changes what is written from now on.
    sift: Box<dyn Fn(EnvFilter) + Send + Sync>,
}

/// Where lines go.
enum Sink {
    /// To whoever started the program in a terminal.
    Terminal,
    File(Bounded),
}

impl Log {
    /// Writes to `to` ("-" for standard error). Of `most` bytes, the latest half at least is kept: what is older goes on in a file of the
    /// same name with ".old" behind it, in place of the last one. Without `to`, and without a filter in the environment, nothing
    /// is written until [`Self::write_to`].
    ///
    /// # Errors
    /// A sentence and an exit status, when the filter is none, the file cannot be written, or a log was begun already.
    pub fn start(to: Option<&Path>, most: u64) -> Result<Self, (String, u8)> {
        let file = to.filter(|path| *path != Path::new("-"));
        let sink = match file {
            None => Sink::Terminal,
            Some(path) => {
                Sink::File(Bounded::open(path, Some(most)).map_err(|error| unwritable(path, &error))?)
            }
        };
        let sink = Arc::new(Mutex::new(sink));
        let filter = filter(if to.is_some() { USUAL } else { NOTHING })?;
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_span_events(FmtSpan::CLOSE);
        let lines = Lines(Arc::clone(&sink));
        let subscriber =
            subscriber.with_ansi(false).with_writer(move || lines.clone()).with_filter_reloading();
        let handle = subscriber.reload_handle();
        subscriber.try_init().map_err(|error| (format!("The log cannot be begun: {error}"), 1))?;
        // Fails only where the subscriber is gone, which stays as long as the process.
        let sift = Box::new(move |filter| drop(handle.reload(filter)));
        Ok(Self { sink, most, sift })
    }

    /// Writes to the file `path` from now on.
    ///
    /// # Errors
    /// When it cannot be opened for that; all stays as it was then.
    pub fn write_to(&self, path: &Path) -> std::io::Result<()> {
        let file = Bounded::open(path, Some(self.most))?;
        *held(&self.sink) = Sink::File(file);
        // The environment said nothing wrong at the start.
        (self.sift)(filter(USUAL).unwrap_or_else(|_| EnvFilter::new(USUAL)));
        Ok(())
    }

    /// Writes nothing from now on.
    pub fn stop(&self) {
        (self.sift)(EnvFilter::new(NOTHING));
        *held(&self.sink) = Sink::Terminal;
    }

    /// The file that is written to, where it is one.
    pub fn file(&self) -> Option<PathBuf> {
        match &*held(&self.sink) {
            Sink::Terminal => None,
            Sink::File(file) => Some(file.path.clone()),
        }
    }
}

/// How much a log with its older part takes on the disk, in bytes.
pub fn log_size(path: &Path) -> u64 {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |facts| facts.len());
    length(path).saturating_add(length(&older(path)))
}

/// Writes to where lines go at that moment.
#[derive(Clone)]
struct Lines(Arc<Mutex<Sink>>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        match &mut *held(&self.0) {
            Sink::Terminal => std::io::stderr().write(line),
            Sink::File(file) => file.write(line),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match &mut *held(&self.0) {
            Sink::Terminal => std::io::stderr().flush(),
            Sink::File(file) => file.flush(),
        }
    }
}

fn held(sink: &Mutex<Sink>) -> MutexGuard<'_, Sink> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the environment wants to be written, else what is usual.
fn filter(otherwise: &str) -> Result<EnvFilter, (String, u8)> {
    let wanted = std::env::var(FILTER).ok().filter(|filter| !filter.is_empty());
    let wanted = wanted.as_deref().unwrap_or(otherwise);
    EnvFilter::try_new(wanted).map_err(|error| {
        let problem = format!("{FILTER} says what to write down, such as \"info\" or \"mailscope_engine=debug\", not {wanted:?}: {error}");
        (problem, 2)
    })
}

fn unwritable(path: &Path, error: &std::io::Error) -> (String, u8) {
    (format!("{} cannot be written: {error}", path.display()), 1)
}

fn older(path: &Path) -> PathBuf {
    let mut older = path.as_os_str().to_owned();
    older.push(".old");
    older.into()
}

/// A file that is put aside when it has grown to half of what it and the one put aside may take.
struct Bounded {
    path: PathBuf,
    file: File,
    length: u64,
    half: u64,
}

impl Bounded {
    fn open(path: &Path, most: Option<u64>) -> std::io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, length, half: most.map_or(u64::MAX, |most| most / 2) })
    }

    fn put_aside(&mut self) -> std::io::Result<()> {
        std::fs::rename(&self.path, older(&self.path))?;
        self.file = File::options().create(true).append(true).open(&self.path)?;
        self.length = 0;
        Ok(())
    }
}

impl Write for Bounded {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if self.length > 0 && self.length.saturating_add(line.len() as u64) > self.half {
            // Where it cannot be put aside, it is better too long than lost.
            let _ = self.put_aside();
        }
        let written = self.file.write(line)?;
        self.length = self.length.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one subscriber of a process: all that is said of it stands in one test.
    #[test]
    fn a_log_is_begun_and_ended_while_the_program_runs() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("log");
        let text = || std::fs::read_to_string(&path).unwrap_or_default();
        let log = Log::start(None, 10_000).unwrap();
        tracing::info!("nobody asked for this");
        assert!(!path.exists() && log.file().is_none());
        assert!(log.write_to(&folder.path().join("none").join("log")).is_err());
        assert!(log.file().is_none());
        log.write_to(&path).unwrap();
        assert_eq!(log.file().as_deref(), Some(path.as_path()));
        tracing::info!("first");
        tracing::debug!("not this");
        log.stop();
        tracing::error!("nor this");
        assert!(text().contains("first") && !text().contains("this"), "{}", text());
        log.write_to(&path).unwrap();
        tracing::warn!("second");
        assert_eq!(text().lines().count(), 2, "{}", text());
        assert_eq!(log_size(&path), text().len() as u64);
        (0..500).for_each(|n| tracing::info!(n, "many"));
        assert!(text().ends_with("many n=499\n"), "{}", text());
        assert!((5_000..=10_000).contains(&log_size(&path)), "{}", log_size(&path));
        assert!(Log::start(None, 1).is_err(), "there is one already");
    }

    #[test]
    fn the_latest_is_kept_within_the_bound() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, old) = (folder.path().join("log"), folder.path().join("log.old"));
        let lines = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let mut log = Bounded::open(&path, Some(100)).unwrap();
        for n in 0..40 {
            log.write_all(format!("line {n:02}\n").as_bytes()).unwrap();
            assert!(lines(&path).len() <= 50 && lines(&old).len() <= 50);
            assert!(lines(&path).ends_with(&format!("line {n:02}\n")));
        }
        assert_eq!(lines(&old), "line 30\nline 31\nline 32\nline 33\nline 34\nline 35\n");
        drop(log);
        let mut again = Bounded::open(&path, Some(100)).unwrap();
        again.write_all(b"again\n").unwrap();
        assert_eq!(lines(&path), "line 36\nline 37\nline 38\nline 39\nagain\n");
        let mut endless = Bounded::open(&path, None).unwrap();
        (0..40).for_each(|_| endless.write_all(b"more of it\n").unwrap());
        assert_eq!(lines(&path).lines().count(), 45);
    }
}
