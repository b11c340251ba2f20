//! The import of one file: plan, compare with what the library knows, read what is new.

use super::compare::compare;
use super::job::{Account, JobRecord, JobState};
use super::read::read_all;
use super::shared::{Message, Place, Point, Shared, now, on_writer};
use super::writer::Writer;
use crate::error::{Error, Result, SourceProblem};
use crate::ids::{FolderId, SourceId};
use crate::source::{self, Glance, OpenSource, Opening, Plan, Stop};
use crate::store::{Held, KnownItems, SourceRecord};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Instant, UNIX_EPOCH};

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
    let work = step(job, "compared", || compare(job, shared, &plan, &begun.known, &places, recover))?;
    (shared.observe)(Point::Compared);
    job.planned.store(work.len() as u64, Ordering::Relaxed);
    job.change(|slow| slow.state = JobState::Reading);
    (shared.notify)(super::Notice::Job(job.id));
    let items = work.len();
    // Refused only when the library is being closed, which the items show.
    let _ = shared.queue.push(Message::Run(Box::new(move |writer| writer.expect(items))), 0);

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
