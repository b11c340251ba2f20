//! The import of one file: plan, compare with what the library knows, read what is new.

use super::extract;
use super::job::{Account, JobRecord, JobState};
use super::writer::{Message, Place, Point, Shared, Writer, now};
use crate::error::{Error, Result, SourceProblem};
use crate::ids::{FolderId, ItemId, SourceId};
use crate::monitor::{Stage, Stages};
use crate::source::{self, Certainty, Entry, Glance, ItemReader, OpenSource, Opening, Plan, Stop};
use crate::store::{Held, Known, KnownItems, NewFailure, SourceRecord};
use std::collections::HashSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Instant, UNIX_EPOCH};

/// Workers take this many entries at a time: neighbours in the file share blocks.
const CHUNK: usize = 16;
/// So many entries are announced to the source before they are read, when half of those before are left.
const AHEAD: usize = 256;

/// Runs the import of `job`'s file to its end on the calling thread; items are read on `pool`. SQLite then holds all of it; the index
/// follows, which is to be waited for.
///
/// # Errors
/// What stopped it; what was committed before stays.
pub fn import(
    job: &Arc<JobRecord>,
    shared: &Arc<Shared>,
    pool: &rayon::ThreadPool,
    cache_bytes: usize,
) -> Result<()> {
    let glance = source::glance(&job.path);
    if let Some(glance) = &glance
        && still_the_same(job, shared, glance)?
    {
        return Ok(());
    }
    // What fails because it was asked to stop is no fault of the file.
    let planned = open_and_plan(job, shared, glance.as_ref())
        .map_err(|error| if job.is_cancelled() { Error::Cancelled } else { error })?;
    let Planned { opened, plan, recover, known } = planned;
    let facts = opened.facts();
    job.bytes.store(opened.bytes_read(), Ordering::Relaxed);
    if job.is_cancelled() {
        return Err(Error::Cancelled);
    }

    (shared.observe)(Point::Planned);
    let begun = step(job, "folders written", || begin(job, shared, opened.as_ref(), &plan, recover, known))?;
    (shared.observe)(Point::Begun);
    let places = places(&plan, begun.source, &begun.folders);
    let work = step(job, "compared", || compare(job, shared, &plan, &begun, &places, recover))?;
    (shared.observe)(Point::Compared);
    job.planned.store(work.len() as u64, Ordering::Relaxed);
    job.change(|slow| slow.state = JobState::Reading);
    (shared.notify)(super::Notice::Job(job.id));

    step(job, "items read", || read_all(job, shared, pool, opened.as_ref(), &work, &places, cache_bytes));

    (shared.observe)(Point::ItemsWritten);
    let state = facts.state.clone();
    let (source, asked) = (begun.source, job.clone());
    let finish = move |writer: &mut Writer| {
        // Once asked to stop, the writer drops what waits; only now is it known whether anything was.
        let complete = !asked.is_cancelled();
        if complete {
            writer.store.finish_source(source, &state)?;
            writer.store.forget_unfinished(&asked.path.to_string_lossy())?;
        }
        writer.commit_ahead()?;
        if complete {
            writer.pack_known(source)?;
        }
        Ok(complete)
    };
    let complete = step(job, "items written", || on_writer(shared, finish))?;
    (shared.observe)(Point::Finished);
    if complete { Ok(()) } else { Err(Error::Cancelled) }
}

/// Does a step of the import, and tells those who look for it how long it took.
fn step<T>(job: &JobRecord, name: &str, step: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = step();
    tracing::debug!(job = job.id.0, step = name, took = ?started.elapsed());
    result
}

/// A file that is open, what it names, and what the library knew of it as of a batch.
struct Planned {
    opened: Box<dyn OpenSource>,
    plan: Plan,
    /// Whether the plan looked for deleted items.
    recover: bool,
    known: Option<(SourceId, Held)>,
}

