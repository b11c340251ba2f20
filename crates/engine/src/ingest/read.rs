//! Reading what an import wants of a file, on all workers.

use super::compare::Work;
use super::extract;
use super::job::JobRecord;
use super::shared::{Message, Place, Shared};
use crate::error::{Error, Result, SourceProblem};
use crate::monitor::{Stage, Stages};
use crate::source::{Entry, ItemReader, OpenSource};
use crate::store::{Known, NewFailure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Workers take this many entries at a time: neighbours in the file share blocks.
const CHUNK: usize = 16;
/// So many entries are announced to the source before they are read, when half of those before are left.
const AHEAD: usize = 256;

/// Reads the work on all workers, in the order of the file, until done or cancelled. While it is paused the workers are left to other
/// files: they go on with what they have begun, and then this thread alone waits.
pub fn read_all(
    job: &Arc<JobRecord>,
    shared: &Arc<Shared>,
    pool: &rayon::ThreadPool,
    opened: &dyn OpenSource,
    work: &Work<'_>,
    places: &[Place],
    cache_bytes: usize,
) {
    let (next, announced) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let read_some = || {
        let mut reader = opened.reader(cache_bytes);
        while !job.is_paused() && !is_over.load(Ordering::Relaxed) {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            let mut chunk = work.part(start..start.saturating_add(CHUNK)).peekable();
            if chunk.peek().is_none() {
                return;
            }
            announce(opened, work, &announced, start);
            for (entry, existing) in chunk {
                if job.is_cancelled() {
                    return is_over.store(true, Ordering::Relaxed);
                }
                let Some(place) = places.get(entry.folder as usize).cloned() else { continue };
                let job_for_message = job.clone();
                let outcome = read_one(reader.as_mut(), entry, existing, &shared.stages);
                let whole = outcome.as_ref().is_ok_and(|prepared| !prepared.item.partial);
                if !whole && let Err(problem) = opened.alive() {
                    stop(job, problem);
                    return is_over.store(true, Ordering::Relaxed);
                }
                let (message, bytes) = match outcome {
                    Ok(prepared) => {
                        let bytes = prepared.bytes;
                        let prepared = Box::new(prepared);
                        let existing = existing.copied();
                        (Message::Item { job: job_for_message, place, existing, prepared }, bytes)
                    }
                    Err(failed) => {
                        if failed.faulty {
                            reader = opened.reader(cache_bytes);
                        }
                        let reason = failed.reason;
                        let failure =
                            NewFailure { key: entry.key, recovered: entry.recovered.is_some(), reason };
                        (Message::Failure { job: job_for_message, place, failure }, 256)
                    }
                };
                if send(shared, message, bytes).is_err() {
                    return is_over.store(true, Ordering::Relaxed);
                }
                shared.items.fetch_add(1, Ordering::Relaxed);
            }
            job.bytes.fetch_max(opened.bytes_read(), Ordering::Relaxed);
        }
    };
    // What was begun is done when the workers return.
    while next.load(Ordering::Relaxed) < work.len() && !is_over.load(Ordering::Relaxed) {
        job.wait_while_paused();
        if job.is_cancelled() {
            break;
        }
        pool.scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                scope.spawn(|_| read_some());
            }
        });
    }
    job.bytes.store(opened.bytes_read(), Ordering::Relaxed);
}

/// Tells the source what is read after `start`: a disk that is asked for much at once brings it much sooner than one item by one.
fn announce(opened: &dyn OpenSource, work: &Work<'_>, announced: &AtomicUsize, start: usize) {
    let from = announced.load(Ordering::Relaxed);
    if from >= start + AHEAD / 2 {
        return;
    }
    let to = work.len().min(start + AHEAD);
    // Whoever comes second finds it done.
    if announced.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        opened.will_read(&mut work.part(from..to).map(|(entry, _)| entry.offset));
    }
}

/// Ends a job whose file is no longer there to be read. What was committed stays; the next import goes on.
fn stop(job: &JobRecord, problem: SourceProblem) {
    job.change(|slow| {
        let error = || Arc::new(Error::Source { path: job.path.clone(), problem });
        slow.error.get_or_insert_with(error);
    });
    job.cancel();
}

/// Why an item was not read, and whether its reader is to be trusted no more.
struct Unread {
    reason: String,
    faulty: bool,
}

/// Reads one item and makes it ready. A fault of ours on one item costs that item alone.
fn read_one(
    reader: &mut dyn ItemReader,
    entry: &Entry,
    existing: Option<&Known>,
    stages: &Stages,
) -> Result<extract::Prepared, Unread> {
    let attempt = AssertUnwindSafe(|| {
        let item = stages.time(Stage::Read, || reader.read(entry))?;
        Ok(stages.time(Stage::Prepare, || extract::prepare(entry, item)))
    });
    match catch_unwind(attempt) {
        // What the library holds of an earlier state is whole, and stays.
        Ok(Ok(prepared)) if prepared.item.partial && existing.is_some_and(|known| !known.is_partial()) => {
            Err(Unread { reason: prepared.item.anomalies.join("; "), faulty: false })
        }
        Ok(Ok(prepared)) => Ok(prepared),
        Ok(Err(reason)) => Err(Unread { reason, faulty: false }),
        Err(_) => Err(Unread {
            reason: "Mailscope itself failed on this item; please report it".into(),
            faulty: true,
        }),
    }
}

fn send(shared: &Shared, message: Message, bytes: usize) -> Result<()> {
    shared.stages.time(Stage::QueueFull, || shared.queue.push(message, bytes)).map_err(|_| Error::WriterGone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Detail, Version};
    use std::io::Write;

    /// Reads nothing: fails on odd keys, and fails badly on even ones.
    struct Broken;

    impl ItemReader for Broken {
        fn read(&mut self, entry: &Entry) -> Result<crate::source::SourceItem, String> {
            assert!(entry.key % 2 == 1, "a fault of the reader");
            Err("odd".into())
        }

        fn detail(&mut self, _: u64, _: Version, _: &[u32]) -> Result<Detail, String> {
            Err("nothing".into())
        }

        fn is_unchanged(&mut self, _: u64, _: Version) -> Result<bool, String> {
            Err("nothing".into())
        }

        fn attachment(&mut self, _: u64, _: &[u32], _: &mut dyn Write) -> Result<u64, String> {
            Err("nothing".into())
        }
    }

    #[test]
    fn a_fault_on_one_item_costs_that_item() {
        for (key, faulty) in [(1, false), (2, true), (3, false)] {
            let entry = Entry { key, version: Version::default(), folder: 0, offset: 0, recovered: None };
            let failed = read_one(&mut Broken, &entry, None, &Stages::default()).err().unwrap();
            assert_eq!(failed.faulty, faulty);
            assert!(!failed.reason.is_empty());
        }
    }
}
