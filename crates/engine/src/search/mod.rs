//! Search: query to tree, tree to ids, ids to rows, rows to snippets.

use crate::error::Result;
use crate::fields::{State, TextField};
use crate::ids::{FolderId, ItemId, SourceId};
use crate::index::{Index, fast};
use crate::query::{self, Names, Scope};
use crate::store::{HitRow, Store};
use crate::text::marks::{self, Highlights};
use std::ops::Range;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue, SortByString};
use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::{DocAddress, DocId, Order, Score, Searcher, SegmentOrdinal, SegmentReader};

/// Characters of a snippet.
const SNIPPET_WIDTH: usize = 160;

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// Which items are meant, without their order.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The query as typed.
    pub query: String,
    /// Only this source.
    pub source: Option<SourceId>,
    /// Only this folder and those below it.
    pub folder: Option<FolderId>,
    /// The last word may go on.
    pub as_you_type: bool,
}

/// A question, and what to show of its answer.
#[derive(Debug, Clone, Default)]
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
}

impl Request {
    /// Which items are meant.
    pub fn question(&self) -> Question {
        Question {
            query: self.query.clone(),
            source: self.source,
            folder: self.folder,
            as_you_type: self.as_you_type,
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Items that match.
    pub total: u64,
    /// The rows asked for.
    pub hits: Vec<Hit>,
}

/// A row with its marks.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The row. Its text is taken out.
    pub row: HitRow,
    /// Byte ranges of the subject to mark.
    pub subject_marks: Vec<Range<usize>>,
    /// A line of text.
    pub snippet: String,
    /// Byte ranges of it to mark.
    pub snippet_marks: Vec<Range<usize>>,
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
}

/// A query of the index for `question`.
///
/// # Errors
/// [`crate::Error::BadQuery`] with the place; SQLite's.
pub fn compiled(index: &Index, store: &Store, question: &Question) -> Result<Box<dyn tantivy::query::Query>> {
    let parsed = query::parse(&question.query)?;
    compile(index, store, question, &parsed)
}

fn compile(
    index: &Index,
    store: &Store,
    question: &Question,
    parsed: &query::Query,
) -> Result<Box<dyn tantivy::query::Query>> {
    let scope = Scope {
        source: question.source.map(|id| id.0),
        folder: question.folder.map(|id| id.0),
        as_you_type: question.as_you_type,
    };
    Ok(query::compile(parsed, scope, question.query.len(), &index.fields, store)?.query)
}

/// The ids of all items that answer `question`, in no order.
///
/// # Errors
/// As for [`compiled`].
pub fn all_ids(index: &Index, store: &Store, question: &Question) -> Result<Vec<i64>> {
    let query = compiled(index, store, question)?;
    let ids = index.searcher().search(query.as_ref(), &AllIds)?;
    Ok(ids.into_iter().filter_map(|id| i64::try_from(id).ok()).collect())
}

/// Collects ids.
struct AllIds;

struct SegmentIds {
    column: tantivy::columnar::Column<u64>,
    ids: Vec<u64>,
}

impl Collector for AllIds {
    type Fruit = Vec<u64>;
    type Child = SegmentIds;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentIds> {
        Ok(SegmentIds { column: segment.fast_fields().u64(fast::ID)?, ids: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        Ok(fruits.concat())
    }
}

impl SegmentCollector for SegmentIds {
    type Fruit = Vec<u64>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.ids.extend(self.column.first(doc));
    }

    fn harvest(self) -> Vec<u64> {
        self.ids
    }
}

/// Answers `request`.
///
/// # Errors
/// [`crate::Error::BadQuery`] with the place; otherwise the stores'.
pub fn search(index: &Index, store: &Store, request: &Request) -> Result<Page> {
    let parsed = query::parse(&request.query)?;
    let compiled = compile(index, store, &request.question(), &parsed)?;
    let searcher = index.searcher();
    let (total, ids) = collect(&searcher, compiled.as_ref(), request)?;
    let rows = store.hits(&ids)?;
    let open_end = request.as_you_type.then_some(request.query.len());
    let in_subject = query::highlights(&parsed, Some(TextField::Subject), open_end);
    let in_body = query::highlights(&parsed, Some(TextField::Body), open_end);
    let hits = rows.into_iter().map(|row| mark(row, &in_subject, &in_body)).collect();
    Ok(Page { total, hits })
}

fn mark(mut row: HitRow, in_subject: &Highlights, in_body: &Highlights) -> Hit {
    let text = std::mem::take(&mut row.text);
    let (snippet, snippet_marks) = marks::snippet(&text, in_body, SNIPPET_WIDTH);
    let subject_marks = in_subject.find(&row.subject);
    Hit { row, subject_marks, snippet, snippet_marks }
}

/// Ids in order, with the number of all. Equal keys are ordered by id, so that pages neither overlap nor leave gaps.
fn collect(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    request: &Request,
) -> Result<(u64, Vec<ItemId>)> {
    // Nothing lies beyond the last item; the index would make room for all that is passed over.
    let most = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
    let limit = request.limit.min(most);
    if limit == 0 || request.offset >= most {
        let total = searcher.search(query, &Count)?;
        return Ok((total as u64, Vec::new()));
    }
    let top = TopDocs::with_limit(limit).and_offset(request.offset);
    let by_id = |order| (SortByStaticFastValue::<u64>::for_field(fast::ID), order);
    let by_date = |order| (SortByStaticFastValue::<i64>::for_field(fast::DATE), order);
    let (total, found): (usize, Vec<DocAddress>) = match request.sort {
        Sort::Newest => {
            let (total, found) =
                searcher.search(query, &(Count, top.order_by((by_date(Order::Desc), by_id(Order::Desc)))))?;
            (total, found.into_iter().map(|(_, at)| at).collect())
        }
        Sort::Oldest => {
            let (total, found) =
                searcher.search(query, &(Count, top.order_by((by_date(Order::Asc), by_id(Order::Asc)))))?;
            (total, found.into_iter().map(|(_, at)| at).collect())
        }
        Sort::Size => {
            let by_size = (SortByStaticFastValue::<u64>::for_field(fast::SIZE), Order::Desc);
            let (total, found) =
                searcher.search(query, &(Count, top.order_by((by_size, by_id(Order::Desc)))))?;
            (total, found.into_iter().map(|(_, at)| at).collect())
        }
        Sort::Sender => {
            let by_sender = (SortByString::for_field(fast::SENDER), Order::Asc);
            let (total, found) = searcher.search(
                query,
                &(Count, top.order_by((by_sender, (by_date(Order::Desc), by_id(Order::Desc))))),
            )?;
            (total, found.into_iter().map(|(_, at)| at).collect())
        }
        Sort::Relevance => {
            let by_score = (SortBySimilarityScore, Order::Desc);
            let (total, found) =
                searcher.search(query, &(Count, top.order_by((by_score, by_id(Order::Desc)))))?;
            (total, found.into_iter().map(|(_, at)| at).collect())
        }
    };
    Ok((total as u64, item_ids(searcher, &found)?))
}

fn item_ids(searcher: &Searcher, found: &[DocAddress]) -> Result<Vec<ItemId>> {
    let mut columns = std::collections::HashMap::new();
    let mut ids = Vec::with_capacity(found.len());
    for at in found {
        let column = match columns.entry(at.segment_ord) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(searcher.segment_reader(at.segment_ord).fast_fields().u64(fast::ID)?)
            }
        };
        if let Some(id) = column.first(at.doc_id).and_then(|id| i64::try_from(id).ok()) {
            ids.push(ItemId(id));
        }
    }
    Ok(ids)
}
