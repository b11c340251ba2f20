//! Search: query to tree, tree to ids, ids to rows, rows to snippets.

mod deep;
mod fold;
mod order;
mod ranked;
mod related;
mod sender;

use crate::error::Result;
use crate::export::Which;
use crate::fields::{State, TextField};
use crate::ids::{FolderId, ItemId, SourceId};
use crate::index::Index;
use crate::insights::{self, Insights};
use crate::query::{self, Names, Scope, Widened};
use crate::store::{HitRow, Store, Thread, Together};
use crate::text::marks::{self, Highlights};
use crate::zone::Zone;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use fold::{Choose, Chosen, Stands};
pub use fold::{CountCopies, Duplicates, GroupCounts, WholeGroups};
pub(crate) use related::related;
pub(crate) use sender::{BySender, Senders};
use tantivy::query::{BooleanQuery, Occur};

/// Characters of a snippet.
const SNIPPET_WIDTH: usize = 160;
/// Entries of each list of counts beside the results.
const FACETS: usize = 50;

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Latest first.
    #[default]
    Newest,
    /// Earliest first.
    Oldest,
    /// Best first.
    Relevance,
    /// Largest first.
    Size,
    /// By the sender's name, A to Z; those without a sender last.
    Sender,
}

/// What of the items that match is shown once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Fold {
    /// Nothing: each item is shown.
    #[default]
    Nothing,
    /// Items that say the same: of those that match, the first by date and id stands for all, in every order of the list.
    Duplicates,
    /// Conversations: of those of its items that match, the one stands for all that comes first in the order of the list (by sender,
    /// the latest).
    Conversations,
}

/// Which items are meant, without their order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Question {
    /// The query as typed.
    pub query: String,
    /// Only this source.
    pub source: Option<SourceId>,
    /// Only this folder and those below it.
    pub folder: Option<FolderId>,
    /// The last word may go on.
    pub as_you_type: bool,
    /// The reader's zone: days begin there, and its clocks show the hours.
    pub zone: Zone,
}

/// A question, and what to show of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Request {
    /// The query as typed.
    pub query: String,
    /// Only this source.
    pub source: Option<SourceId>,
    /// Only this folder and those below it.
    pub folder: Option<FolderId>,
    /// The order.
    pub sort: Sort,
    /// Results to pass over.
    pub offset: usize,
    /// Results to give.
    pub limit: usize,
    /// The last word may go on.
    pub as_you_type: bool,
    /// The reader's zone: days begin there, and its clocks show the hours.
    pub zone: Zone,
    /// Begin after the row that gave this ([`Page::next`]); `offset` is not looked at then. While items come in, rows by relevance may
    /// come twice or not at all: with each commit all of them are weighed anew.
    pub after: Option<String>,
    /// Count what stands beside the list as well.
    pub facets: bool,
    /// What is shown once. Total, pages and counts are then of what is shown.
    pub fold: Fold,
}

impl Request {
    /// Which items are meant.
    pub fn question(&self) -> Question {
        Question {
            query: self.query.clone(),
            source: self.source,
            folder: self.folder,
            as_you_type: self.as_you_type,
            zone: self.zone.clone(),
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Items that match, or those of them that are shown.
    pub total: u64,
    /// The rows asked for.
    pub hits: Vec<Hit>,
    /// For [`Request::after`] of the next page, where there may be one.
    pub next: Option<String>,
    /// The counts, where asked for.
    pub facets: Option<Insights>,
}

/// A row with its marks.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The row. Its text is taken out.
    pub row: HitRow,
    /// Byte ranges of the sender, as it is displayed, to mark.
    pub from_marks: Vec<Range<usize>>,
    /// Byte ranges of the subject to mark.
    pub subject_marks: Vec<Range<usize>>,
    /// A line of text.
    pub snippet: String,
    /// Byte ranges of it to mark.
    pub snippet_marks: Vec<Range<usize>>,
    /// Items that match and that the row stands for, itself included; 1 where nothing is folded.
    pub stands_for: u64,
    /// Who took part in its conversation, and when: of conversations, where there are others in it.
    pub thread: Option<Thread>,
}

impl Names for Store {
    fn folders(&self, name: &str) -> Result<Vec<i64>> {
        self.folders_named(name)
    }

