//! What the library knows of the items of a source, to be compared with what its file names now.
//!
//! Rows of items lie among their texts, all over the database. So the few numbers that a comparison needs are kept packed beside them,
//! as they were in some batch; what changed since is told by its rows, each of which has the batch of its last change.

use super::Store;
use super::write::{DAMAGED, PARTIAL, READING, StoreWriter, bits, unbits};
use crate::error::Result;
use crate::ids::{FolderId, ItemId, SourceId};
use crate::source::Version;
use rusqlite::{Connection, params};

/// So many items are packed together.
const PACK: usize = if cfg!(test) { 3 } else { 1 << 16 };
/// Of fewer items the rows are read as fast.
const WORTH_PACKING: usize = if cfg!(debug_assertions) { 10 } else { 2000 };
/// Packed again where more than one in so many was read from its row.
const STALE: usize = 50;
/// Numbers that are packed of an item.
const NUMBERS: usize = 7;

/// What the library knows of an item of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its row.
    pub id: ItemId,
    /// Its version when it was read.
    pub version: Version,
    /// Where it was.
    pub folder: FolderId,
    /// Whether a later state of the file lacked it.
    pub gone: bool,
    /// Whether the file no longer named it, though it could still be read.
    pub recovered: bool,
    /// In which way it was read; see [`READING`].
    reading: i64,
}

impl Known {
    /// What was written just now.
    pub(super) fn new(id: ItemId, version: Version, folder: FolderId, recovered: bool, reading: i64) -> Self {
        Self { id, version, folder, gone: false, recovered, reading }
    }

    /// Whether it was read in an earlier way, which kept less of it than is kept now.
    pub fn is_outdated(&self) -> bool {
        self.reading < READING && self.reading != DAMAGED
    }

    /// Whether it was lost but for what its folder repeats of it.
    pub fn is_partial(&self) -> bool {
        self.reading == PARTIAL
    }

    /// Whether something of it was damaged or missing when it was read.
    pub fn is_damaged(&self) -> bool {
        self.reading == DAMAGED
    }

    fn numbers(&self, key: u64) -> [i64; NUMBERS] {
        let marks = i64::from(self.gone) | i64::from(self.recovered) << 1;
        let Version { data, sub } = self.version;
        [bits(key), self.id.0, bits(data), bits(sub), self.folder.0, self.reading, marks]
    }

    fn from_numbers([key, id, data, sub, folder, reading, marks]: [i64; NUMBERS]) -> (u64, Self) {
        let known = Self {
            id: ItemId(id),
            version: Version { data: unbits(data), sub: unbits(sub) },
            folder: FolderId(folder),
            gone: marks & 1 != 0,
            recovered: marks & 2 != 0,
            reading,
        };
        (unbits(key), known)
    }
}

/// An item and its key.
type Keyed = (u64, Known);

/// Items of a source, each once, in the order of their keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KnownItems(Vec<Keyed>);

impl KnownItems {
    /// Of what is told of a key more than once, the last holds.
    fn told(mut items: Vec<Keyed>) -> Self {
        if !items.is_sorted_by(|(one, _), (other, _)| one < other) {
            items.sort_by_key(|(key, _)| *key);
            items.reverse();
            items.dedup_by_key(|(key, _)| *key);
            items.reverse();
        }
        Self(items)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Known> {
        self.0.iter().map(|(_, known)| known)
    }

    /// The one with this key.
    pub fn get(&self, key: u64) -> Option<&Known> {
        self.finger().find(key).map(|(_, known)| known)
    }

    /// Finds one after another; the faster, the more they follow each other.
    pub fn finger(&self) -> Finger<'_> {
        Finger { items: &self.0, next: 0 }
    }
}

/// Where the last one was found.
pub struct Finger<'a> {
    items: &'a [Keyed],
    next: usize,
}

impl<'a> Finger<'a> {
    /// The item with this key, and its place among all.
    pub fn find(&mut self, key: u64) -> Option<(usize, &'a Known)> {
        let at = match self.items.get(self.next) {
            Some((next, _)) if *next == key => self.next,
            _ => self.items.binary_search_by_key(&key, |(key, _)| *key).ok()?,
        };
        self.next = at + 1;
        self.items.get(at).map(|(_, known)| (at, known))
    }
}

/// What is known of a source, and whence.
pub struct Held {
    /// Its items, those that are gone included.
    pub items: KnownItems,
    /// The last batch that this is true of.
    pub batch: i64,
    /// How many of them were read from their rows.
    from_rows: usize,
}

