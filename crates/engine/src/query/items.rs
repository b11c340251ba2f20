//! Items by their numbers, as a query of the index.

use crate::index::fast;
use std::sync::Arc;
use tantivy::query::{
    BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, TermSetQuery, Weight,
};
use tantivy::schema::Field;
use tantivy::{BitSet, DocId, Score, SegmentReader, Term};

/// So many items are looked up one by one; for more, each document is looked at once.
const FEW: usize = 1024;
/// Numbers from here on are looked up one by one, too: a set of them would take more memory than the items.
const MOST: u64 = 1 << 28;

/// A query for the items with these numbers.
pub fn items(field: Field, ids: &[i64]) -> Box<dyn Query> {
    let last = ids.iter().map(|id| id.unsigned_abs()).max().unwrap_or_default();
    if ids.len() <= FEW || last >= MOST {
        let terms = ids.iter().map(|id| Term::from_field_u64(field, id.unsigned_abs()));
        return Box::new(TermSetQuery::new(terms));
    }
    let mut set = vec![0_u64; (last / 64 + 1) as usize];
    for id in ids.iter().map(|id| id.unsigned_abs()) {
        set[(id / 64) as usize] |= 1 << (id % 64);
    }
    Box::new(Items(set.into()))
}

/// Many items: a bit for each number.
#[derive(Debug, Clone)]
struct Items(Arc<[u64]>);

impl Query for Items {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Items {
    fn holds(&self, id: u64) -> bool {
        self.0.get((id / 64) as usize).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }
}

impl Weight for Items {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let ids = reader.fast_fields().u64(fast::ID)?;
        let mut found = BitSet::with_max_value(reader.max_doc());
        for doc in 0..reader.max_doc() {
            if ids.first(doc).is_some_and(|id| self.holds(id)) {
                found.insert(doc);
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("one of many items", 1.0))
    }
}
