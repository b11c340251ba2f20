//! The write-ahead log: what is committed stands there until it is moved into the database.

use rusqlite::Connection;
use std::cell::Cell;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Pages from which on the log is long: 4 MB, as by SQLite's own rule.
const LONG: i32 = 500;
/// Pages from which on the writer waits until it is short again: while there is always something to write, what is moved beside it
/// does not let the log begin anew.
const TOO_LONG: i32 = 8_000;

thread_local! {
    /// Pages in the log after the last commit of this thread, which is that of the one writer.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Shortens the log where it is long: beside the writer, or before it goes on where it is too long.
pub(super) struct Log {
    beside: Option<Beside>,
}

/// A thread that moves what is in the log whenever it is asked to.
struct Beside {
    asked: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Log {
    /// The log of what `writer` writes, in place of the rule by which SQLite would shorten it itself: it would do so within a commit, and
    /// whoever waits for the commit would wait for it too.
    pub fn of(writer: &Connection) -> Self {
        writer.wal_hook(Some(|_, pages| {
            PAGES.set(pages);
            Ok(())
        }));
        let path = writer.path().filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { beside: path.and_then(Beside::start) }
    }

    /// To be called before a transaction begins.
    pub fn shorten(&self, writer: &Connection) {
        let pages = PAGES.get();
        if pages < LONG {
            return;
        }
        PAGES.set(0);
        match &self.beside {
            // One that is still at work is asked again after the next commit.
            Some(beside) if pages < TOO_LONG => drop(beside.asked.try_send(())),
            _ => shorten(writer),
        }
    }

    /// Waits for what goes on beside the writer, and ends it.
    pub fn end(&mut self) {
        let Some(Beside { asked, thread }) = self.beside.take() else { return };
        drop(asked);
        if thread.join().is_err() {
            tracing::error!("the thread that shortens the log ended badly");
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.end();
    }
}

impl Beside {
    /// Nothing where there cannot be a thread: the writer then does it itself.
    fn start(path: PathBuf) -> Option<Self> {
        let (asked, asks): (_, Receiver<()>) = sync_channel(1);
        let work = move || {
            let mut connection = None;
            while asks.recv().is_ok() {
                // Opened when first needed: most who open a library write little.
                if connection.is_none() {
                    connection = Connection::open(&path).inspect_err(|error| warn(error)).ok();
                }
                if let Some(connection) = &connection {
                    shorten(connection);
                }
            }
        };
        let thread = std::thread::Builder::new().name("log".into()).spawn(work);
        Some(Self { asked, thread: thread.inspect_err(|error| warn(error)).ok()? })
    }
}

/// Moves what is in the log into the database, as far as no reader still needs it.
fn shorten(connection: &Connection) {
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        warn(&error);
    }
}

fn warn(error: &dyn std::error::Error) {
    // As with SQLite's own: what is committed is safe in the log, and the next commit brings it up again.
    tracing::warn!(%error, "the log of the database stays long");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes so many pages in each of some commits; gives how many were in the log after each.
    fn check(commits: &[usize], is_beside: bool) -> Vec<i32> {
        let folder = tempfile::tempdir().unwrap();
        let writer = Connection::open(folder.path().join("it.sqlite")).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer.execute_batch("CREATE TABLE page (bytes BLOB)").unwrap();
        PAGES.set(0);
        let mut log = Log::of(&writer);
        if !is_beside {
            log.end();
        }
        let mut seen = Vec::new();
        for pages in commits {
            log.shorten(&writer);
            if is_beside {
                log.end();
                log = Log::of(&writer);
            }
            writer.execute_batch("BEGIN IMMEDIATE").unwrap();
            let bytes = vec![7_u8; 3000];
            for _ in 0..*pages {
                writer.execute("INSERT INTO page VALUES (?1)", [&bytes]).unwrap();
            }
            writer.execute_batch("COMMIT").unwrap();
            seen.push(PAGES.get());
        }
        seen
    }

    #[test]
    fn a_long_log_begins_anew_after_it_was_moved() {
        for is_beside in [true, false] {
            let seen = check(&[200, 200, 2000, 100, 100], is_beside);
            assert!(seen[1] > seen[0] && seen[2] > 2000, "{seen:?}");
            assert!(seen[3] < 300 && seen[4] > seen[3], "{seen:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_left_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Connection::open(folder.path().join("it.sqlite")).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer.execute_batch("CREATE TABLE it (n)").unwrap();
        let log = Log::of(&writer);
        writer.execute_batch("INSERT INTO it VALUES (1)").unwrap();
        PAGES.set(TOO_LONG);
        log.shorten(&writer);
        // It is moved when `shorten` returns.
        let (_, pages, moved) = writer
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })
            .unwrap();
        assert_eq!(pages, moved);
        writer.execute_batch("INSERT INTO it VALUES (2)").unwrap();
        assert_eq!(PAGES.get(), 1);
    }
}
