//! Items like another: those that share the words that are rare elsewhere and frequent in it.

use super::{Choose, Fold, Page, Request, Sort, Stands, order, plain};
use crate::error::Result;
use crate::fields::TextField;
use crate::ids::ItemId;
use crate::index::Index;
use crate::store::{Store, Together};
use std::sync::Arc;
use tantivy::Term;
use tantivy::query::{BooleanQuery, MoreLikeThisQuery, Occur, Query, TermSetQuery};
use tantivy::schema::OwnedValue;

/// Of a text, at most this much is compared, in bytes.
const MAX_TEXT: usize = 256 * 1024;
/// Words that are compared, the most telling ones.
const MAX_WORDS: usize = 30;
/// Shorter words tell little, longer ones are none.
const WORD: std::ops::RangeInclusive<usize> = 3..=40;
/// A word must be in so many items, this one included, …
const MIN_ITEMS: u64 = 2;
/// … and in no more than one in so many, once there are many.
const MOST: u64 = 4;
const MANY: u64 = 200;

/// See [`crate::Library::related`].
///
/// # Errors
/// [`crate::Error::NoSuch`]; the stores'.
pub fn related(index: &Index, store: &Store, id: ItemId, limit: usize) -> Result<Page> {
    let row = store.item(id)?;
    let searcher = index.searcher();
    let fields = &index.fields;
    let value = |text: &str| vec![OwnedValue::Str(clip(text).to_owned())];
    let texts = vec![
        (fields.text(TextField::Subject), value(&row.hit.subject)),
        (fields.text(TextField::Body), value(&row.hit.text)),
    ];
    let mut like = MoreLikeThisQuery::builder()
        .with_min_doc_frequency(MIN_ITEMS)
        .with_min_term_frequency(1)
        .with_max_query_terms(MAX_WORDS)
        .with_min_word_length(*WORD.start())
        .with_max_word_length(*WORD.end());
    if searcher.num_docs() > MANY {
        like = like.with_max_doc_frequency(searcher.num_docs() / MOST);
    }
    let itself = store.copies_of(id)?;
    let itself = itself.into_iter().map(|id| Term::from_field_u64(fields.id, id.unsigned_abs()));
    let query = BooleanQuery::new(vec![
        (Occur::Must, Box::new(like.with_document_fields(texts)) as Box<dyn Query>),
        (Occur::MustNot, Box::new(TermSetQuery::new(itself))),
    ]);
    let request = Request { sort: Sort::Relevance, limit, fold: Fold::Duplicates, ..Request::default() };
    let groups = store.groups(Together::Copies)?;
    let chosen = Arc::new(index.collect(&searcher, &query, &Choose { groups, stands: Stands::First })?);
    let found = order::collect(index, &searcher, &query, &request, Some(&chosen))?;
    let hits = store.hits(&found.ids)?.into_iter().map(|row| {
        let stands_for = chosen.stands_for(row.id.0.unsigned_abs());
        super::Hit { stands_for, ..plain(row) }
    });
    Ok(Page { total: found.total, hits: hits.collect(), next: found.next, facets: None })
}

fn clip(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