/// Opens the file and goes through what it names, and beside that loads what the library holds of it.
fn open_and_plan(job: &Arc<JobRecord>, shared: &Arc<Shared>, glance: Option<&Glance>) -> Result<Planned> {
    let failed = |problem| Error::Source { path: job.path.clone(), problem };
    // Which mailbox it is shows at the first glance.
    let expected = glance.map(|glance| known_before(job, shared, &glance.identity)).transpose()?.flatten();
    std::thread::scope(|scope| {
        let load = |source| {
            scope.spawn(move || {
                let known = step(job, "known items loaded", || shared.store.known(source))?;
                Ok((source, known))
            })
        };
        let mut loading = expected.map(|(source, _)| load(source));
        let asked = job.clone();
        let stop = Stop::when(move || asked.is_cancelled());
        let opened =
            step(job, "opened", || (shared.open)(&job.path, Opening::Whole, stop)).map_err(failed)?;
        let facts = opened.facts();
        job.change(|slow| {
            slow.state = JobState::Planning;
            slow.size = facts.size;
            slow.missing = facts.missing;
            slow.format.clone_from(&facts.format);
            slow.encryption.clone_from(&facts.encryption);
        });
        (shared.notify)(super::Notice::Job(job.id));
        let before = known_before(job, shared, &facts.identity)?;
        if let (Some(_), Some(reason)) = (&before, &facts.unread) {
            // Of what is not named now nobody can say that it is gone.
            return Err(failed(SourceProblem::Io(std::io::Error::other(reason.clone()))));
        }
        // Looking for what was deleted costs more than anything else of a plan, and in the same state it finds the same.
        let recover = before.as_ref().is_none_or(|(_, state)| state.as_ref() != Some(&facts.state));
        loading = loading.or_else(|| before.map(|(source, _)| load(source)));
        let plan = step(job, "planned", || opened.plan(recover)).map_err(failed)?;
        let known = loading.map(|thread| {
            thread.join().unwrap_or_else(|_| Err(Error::Internal("reading the library failed".into())))
        });
        Ok(Planned { opened, plan, recover, known: known.transpose()? })
    })
}

/// Whether the file of a source may still be where it was: only one that surely is not has moved. Of a name that is not Unicode only
/// something alike is kept.
fn may_exist(known: &str) -> bool {
    known.contains(char::REPLACEMENT_CHARACTER) || Path::new(known).try_exists().unwrap_or(true)
}

/// The account of a source as SQLite has it.
pub fn account(shared: &Shared, source: SourceId) -> Result<(Account, u64)> {
    let folders = shared.store.folders(Some(source))?;
    let mut account = Account::default();
    for folder in &folders {
        account.add(&folder.account());
    }
    Ok((account, folders.len() as u64))
}

/// Whether the library holds the file in just this state, with nothing left to try again; the job then has its numbers.
fn still_the_same(job: &Arc<JobRecord>, shared: &Arc<Shared>, glance: &Glance) -> Result<bool> {
    if glance.state.is_empty() {
        return Ok(false);
    }
    let (path, Glance { identity, state, missing }) = (job.path.clone(), glance.clone());
    let found = on_writer(shared, move |writer| {
        let shown = path.to_string_lossy();
        let known = writer.store.find_source(&identity, &shown, may_exist)?;
        let Some(source) = known else { return Ok(None) };
        if writer.store.finished_state(source)? != Some(state) || writer.store.has_failures(source)? {
            return Ok(None);
        }
        let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy());
        writer.store.relocate(source, &shown, &name)?;
        writer.store.forget_unfinished(&shown)?;
        writer.commit()?;
        Ok(Some(source))
    })?;
    let Some(source) = found else { return Ok(false) };
    let (account, folders) = account(shared, source)?;
    let row = shared.store.sources()?.into_iter().find(|row| row.id == source);
    job.change(|slow| {
        slow.source = Some(source);
        slow.known_before = true;
        slow.folders = folders;
        slow.expected = account.expected;
        slow.hidden = account.hidden;
        slow.unchanged = account.items;
        slow.missing = missing;
        if let Some(row) = row {
            slow.size = row.size;
            slow.format = row.format;
            slow.encryption = row.encryption;
            job.anomalies.store(row.anomalies, Ordering::Relaxed);
        }
    });
    Ok(true)
}

/// The source that the file is, and the state in which the library last took it in to the end.
fn known_before(
    job: &Arc<JobRecord>,
    shared: &Arc<Shared>,
    identity: &[u8],
) -> Result<Option<(SourceId, Option<Vec<u8>>)>> {
    let (path, identity) = (job.path.clone(), identity.to_vec());
    on_writer(shared, move |writer| {
        let shown = path.to_string_lossy();
        let known = writer.store.find_source(&identity, &shown, may_exist)?;
        known.map(|source| Ok((source, writer.store.finished_state(source)?))).transpose()
    })
}

struct Begun {
    source: SourceId,
    same_as: Option<SourceId>,
    folders: Vec<FolderId>,
    known: KnownItems,
}