impl Held {
    /// Whether it is worth being packed again.
    pub fn is_stale(&self) -> bool {
        self.items.len() >= WORTH_PACKING && self.from_rows > self.items.len() / STALE
    }
}

impl Store {
    /// All items of a source.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known(&self, source: SourceId) -> Result<Held> {
        let mut reader = self.reader()?;
        let state = reader.transaction()?;
        known(&state, source)
    }

    /// Sources of which something else is packed than their rows tell.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known_astray(&self) -> Result<usize> {
        let mut reader = self.reader()?;
        let state = reader.transaction()?;
        let mut statement = state.prepare("SELECT DISTINCT source_id FROM known")?;
        let sources: Vec<SourceId> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut astray = 0;
        for source in sources {
            let rows = KnownItems::told(rows(&state, source, None)?);
            astray += usize::from(packed(&state, source)?.is_none() || known(&state, source)?.items != rows);
        }
        Ok(astray)
    }
}

impl StoreWriter {
    /// As [`Store::known`], with what is not committed yet.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known(&self, source: SourceId) -> Result<Held> {
        known(self.connection(), source)
    }

    /// Packs what is known of a source, as of `batch`: of what changed since, either state will do.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_known(&mut self, source: SourceId, items: &KnownItems, batch: i64) -> Result<()> {
        self.put_packs(source, items.0.chunks(PACK).map(pack), batch)
    }

    /// Keeps in mind what is written of a new source, until it is packed.
    pub(super) fn gather(&mut self, source: SourceId) {
        self.gathered.insert(source, Gathered::default());
    }

    /// Packs what was written of a new source since its import began, as of `batch`; gives whether that was worth it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_gathered(&mut self, source: SourceId, batch: i64) -> Result<bool> {
        let gathered = self.gathered.remove(&source).filter(|gathered| gathered.len() >= WORTH_PACKING);
        let Some(Gathered { packs, last }) = gathered else { return Ok(false) };
        self.put_packs(source, packs.into_iter().chain([pack(&last)]), batch)?;
        Ok(true)
    }

    fn put_packs(
        &mut self,
        source: SourceId,
        packs: impl IntoIterator<Item = Vec<u8>>,
        batch: i64,
    ) -> Result<()> {
        self.begin()?;
        self.forget_known(source)?;
        let sql = "INSERT INTO known (source_id, ordinal, batch, items) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection().prepare_cached(sql)?;
        for (ordinal, items) in (0_i64..).zip(packs) {
            statement.execute(params![source, ordinal, batch, items])?;
        }
        Ok(())
    }

    /// Forgets what is packed of a source: its rows tell the same.
    ///
    /// # Errors
    /// SQLite's.
    fn forget_known(&self, source: SourceId) -> Result<()> {
        self.connection().execute("DELETE FROM known WHERE source_id = ?1", [source])?;
        Ok(())
    }

    /// Forgets what is packed of all sources.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_all_known(&mut self) -> Result<()> {
        self.begin()?;
        self.connection().execute("DELETE FROM known", [])?;
        Ok(())
    }
}

/// What is written of a new source, in the order of writing.
#[derive(Default)]
pub(super) struct Gathered {
    packs: Vec<Vec<u8>>,
    last: Vec<Keyed>,
}

impl Gathered {
    pub(super) fn add(&mut self, key: u64, known: Known) {
        self.last.push((key, known));
        if self.last.len() == PACK {
            self.packs.push(pack(&self.last));
            self.last.clear();
        }
    }

    fn len(&self) -> usize {
        self.packs.len() * PACK + self.last.len()
    }
}

fn known(connection: &Connection, source: SourceId) -> Result<Held> {
    let batch = connection.query_row("SELECT coalesce(max(id), 0) FROM batch", [], |row| row.get(0))?;
    let mut items = Vec::new();
    let mut since = None;
    if let Some((packed, as_of)) = packed(connection, source)? {
        // Rows of later batches are found among those of all sources: where these are more, the source's own rows are read.
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM item INDEXED BY item_batch WHERE batch > ?1 LIMIT ?2 + 1)";
        let most = i64::try_from(packed.len()).unwrap_or(i64::MAX - 1);
        let later: i64 = connection.query_row(sql, [as_of, most], |row| row.get(0))?;
        if later <= most {
            (items, since) = (packed, Some(as_of));
        }
    }
    let mut rows = rows(connection, source, since)?;
    let from_rows = rows.len();
    items.append(&mut rows);
    Ok(Held { items: KnownItems::told(items), batch, from_rows })
}

