//! Documents in blocks: a column's values for many of them cost little more than for one.

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, RowId};
use tantivy::query::Weight;
use tantivy::schema::Schema;
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, SegmentOrdinal, SegmentReader};

/// A column of numbers as unsigned ones of the same order; one without values where no document of the segment has any.
///
/// # Errors
/// When it cannot be read.
pub fn numbers(segment: &SegmentReader, name: &str) -> tantivy::Result<Column<u64>> {
    let found = segment.fast_fields().u64_lenient(name)?;
    Ok(found.map_or_else(|| Column::build_empty_column(segment.max_doc()), |(column, _)| column))
}

/// A signed number out of such a column.
pub fn signed(ordered: u64) -> i64 {
    (ordered ^ (1 << 63)).cast_signed()
}

/// A signed number as such a column has it.
pub fn ordered(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// The first value of each of `docs`.
pub fn firsts<T: Copy + PartialOrd + Send + Sync + std::fmt::Debug + 'static>(
    column: &Column<T>,
    docs: &[DocId],
    values: &mut Vec<Option<T>>,
) {
    values.clear();
    values.resize(docs.len(), None);
    column.first_vals(docs, values);
}

/// All values of documents, in their order; room for them is kept from block to block.
#[derive(Debug, Default)]
pub struct Values {
    docs: Vec<DocId>,
    rows: Vec<RowId>,
    values: Vec<u64>,
}

impl Values {
    /// The values of `docs`, all of a document that has several.
    pub fn of(&mut self, column: &Column<u64>, docs: &[DocId]) -> &[u64] {
        let (Some(first), Some(last)) = (docs.first(), docs.last()) else { return &[] };
        if (last - first) as usize + 1 != docs.len() {
            return self.with_docs(column, docs).1;
        }
        // Of neighbours the values are neighbours too: only where they begin and end is looked for.
        let rows = column.index.docid_range_to_rowids(*first..last.saturating_add(1));
        self.values.clear();
        self.values.resize(rows.len(), 0);
        column.values.get_range(rows.start.into(), &mut self.values);
        &self.values
    }

    /// The values of `docs`, and for each the document that it is of.
    pub fn with_docs(&mut self, column: &Column<u64>, docs: &[DocId]) -> (&[DocId], &[u64]) {
        let Self { docs: of, rows, values } = self;
        of.clear();
        rows.clear();
        column.row_ids_for_docs(docs, of, rows);
        values.clear();
        values.resize(rows.len(), 0);
        column.values.get_vals(rows, values);
        (of, values)
    }
}

/// A collector that is given blocks of a segment also where documents were deleted, unless it wants scores.
pub struct InBlocks<'a, C>(pub &'a C);

impl<C: Collector> Collector for InBlocks<'_, C> {
    type Fruit = C::Fruit;
    type Child = C::Child;

    fn check_schema(&self, schema: &Schema) -> tantivy::Result<()> {
        self.0.check_schema(schema)
    }

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<C::Child> {
        self.0.for_segment(ord, segment)
    }

    fn requires_scoring(&self) -> bool {
        self.0.requires_scoring()
    }

    fn merge_fruits(&self, fruits: Vec<<C::Child as SegmentCollector>::Fruit>) -> tantivy::Result<C::Fruit> {
        self.0.merge_fruits(fruits)
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        ord: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<<C::Child as SegmentCollector>::Fruit> {
        let mut child = self.0.for_segment(ord, segment)?;
        match (segment.alive_bitset(), self.requires_scoring()) {
            (alive, true) => weight.for_each(segment, &mut |doc, score| {
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    child.collect(doc, score);
                }
            })?,
            (None, false) => weight.for_each_no_score(segment, &mut |docs| child.collect_block(docs))?,
            (Some(alive), false) => {
                let mut left = Vec::with_capacity(COLLECT_BLOCK_BUFFER_LEN);
                weight.for_each_no_score(segment, &mut |docs| {
                    left.clear();
                    left.extend(docs.iter().copied().filter(|doc| alive.is_alive(*doc)));
                    child.collect_block(&left);
                })?;
            }
        }
        Ok(child.harvest())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counted, Document, Index, fast};
    use super::*;
    use crate::source::Person;

    /// Item n has n % 4 recipients.
    fn index(folder: &std::path::Path, count: usize) -> Index {
        let index = Index::open(folder).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for n in 0..count {
            let person = |m| Person { name: String::new(), address: format!("p{m}@example.org") };
            let to: Vec<Person> = (0..n % 4).map(|m| person(n % 7 + m)).collect();
            let counted = Counted::of(&person(n), to.iter(), &[]);
            let document = Document { counted, size: n as u64, ..Document::default() };
            writer.put(n as i64 + 1, 1, &[1], document, false).unwrap();
        }
        writer.commit(1).unwrap();
        index.reload().unwrap();
        index
    }

    #[test]
    fn values_of_blocks_are_those_of_their_documents() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = index(folder.path(), 100);
        let searcher = index.searcher();
        let segment = searcher.segment_reader(0);
        let recipients = segment.fast_fields().str(fast::RECIPIENTS).unwrap().unwrap();
        let columns = [
            recipients.ords().clone(),
            numbers(segment, fast::SIZE).unwrap(),
            numbers(segment, fast::DATE).unwrap(),
        ];
        let mut values = Values::default();
        for docs in
            [vec![], vec![0], vec![99], (0..64).collect(), (30..100).collect(), vec![1, 2, 4], vec![0, 5, 9]]
        {
            for column in &columns {
                let one =
                    |doc: &DocId| column.values_for_doc(*doc).map(|value| (*doc, value)).collect::<Vec<_>>();
                let expected: Vec<(DocId, u64)> = docs.iter().flat_map(one).collect();
                let only: Vec<u64> = expected.iter().map(|(_, value)| *value).collect();
                assert_eq!(values.of(column, &docs), only, "{docs:?}");
                let (of, found) = values.with_docs(column, &docs);
                let found: Vec<_> = of.iter().copied().zip(found.iter().copied()).collect();
                assert_eq!(found, expected, "{docs:?}");
            }
        }
    }
}
