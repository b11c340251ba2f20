//! What happens, written down on request: warnings, and each command with the time that it took.

use std::fs::File;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// What is written, as "info" or "mailscope_engine=debug".
const FILTER: &str = "MAILSCOPE_LOG";

/// Begins to write to `to` ("-" for standard error). Of `most` bytes, the latest half at least is kept: what is older goes on in a
/// file of the same name with ".old" behind it, in place of the last one. Without `most`, the file grows and is never emptied. Without
/// `to`, and without a filter in the environment, nothing is written.
///
/// # Errors
/// A sentence and an exit status, when the filter is none, the file cannot be written, or a log was begun already.
pub fn start_log(to: Option<&Path>, most: Option<u64>) -> Result<(), (String, u8)> {
    let otherwise = if to.is_some() { "info" } else { "off" };
    let wanted = std::env::var(FILTER).ok().filter(|filter| !filter.is_empty());
    let wanted = wanted.as_deref().unwrap_or(otherwise);
    let filter = EnvFilter::try_new(wanted).map_err(|error| {
        let problem = format!("{FILTER} says what to write down, such as \"info\" or \"mailscope_engine=debug\", not {wanted:?}: {error}");
        (problem, 2)
    })?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_span_events(FmtSpan::CLOSE);
    let begun = match to.filter(|path| *path != Path::new("-")) {
        None => {
            let colours = std::io::stderr().is_terminal();
            subscriber.with_ansi(colours).with_writer(std::io::stderr).try_init()
        }
        Some(path) => {
            let file = Bounded::open(path, most);
            let file = file.map_err(|error| (format!("{} cannot be written: {error}", path.display()), 1))?;
            subscriber.with_ansi(false).with_writer(Mutex::new(file)).try_init()
        }
    };
    begun.map_err(|error| (format!("The log cannot be begun: {error}"), 1))
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
        let mut old = self.path.clone().into_os_string();
        old.push(".old");
        std::fs::rename(&self.path, old)?;
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