/// Writes source and folders, and learns what the library knows; `known_before` is what it knew of a source as of a batch.
fn begin(
    job: &Arc<JobRecord>,
    shared: &Arc<Shared>,
    opened: &dyn OpenSource,
    plan: &Plan,
    recovered: bool,
    known_before: Option<(SourceId, Held)>,
) -> Result<Begun> {
    let mut expected = vec![0_u64; plan.folders.len()];
    for entry in plan.entries.iter().filter(|entry| entry.recovered.is_none()) {
        if let Some(count) = expected.get_mut(entry.folder as usize) {
            *count += 1;
        }
    }
    let hidden = plan.folders.iter().map(|folder| folder.hidden).sum();
    let total = expected.iter().sum();
    job.change(|slow| {
        slow.expected = total;
        slow.hidden = hidden;
        slow.folders = plan.folders.len() as u64;
    });

    let facts = opened.facts().clone();
    let folders = plan.folders.clone();
    let anomalies = plan.anomalies.clone();
    job.anomalies.store((facts.anomalies.len() + anomalies.len()) as u64, Ordering::Relaxed);
    let path = job.path.clone();
    let modified = modified(&path);
    let begun = on_writer(shared, move |writer| {
        let shown = path.to_string_lossy();
        let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy());
        let last_batch = writer.store.last_batch()?;
        let known = writer.store.find_source(&facts.identity, &shown, may_exist)?;
        let record = SourceRecord { facts: &facts, path: &shown, name: &name, modified };
        let source = writer.store.put_source(known, &record, now())?;
        let ids = writer.store.put_folders(source, &folders, &expected, recovered)?;
        let same_as = writer.store.find_twin(source)?;
        writer.store.clear_failures(source)?;
        for anomaly in &anomalies {
            let folder = anomaly.folder.and_then(|folder| ids.get(folder)).copied();
            writer.store.put_anomaly(source, None, folder, &anomaly.reason)?;
        }
        writer.commit()?;
        let known = match known_before {
            // No other import has changed anything since.
            Some((of, held)) if of == source && held.batch == last_batch => held,
            _ => writer.store.known(source)?,
        };
        if known.is_stale() {
            writer.store.put_known(source, &known.items, last_batch)?;
            writer.commit()?;
        }
        Ok(Begun { source, same_as, folders: ids, known: known.items })
    })?;
    job.change(|slow| {
        slow.source = Some(begun.source);
        slow.same_as = begun.same_as;
        slow.known_before = !begun.known.is_empty();
    });
    Ok(begun)
}

fn modified(path: &Path) -> i64 {
    let time = std::fs::metadata(path).and_then(|facts| facts.modified()).ok();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// For each folder of the plan, where its items belong.
fn places(plan: &Plan, source: SourceId, ids: &[FolderId]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let parent =
            plan.folders.get(index).and_then(|folder| folder.parent).and_then(|parent| places.get(parent));
        let above = parent.map_or(&[][..], |parent| &parent.folders);
        let folders = std::iter::once(id.0).chain(above.iter().copied()).collect();
        places.push(Place { source, folders });
    }
    places
}

/// What is to be read, in the order of the file. Of a million items that is a million numbers.
struct Work<'p> {
    entries: &'p [Entry],
    known: &'p KnownItems,
    /// Places in `entries`.
    wanted: Vec<u32>,
}

impl Work<'_> {
    fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Some of it, with what the library knows of each.
    fn part(&self, range: Range<usize>) -> impl Iterator<Item = (&Entry, Option<&Known>)> {
        let wanted = self.wanted.get(range.start..range.end.min(self.len())).unwrap_or_default();
        wanted.iter().filter_map(|&number| {
            let entry = self.entries.get(number as usize)?;
            Some((entry, self.known.get(entry.key)))
        })
    }
}

/// What a comparison comes to, beside the work.
#[derive(Default)]
struct Differences {
    moved: Vec<(ItemId, Place, Option<Certainty>)>,
    gone: Vec<ItemId>,
    unchanged: u64,
    removed: u64,
}

