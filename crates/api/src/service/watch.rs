//! What a service does unasked: it tells of jobs, commits and exports, takes samples, warns, and finds what is likely asked next.

use super::Service;
use crate::commands::Handlers as _;
use crate::meter::{Metered, warnings};
use crate::types::{Empty, Event, Sample};
use crate::{answers, convert};
use mailscope_engine::export::ExportState as EngineExportState;
use mailscope_engine::search::Request;
use mailscope_engine::{ItemId, Notice};
use std::collections::BTreeSet;
use std::sync::{PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often running jobs are reported and, while they run, samples taken every other time.
const TICK: Duration = Duration::from_millis(250);
/// How often a sample is taken while nothing runs.
const IDLE_SAMPLE: Duration = Duration::from_secs(2);
/// Rows of the first page that a window asks for.
const FIRST_PAGE: usize = 100;
/// After so long no further search is answered before it is asked.
const WARMING: Duration = Duration::from_millis(100);

/// So long nothing else must be asked before what comes next is made ready.
const PAUSE: Duration = Duration::from_millis(50);

/// What was given last.
#[derive(Clone, Default)]
pub(super) enum Given {
    /// Nothing yet.
    #[default]
    Nothing,
    /// An item.
    Item(ItemId),
    /// A page of so many results in all.
    Page(Request, u64),
}

/// When searches are answered before they are asked: once for each state of the library, when it rests.
#[derive(Default)]
pub(super) struct Warming {
    /// The state at the last sample.
    seen: u64,
    /// The state for which it was done.
    done: u64,
}

/// Turns the engine's notices into events, reports running jobs, and takes samples; ends with the service.
pub(super) async fn watch(service: Weak<Service>, mut heard: tokio::sync::mpsc::UnboundedReceiver<Notice>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last_sample: Option<Instant> = None;
    if let Some(service) = service.upgrade().filter(|service| service.keeps) {
        // Nobody waits for it.
        drop(tokio::task::spawn_blocking(move || service.warm_now()));
    }
    loop {
        let notice = tokio::select! {
            notice = heard.recv() => match notice {
                Some(notice) => Some(notice),
                None => return,
            },
            _ = tick.tick() => None,
        };
        let Some(service) = service.upgrade() else { return };
        let sampled = last_sample;
        // Counting and sampling touch SQLite and the system: not on the event loop.
        let work = tokio::task::spawn_blocking(move || match notice {
            Some(notice) => {
                service.tell(notice);
                sampled
            }
            None => service.report(sampled),
        });
        match work.await {
            Ok(sampled) => last_sample = sampled,
            Err(error) => tracing::error!(%error, "the monitor failed"),
        }
    }
}

/// Makes ready what lies behind what was given last; ends with the service.
pub(super) async fn read_ahead(service: Weak<Service>, mut shown: watch::Receiver<Given>) {
    while shown.changed().await.is_ok() {
        // While somebody types or scrolls on, nothing is to take their time.
        while matches!(tokio::time::timeout(PAUSE, shown.changed()).await, Ok(Ok(()))) {}
        let given = shown.borrow_and_update().clone();
        let Some(service) = service.upgrade() else { return };
        let work = tokio::task::spawn_blocking(move || match given {
            Given::Nothing => {}
            Given::Item(id) => {
                service.library.prepare_next(id);
            }
            Given::Page(request, total) => {
                service.library.prepare_first();
                service.library.prepare_page_behind(&request, total);
            }
        });
        if let Err(error) = work.await {
            tracing::error!(%error, "what comes next is not made ready");
        }
    }
}

impl Service {
    fn tell(&self, notice: Notice) {
        match notice {
            Notice::Job(id) => {
                if let Ok(view) = self.library.job(id) {
                    self.send(Event::Job { job: Box::new(convert::job(&view)) });
                }
            }
            Notice::Committed { generation } => {
                let total_items = self.library.total_items().unwrap_or_default();
                self.send(Event::Library { generation, total_items });
            }
        }
    }

    /// Tells of exports that run, and once of each that has ended.
    fn report_exports(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for view in self.library.exports() {
            if view.state == EngineExportState::Running || told.insert(view.id.0) {
                self.send(Event::Export { export: Box::new(answers::export(&view)) });
            }
        }
    }

    fn report(&self, last_sample: Option<Instant>) -> Option<Instant> {
        if self.library.access() == mailscope_engine::Access::Writes {
            super::asked::answer(self.library.folder(), || self.snapshot(Empty {}));
        }
        let jobs = self.library.jobs();
        let running: Vec<_> = jobs.iter().filter(|job| !job.state.is_final()).collect();
        for job in &running {
            self.send(Event::Job { job: Box::new(convert::job(job)) });
        }
        self.report_exports();
        let period = if running.is_empty() { IDLE_SAMPLE } else { TICK * 2 };
        if last_sample.is_some_and(|then| then.elapsed() + TICK / 2 < period) {
            return last_sample;
        }
        if running.is_empty() && self.keeps {
            self.warm();
        }
        self.send(Event::Sample { sample: self.sample(running.len()) });
        Some(Instant::now())
    }

    /// A sample of this moment, with what is not as it should be.
    pub(super) fn sample(&self, running: usize) -> Sample {
        let sample = self.library.sample();
        let warnings =
            warnings(sample.memory, self.library.memory_budget(), running > 0, &self.meter().views());
        let standing: BTreeSet<String> = warnings
            .iter()
            .map(|warning| format!("{:?} {}", warning.kind, warning.operation.as_deref().unwrap_or_default()))
            .collect();
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        for (warning, key) in warnings.iter().zip(&standing) {
            if !warned.contains(key) {
                tracing::warn!("{}", warning.message);
            }
        }
        *warned = standing;
        Sample { warnings, ..convert::sample(&sample, &self.library) }
    }

    /// Once after each change, when the library rests, finds what is likely to be asked next.
    fn warm(&self) {
        let generation = self.library.generation();
        {
            let mut warming = self.warming.lock().unwrap_or_else(PoisonError::into_inner);
            let rests = std::mem::replace(&mut warming.seen, generation) == generation;
            if !rests || warming.done == generation {
                return;
            }
            warming.done = generation;
        }
        self.warm_now();
    }

    /// Finds what a window asks first, and what was asked lately.
    fn warm_now(&self) {
        let first = Request { as_you_type: true, limit: FIRST_PAGE, ..Request::default() };
        let warmed = self.library.warm(&[first], WARMING);
        tracing::debug!(warmed, "searches answered before they are asked");
        // All people are counted here, and not by whoever types first.
        if let Err(error) = self.library.prepare_completion() {
            tracing::debug!(%error, "completion is not made ready");
        }
    }
}
