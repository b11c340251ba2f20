//! Asking.

use crate::Outcome;
use crate::fts5::Fts5;
use crate::plan::{Ask, DEEP, Kind, Order, PAGE, Plan, Query, question, request};
use crate::spread::{Patience, Spread, millis};
use mailscope_engine::search::{Question, Request};
use mailscope_engine::{Error, Library, LibraryOptions, Zone, insights};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// Callers at once, beside one alone.
const CALLERS: usize = 8;
/// People of a graph, as the window asks for them.
const PEOPLE: usize = 80;
/// Entries of each list of insights, as the window asks for them.
const TOP: usize = 10;
/// Completions, as the window asks for them.
const COMPLETIONS: usize = 12;
/// Of one caller.
const ALONE: Patience = Patience { rounds: 40, time: Duration::from_secs(4) };
/// Of each of several.
const TOGETHER: Patience = Patience { rounds: 12, time: Duration::from_secs(4) };
/// Of another program, which may take long.
const BESIDE: Patience = Patience { rounds: 20, time: Duration::from_secs(4) };

/// A question that is ready to be asked.
enum Prepared<'a> {
    Search(Request),
    Insights(insights::Request),
    People(&'a Query),
    Replies(&'a Query),
    Complete(&'a Query),
}

impl<'a> Prepared<'a> {
    /// Finds out what must be known before, such as the cursor of a page.
    fn new(library: &Library, ask: Ask, query: &'a Query) -> Result<Self, Error> {
        let deep = |order: Order| Request { offset: (DEEP - 1) * PAGE, ..request(query, order) };
        Ok(match ask {
            Ask::Page(order) => Self::Search(request(query, order)),
            Ask::Typed => Self::Search(Request { as_you_type: true, ..request(query, Order::Newest) }),
            Ask::Facets => Self::Search(Request { facets: true, ..request(query, Order::Newest) }),
            Ask::DeepByOffset(order) => Self::Search(deep(order)),
            Ask::DeepByCursor(order) => {
                let before = Request { offset: (DEEP - 1) * PAGE - 1, limit: 1, ..request(query, order) };
                Self::Search(Request { after: library.search(&before)?.next, ..request(query, order) })
            }
            Ask::Insights => {
                // A zone with summer times: what a window asks.
                let zone = Zone::named("Europe/Vienna").unwrap_or_default();
                let question = Question { zone, ..question(query) };
                Self::Insights(insights::Request { question, top: TOP })
            }
            Ask::People => Self::People(query),
            Ask::Replies => Self::Replies(query),
            Ask::Complete => Self::Complete(query),
        })
    }

    /// Asks it; gives how many there are.
    fn ask(&self, library: &Library) -> Result<u64, Error> {
        Ok(match self {
            Self::Search(request) => library.search(request)?.total,
            Self::Insights(request) => library.insights(request)?.total,
            Self::People(query) => library.people(&question(query), PEOPLE)?.total,
            Self::Replies(query) => library.replies(&question(query), TOP)?.looked_at.0,
            Self::Complete(query) => {
                library.complete(&query.ours, query.ours.len(), COMPLETIONS, &Zone::default())?.1.len() as u64
            }
        })
    }
}

/// Asks everything in `plan`.
///
/// # Errors
/// Those of the library and of SQLite.
pub fn run(folder: &Path, plan: &Plan, beside: Option<&Path>) -> Outcome<()> {
    let library = Library::open(LibraryOptions::new(folder))?;
    library.settle()?;
    let fts5 = beside.map(Fts5::open).transpose()?;
    for kind in &plan.kinds {
        let prepared: Vec<Prepared<'_>> = kind
            .queries
            .iter()
            .map(|query| Prepared::new(&library, kind.ask, query))
            .collect::<Result<_, _>>()?;
        let mut totals = prepared.iter().map(|query| query.ask(&library)).collect::<Result<Vec<_>, _>>()?;
        let ask = |number: usize| prepared[number].ask(&library).map(|_| ());
        let alone = Spread::of(ALONE.measure(prepared.len(), ask)?);
        let together = together(prepared.len(), &ask)?;
        let beside = match &fts5 {
            Some(fts5) => compare(fts5, kind, &totals)?,
            None => None,
        };
        totals.sort_unstable();
        println!(
            "{}",
            json!({
                "kind": kind.name, "ask": kind.ask, "queries": kind.queries.len(), "least": totals.first(), "most": totals.last(),
                "alone": alone, "together": together, "fts5": beside,
            })
        );
    }
    Ok(())
}

fn together(count: usize, ask: &(impl Fn(usize) -> Result<(), Error> + Sync)) -> Result<Spread, Error> {
    let caller = |caller: usize| TOGETHER.measure(count, |number| ask((number + caller) % count));
    let times = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|number| scope.spawn(move || caller(number))).collect();
        let ended = callers.into_iter().map(|caller| caller.join());
        ended
            .map(|times| times.unwrap_or_else(|_| Err(Error::Internal("a caller ended with a fault".into()))))
            .collect::<Result<Vec<_>, _>>()
    })?;
    Ok(Spread::of(times.concat()))
}

/// The same by FTS5, by one caller; and how far its number of hits is from ours at most, in percent.
fn compare(fts5: &Fts5, kind: &Kind, totals: &[u64]) -> Outcome<Option<serde_json::Value>> {
    let Ask::Page(order @ (Order::Newest | Order::Relevance)) = kind.ask else { return Ok(None) };
    let queries: Vec<(&(String, String), u64)> = kind
        .queries
        .iter()
        .zip(totals)
        .filter_map(|(query, total)| Some((query.fts5.as_ref()?, *total)))
        .collect();
    if queries.is_empty() {
        return Ok(None);
    }
    let mut apart: f64 = 0.0;
    for (query, total) in &queries {
        let theirs = fts5.ask(query, order)?;
        apart = apart.max(100.0 * total.abs_diff(theirs) as f64 / (*total).max(1) as f64);
    }
    let times = BESIDE.measure(queries.len(), |number| fts5.ask(queries[number].0, order).map(|_| ()))?;
    Ok(Some(json!({ "alone": Spread::of(times), "apart": apart })))
}

/// Asks one query of a kind once, as the first thing that this process does.
///
/// # Errors
/// Those of the library; a kind that is not in the plan.
pub fn one(folder: &Path, plan: &Plan, kind: &str, number: usize) -> Outcome<()> {
    let kind = plan.kinds.iter().find(|other| other.name == kind).ok_or("there is no such kind")?;
    let query = kind.queries.get(number % kind.queries.len().max(1)).ok_or("there is no such query")?;
    let started = Instant::now();
    let library = Library::open(LibraryOptions::new(folder))?;
    let opened = started.elapsed();
    let prepared = Prepared::new(&library, kind.ask, query)?;
    let started = Instant::now();
    let total = prepared.ask(&library)?;
    println!("{}", json!({ "total": total, "open": millis(opened), "took": millis(started.elapsed()) }));
    Ok(())
}