/// Sorts the plan's entries: what is unchanged needs nothing, what moved is moved, what is gone is marked; the rest is to be read.
/// `recovered` says whether the plan looked for deleted items, as it does when the file has changed.
fn compare<'p>(
    job: &Arc<JobRecord>,
    shared: &Arc<Shared>,
    plan: &'p Plan,
    begun: &'p Begun,
    places: &[Place],
    recovered: bool,
) -> Result<Work<'p>> {
    let mut work = Work { entries: &plan.entries, known: &begun.known, wanted: Vec::new() };
    let mut found = Differences::default();
    let mut known_items = begun.known.finger();
    let mut seen = vec![false; begun.known.len()];
    let carved = |entry: &&Entry| entry.recovered == Some(Certainty::Carved);
    let held: HashSet<u64> = match plan.entries.iter().find(carved) {
        Some(_) => begun.known.iter().map(|known| known.version.data).collect(),
        None => Default::default(),
    };
    for (number, entry) in (0_u32..).zip(&plan.entries) {
        let Some(place) = places.get(entry.folder as usize) else { continue };
        let found_at = known_items.find(entry.key);
        let known = found_at.map(|(_, known)| known);
        // What its blocks were is told by the library, which read them when they still had a name.
        if known.is_none() && carved(&entry) && held.contains(&entry.version.data) {
            continue;
        }
        // What was damaged when it was read may be whole now that the file has changed.
        let is_same = |known: &Known| known.version == entry.version && !(known.is_damaged() && recovered);
        let mut see = || {
            if let Some(seen) = found_at.and_then(|(at, _)| seen.get_mut(at)) {
                *seen = true;
            }
        };
        match known {
            Some(known) if is_same(known) && !known.is_outdated() => {
                see();
                keep(job, entry, known, place, &mut found);
            }
            // An earlier version that can be recovered is no better than the later one that the library holds.
            Some(known)
                if entry.recovered.is_some()
                    && !known.recovered
                    && !known.is_outdated()
                    && known.version != entry.version => {}
            known => {
                see();
                if known.is_some_and(|known| !known.gone && !known.recovered) && entry.recovered.is_some() {
                    found.removed += 1;
                }
                work.wanted.push(number);
            }
        }
    }
    for (known, _) in begun.known.iter().zip(&seen).filter(|(known, seen)| !known.gone && !**seen) {
        if known.recovered && !recovered {
            continue;
        }
        found.gone.push(known.id);
        found.removed += u64::from(!known.recovered);
    }
    let Differences { moved, gone, unchanged, removed } = found;
    job.change(|slow| {
        slow.unchanged = unchanged;
        slow.removed = removed;
    });
    if !moved.is_empty() || !gone.is_empty() {
        on_writer(shared, move |writer| {
            writer.move_items(&moved)?;
            // One commit serves these and the first items that are read: each makes a part of the index.
            let now = now();
            for item in gone {
                writer.mark_gone(item, now)?;
            }
            Ok(())
        })?;
    }
    Ok(work)
}

/// Sorts in an entry whose content the library holds.
fn keep(job: &JobRecord, entry: &Entry, known: &Known, place: &Place, found: &mut Differences) {
    let (was_named, is_named) = (!known.gone && !known.recovered, entry.recovered.is_none());
    let same_place = place.folders.first() == Some(&known.folder.0);
    if same_place && !known.gone && known.recovered != is_named {
        found.unchanged += u64::from(is_named);
        job.recovered.fetch_add(u64::from(!is_named), Ordering::Relaxed);
        return;
    }
    found.moved.push((known.id, place.clone(), entry.recovered));
    if is_named {
        if was_named { &job.updated } else { &job.new }.fetch_add(1, Ordering::Relaxed);
        job.items.fetch_add(1, Ordering::Relaxed);
    } else {
        found.removed += u64::from(was_named);
        job.recovered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Reads the work on all workers, in the order of the file, until done or cancelled. While it is paused the workers are left to other
/// files: they go on with what they have begun, and then this thread alone waits.
fn read_all(
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

/// Runs something on the writer, after all that was sent to it before, and gives its answer. If it fails, the open batch is undone.
pub fn on_writer<T: Send + 'static>(
    shared: &Shared,
    run: impl FnOnce(&mut Writer) -> Result<T> + Send + 'static,
) -> Result<T> {
    shared.may_write()?;
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let library = shared.folder.clone();
    let message = Message::Run(Box::new(move |writer: &mut Writer| {
        let result = run(writer).map_err(|error| error.with_library(&library));
        let result = result.inspect_err(|error| writer.undo(error));
        let _ = sender.send(result);
    }));
    shared
        .stages
        .time(Stage::QueueFull, || shared.queue.push_at_once(message, 0))
        .map_err(|_| Error::WriterGone)?;
    receiver.recv().map_err(|_| Error::WriterGone)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Detail, Version};
    use std::io::Write;

    /// Reads nothing: fails on odd keys, and fails badly on even ones.
    struct Broken;

    impl ItemReader for Broken {
        fn read(&mut self, entry: &Entry) -> Result<source::SourceItem, String> {
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