/// What the rows of a source tell, of all items or of those that changed after a batch.
fn rows(connection: &Connection, source: SourceId, since: Option<i64>) -> Result<Vec<Keyed>> {
    let narrowed = match since {
        Some(_) => "INDEXED BY item_batch WHERE source_id = ?1 AND batch > ?2",
        None => "WHERE source_id = ?1 AND ?2 IS NULL",
    };
    let sql = format!(
        "SELECT key, id, data_version, sub_version, folder_id, reading, (gone_at IS NOT NULL) + 2 * recovered FROM item {narrowed}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![source, since])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let mut numbers = [0; NUMBERS];
        for (column, number) in numbers.iter_mut().enumerate() {
            *number = row.get(column)?;
        }
        items.push(Known::from_numbers(numbers));
    }
    Ok(items)
}

/// What is packed of a source, and as of which batch; nothing where nothing is, or where it cannot be read.
fn packed(connection: &Connection, source: SourceId) -> Result<Option<(Vec<Keyed>, i64)>> {
    let mut statement =
        connection.prepare_cached("SELECT batch, items FROM known WHERE source_id = ?1 ORDER BY ordinal")?;
    let mut rows = statement.query([source])?;
    let mut items = Vec::new();
    let mut batch = None;
    while let Some(row) = rows.next()? {
        batch = row.get(0)?;
        if unpack(row.get_ref(1)?.as_blob().unwrap_or_default(), &mut items).is_none() {
            tracing::warn!(?source, "what is packed of items cannot be read; their rows are");
            return Ok(None);
        }
    }
    Ok(batch.map(|batch| (items, batch)))
}

/// Packs items: of each its numbers, as differences from those of the one before, seven bits to a byte, the lowest first, the eighth
/// bit where more follow. A sign comes lowest.
fn pack(items: &[Keyed]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(items.len() * 12);
    let mut before = [0_i64; NUMBERS];
    for (key, known) in items {
        let numbers = known.numbers(*key);
        for (number, before) in numbers.iter().zip(&before) {
            let difference = number.wrapping_sub(*before);
            let mut rest = unbits((difference << 1) ^ (difference >> 63));
            while rest > 0x7F {
                bytes.push(0x80 | (rest & 0x7F) as u8);
                rest >>= 7;
            }
            bytes.push(rest as u8);
        }
        before = numbers;
    }
    bytes
}

/// Adds what was packed to `items`; `None` where it was not packed so.
fn unpack(bytes: &[u8], items: &mut Vec<Keyed>) -> Option<()> {
    let mut bytes = bytes.iter();
    let mut numbers = [0_i64; NUMBERS];
    while !bytes.as_slice().is_empty() {
        for number in &mut numbers {
            let (mut value, mut shift) = (0_u64, 0_u32);
            loop {
                let byte = *bytes.next()?;
                value |= u64::from(byte & 0x7F).checked_shl(shift)?;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            let difference = bits(value >> 1) ^ -bits(value & 1);
            *number = number.wrapping_add(difference);
        }
        items.push(Known::from_numbers(numbers));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_known() -> impl Strategy<Value = (u64, Known)> {
        let number = || prop_oneof![any::<i64>(), -3..100_000_i64];
        (number(), number(), number(), number(), number(), number(), 0..4_i64).prop_map(
            |(key, id, data, sub, folder, reading, marks)| {
                Known::from_numbers([key, id, data, sub, folder, reading, marks])
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(items in proptest::collection::vec(any_known(), 0..40)) {
            let packed = pack(&items);
            let mut unpacked = Vec::new();
            prop_assert_eq!(unpack(&packed, &mut unpacked), Some(()));
            prop_assert_eq!(&unpacked, &items);
            // What is cut within an item is not taken for less.
            if !packed.is_empty() {
                prop_assert_eq!(unpack(&packed[..packed.len() - 1], &mut Vec::new()), None);
            }
        }

        #[test]
        fn any_bytes_are_unpacked_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = unpack(&bytes, &mut Vec::new());
        }

        #[test]
        fn the_last_that_is_told_holds(told in proptest::collection::vec((0..20_u64, any_known()), 0..60)) {
            let told: Vec<_> = told.into_iter().map(|(key, (_, known))| (key, known)).collect();
            let expected: std::collections::BTreeMap<u64, Known> = told.iter().copied().collect();
            let items = KnownItems::told(told);
            prop_assert_eq!(items.len(), expected.len());
            prop_assert!(items.0.iter().copied().eq(expected.iter().map(|(key, known)| (*key, *known))));
            let mut finger = items.finger();
            for key in (0..22).chain((0..22).rev()) {
                prop_assert_eq!(finger.find(key).map(|(_, known)| known), expected.get(&key));
            }
        }
    }
}
