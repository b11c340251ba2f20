//! What is asked of the whole of a query's answer: insights, and who wrote to whom.

use super::Library;
use crate::error::{Error, Result};
use crate::insights::{self, Directory, Insights, Offer, PeopleGraph, Replies};
use crate::query::{self, Completion};
use crate::search::Question;
use crate::zone::Zone;
use std::ops::Range;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// What completion offers may be so old while an import runs.
const DIRECTORY_AGE: Duration = Duration::from_secs(20);

/// What completion offers, as it was last counted.
#[derive(Clone)]
pub(super) struct Counted {
    /// The commit of which it is.
    generation: u64,
    at: Instant,
    directory: Arc<Directory>,
    /// By whose clocks the times are.
    zone: Zone,
    times: Arc<[Offer]>,
}

/// Runs what reads the index. Within a damaged file of it tantivy may find a number that leads nowhere and stop with a fault; that is
/// an answer too.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(Err(Error::IndexDamaged))
}

impl Library {
    /// What the items that match have in common.
    ///
    /// # Errors
    /// See [`insights::insights`].
    pub fn insights(&self, request: &insights::Request) -> Result<Insights> {
        let started = Instant::now();
        let find = || guarded(|| insights::insights(&self.shared.index, &self.shared.store, request));
        let answer = self.cache.insights(request, find)?;
        tracing::debug!(items = answer.total, took = ?started.elapsed(), "insights");
        Ok(Arc::unwrap_or_clone(answer))
    }

    /// Who wrote to whom among the items that match: the `limit` people with the most items.
    ///
    /// # Errors
    /// See [`insights::people`].
    pub fn people(&self, question: &Question, limit: usize) -> Result<PeopleGraph> {
        let find = || guarded(|| insights::people(&self.shared.index, &self.shared.store, question, limit));
        self.cache.people(question, limit, find).map(Arc::unwrap_or_clone)
    }

    /// How long the items that match took to answer others; the `top` people with the most answers.
    ///
    /// # Errors
    /// See [`insights::replies`].
    pub fn replies(&self, question: &Question, top: usize) -> Result<Replies> {
        let started = Instant::now();
        let find = || guarded(|| insights::replies(&self.shared.index, &self.shared.store, question, top));
        let answer = self.cache.replies(question, top, find)?;
        tracing::debug!(answers = answer.times.count, took = ?started.elapsed(), "replies");
        Ok(Arc::unwrap_or_clone(answer))
    }

    /// What could be meant by `query`, of which the part before `caret` (in bytes) is being typed: the part that a completion replaces,
    /// and at most `limit` completions. Years and months are those of `zone`.
    ///
    /// # Errors
    /// The stores'.
    pub fn complete(
        &self,
        query: &str,
        caret: usize,
        limit: usize,
        zone: &Zone,
    ) -> Result<(Range<usize>, Vec<Completion>)> {
        let counted = self.counted(DIRECTORY_AGE, Some(zone))?;
        Ok(query::complete(query, caret, limit, &counted.directory, &counted.times))
    }

    /// Counts what completion offers, unless it is known, so that nobody who types waits for it: for the zone of whoever asked last, or
    /// else for that of this computer. What all items have in common is known then too.
    ///
    /// # Errors
    /// The stores'.
    pub fn prepare_completion(&self) -> Result<()> {
        self.counted(Duration::ZERO, None).map(drop)
    }

    /// Who and what the library holds, and when. Counting it takes a look at every item, so it is kept until something
    /// changed, and for so long beyond that, unless there was nothing then. Another zone has but its times counted.
    fn counted(&self, may_be_old: Duration, zone: Option<&Zone>) -> Result<Counted> {
        let mut last = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation();
        let zone = match (zone, last.as_ref()) {
            (Some(asked), _) => asked.clone(),
            (None, Some(known)) => known.zone.clone(),
            (None, None) => Zone::of_system(),
        };
        let times = || guarded(|| insights::times(&self.shared.index, &zone)).map(Arc::from);
        let mut counted = match last.take() {
            Some(known)
                if known.generation == generation
                    || known.at.elapsed() < may_be_old && !known.directory.is_empty() =>
            {
                known
            }
            _ => Counted {
                generation,
                at: Instant::now(),
                directory: Arc::new(guarded(|| Directory::of(&self.shared.index, &self.shared.store))?),
                zone: zone.clone(),
                times: times()?,
            },
        };
        if counted.zone != zone {
            counted.times = times()?;
            counted.zone = zone;
        }
        *last = Some(counted.clone());
        Ok(counted)
    }
}