    fn sources(&self, name: &str) -> Result<Vec<i64>> {
        self.sources_named(name)
    }

    fn items_in_state(&self, state: State) -> Result<Vec<i64>> {
        Self::items_in_state(self, state)
    }

    fn conversation(&self, id: i64) -> Result<Vec<i64>> {
        self.conversation_of(ItemId(id))
    }

    fn tag(&self, name: &str) -> Result<Vec<i64>> {
        self.items_with_tag(name)
    }

    fn note(&self, text: &str) -> Result<Vec<i64>> {
        self.items_with_note(text)
    }

    fn hash(&self, mih: &[u8; 16]) -> Result<Vec<i64>> {
        self.items_of_hash(mih)
    }
}

/// A query of the index for `question`.
///
/// # Errors
/// [`crate::Error::BadQuery`] with the place; SQLite's.
pub fn compiled(index: &Index, store: &Store, question: &Question) -> Result<Box<dyn tantivy::query::Query>> {
    let parsed = query::parse_in(&question.query, &question.zone)?;
    let widened = query::widen(index, &index.searcher(), &parsed)?;
    compile(index, store, question, &parsed, &widened)
}

fn compile(
    index: &Index,
    store: &Store,
    question: &Question,
    parsed: &query::Query,
    widened: &Widened,
) -> Result<Box<dyn tantivy::query::Query>> {
    let scope = Scope {
        source: question.source.map(|id| id.0),
        folder: question.folder.map(|id| id.0),
        as_you_type: question.as_you_type,
        zone: question.zone.clone(),
    };
    Ok(query::compile(parsed, &question.query, &scope, &index.fields, store, widened)?.query)
}

/// The ids of all items that answer `question`, in no order.
///
/// # Errors
/// As for [`compiled`].
pub fn all_ids(index: &Index, store: &Store, question: &Question) -> Result<Vec<i64>> {
    let query = compiled(index, store, question)?;
    let ids = index.collect(&index.searcher(), query.as_ref(), &order::AllIds)?;
    Ok(ids.into_iter().filter_map(|id| i64::try_from(id).ok()).collect())
}

/// The ids of the items that are meant, in no order.
///
/// # Errors
/// As for [`compiled`].
pub fn chosen_ids(index: &Index, store: &Store, which: &Which) -> Result<Vec<i64>> {
    let (question, left) = match which {
        Which::Ids(ids) => return Ok(ids.iter().map(|id| id.0).collect()),
        Which::Query(question) => return all_ids(index, store, question),
        Which::Rest(question, left) => return Ok(without(all_ids(index, store, question)?, left)),
        Which::Once(question, left) => (question, left),
    };
    let (query, searcher) = (compiled(index, store, question)?, index.searcher());
    let request = Request { fold: Fold::Duplicates, ..Request::default() };
    let chosen = chosen(index, store, &searcher, query.as_ref(), &request)?;
    let ids = order::folded(index, &searcher, query.as_ref(), chosen.as_ref(), order::AllIds)?;
    Ok(without(ids.into_iter().filter_map(|id| i64::try_from(id).ok()).collect(), left))
}

fn without(mut ids: Vec<i64>, left: &[ItemId]) -> Vec<i64> {
    let left: HashSet<i64> = left.iter().map(|id| id.0).collect();
    ids.retain(|id| !left.contains(id));
    ids
}

/// Answers `request`.
///
/// # Errors
/// [`crate::Error::BadQuery`] with the place; otherwise the stores'.
pub fn search(index: &Index, store: &Store, request: &Request) -> Result<Page> {
    let parsed = query::parse_in(&request.query, &request.zone)?;
    let searcher = index.searcher();
    let widened = query::widen(index, &searcher, &parsed)?;
    let compiled = compile(index, store, &request.question(), &parsed, &widened)?;
    let chosen = chosen(index, store, &searcher, compiled.as_ref(), request)?;
    let found = order::collect(index, &searcher, compiled.as_ref(), request, chosen.as_ref())?;
    let rows = store.hits(&found.ids)?;
    let mut threads = match request.fold {
        Fold::Conversations => store.threads(&found.ids)?,
        _ => HashMap::new(),
    };
    let open_end = query::open_end(&request.query, request.as_you_type);
    let marks = |field| query::highlights(&parsed, &widened, Some(field), open_end);
    let (from, subject, body) = (marks(TextField::From), marks(TextField::Subject), marks(TextField::Body));
    let stands_for =
        |row: &HitRow| chosen.as_ref().map_or(1, |chosen| chosen.stands_for(row.id.0.unsigned_abs()));
    let hits = rows.into_iter().map(|row| (stands_for(&row), row));
    let hits = hits
        .map(|(stands_for, row)| {
            let thread = threads.remove(&row.id);
            Hit { stands_for, thread, ..mark(row, &from, &subject, &body) }
        })
        .collect();
    let facets = if request.facets {
        let counting =
            insights::Collect { parts: insights::Parts::FACETS, zone: request.zone.clone(), largest: 0 };
        let tally = order::folded(index, &searcher, compiled.as_ref(), chosen.as_ref(), counting)?;
        Some(insights::describe(&tally, &tally, store, FACETS)?)
    } else {
        None
    };
    Ok(Page { total: found.total, hits, next: found.next, facets })
}

/// The rows of `ids` that are there, in their order, marked as in an answer to `question`, each with whether it is one.
///
/// # Errors
/// As for [`compiled`].
pub fn rows_of(
    index: &Index,
    store: &Store,
    ids: &[ItemId],
    question: Option<&Question>,
) -> Result<Vec<(Hit, bool)>> {
    let rows = store.hits(ids)?;
    let Some(question) = question else {
        return Ok(rows.into_iter().map(|row| (plain(row), false)).collect());
    };
    let parsed = query::parse_in(&question.query, &question.zone)?;
    let widened = query::widen(index, &index.searcher(), &parsed)?;
    let asked = compile(index, store, question, &parsed, &widened)?;
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let these = query::items(index.fields.id, &ids);
    let both = BooleanQuery::new(vec![(Occur::Must, asked), (Occur::Must, these)]);
    let found: HashSet<u64> = index.searcher().search(&both, &order::AllIds)?.into_iter().collect();
    let open_end = query::open_end(&question.query, question.as_you_type);
    let marks = |field| query::highlights(&parsed, &widened, Some(field), open_end);
    let (from, subject, body) = (marks(TextField::From), marks(TextField::Subject), marks(TextField::Body));
    let told = rows.into_iter().map(|row| {
        let answers = found.contains(&row.id.0.unsigned_abs());
        (if answers { mark(row, &from, &subject, &body) } else { plain(row) }, answers)
    });
    Ok(told.collect())
}

/// A row with a line of its text and no marks.
pub fn plain(row: HitRow) -> Hit {
    let none = Highlights::default();
    mark(row, &none, &none, &none)
}

fn mark(mut row: HitRow, in_from: &Highlights, in_subject: &Highlights, in_body: &Highlights) -> Hit {
    let text = std::mem::take(&mut row.text);
    let (snippet, snippet_marks) = marks::snippet(&text, in_body, SNIPPET_WIDTH);
    let subject_marks = in_subject.find(&row.subject);
    let from_marks = in_from.find(row.from.display());
    Hit { row, from_marks, subject_marks, snippet, snippet_marks, stands_for: 1, thread: None }
}

/// What stands for the groups of all that match, where some are folded. It follows from query, order and library alone, so that
/// every page has the same.
fn chosen(
    index: &Index,
    store: &Store,
    searcher: &tantivy::Searcher,
    query: &dyn tantivy::query::Query,
    request: &Request,
) -> Result<Option<Arc<Chosen>>> {
    let (by, stands) = match request.fold {
        Fold::Nothing => return Ok(None),
        Fold::Duplicates => (Together::Copies, Stands::First),
        Fold::Conversations => (Together::Conversation, Stands::InOrder(request.sort)),
    };
    let groups = store.groups(by)?;
    Ok(Some(Arc::new(index.collect(searcher, query, &Choose { groups, stands })?)))
}
