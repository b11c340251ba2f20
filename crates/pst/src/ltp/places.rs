//! Finding single rows of a large table again ([MS-PST] 2.3.4.3, 2.3.4.4): its index says their numbers, and not
//! where they lie.

use super::table::{Row, Table};
use crate::bytes::{Bytes, u32_at};
use crate::error::ReadError;
use crate::ndb::NdbReader;
use crate::ndb::ids::BlockId;

/// Where the rows of a table lie: twelve bytes for each.
#[derive(Debug)]
pub(crate) struct RowPlaces {
    /// In order of row ids.
    rows: Vec<Place>,
    /// The blocks of the matrix; none where it lies in the heap.
    blocks: Vec<BlockId>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    id: u32,
    /// Which of the blocks, and the byte in it.
    block: u32,
    at: u32,
}

/// More rows are not kept: a table that names one block again and again has no end.
const MOST_ROWS: usize = 1 << 21;

impl RowPlaces {
    /// How many rows have a place.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

impl Table {
    /// Goes through the matrix once. What cannot be read of it has no places.
    pub(crate) fn places(&self, reader: &mut NdbReader<'_>) -> Result<RowPlaces, ReadError> {
        // Rows that a whole index leaves out were deleted.
        let listed = self.listed(reader);
        let mut numbers = listed.iter().flatten().copied().peekable();
        let mut number = 0;
        let mut rows = Vec::new();
        let (mut blocks, mut block) = (Vec::new(), 0);
        let end = self.blocks(reader, &mut |_, bid, data| {
            blocks.extend(bid);
            for (id, at) in self.ids_in(data) {
                while numbers.next_if(|&(listed, _)| listed < number).is_some() {}
                let id = match &listed {
                    None => Some(id),
                    Some(_) => numbers.next_if(|&(listed, _)| listed == number).map(|(_, id)| id),
                };
                rows.extend(id.map(|id| Place { id, block, at }));
                number += 1;
            }
            block += 1;
            if rows.len() > MOST_ROWS {
                return Err(self.too_large());
            }
            Ok(())
        });
        match end {
            Err(reason) if rows.is_empty() || matches!(reason, ReadError::Io { .. }) => return Err(reason),
            _ => {}
        }
        rows.sort_by_key(|place| place.id);
        Ok(RowPlaces { rows, blocks })
    }

    /// The row numbers of a whole index in order, each with its row's id.
    fn listed(&self, reader: &mut NdbReader<'_>) -> Option<Vec<(u32, u32)>> {
        let (index, complete) = self.row_index(reader).ok()?;
        let mut listed: Vec<(u32, u32)> = index.into_iter().map(|(id, number)| (number, id)).collect();
        listed.sort_unstable();
        complete.then_some(listed)
    }

    /// The row with this id.
    pub(crate) fn row(
        &self,
        reader: &mut NdbReader<'_>,
        places: &RowPlaces,
        id: u32,
    ) -> Result<Option<Row>, ReadError> {
        let Ok(index) = places.rows.binary_search_by_key(&id, |place| place.id) else { return Ok(None) };
        let Some(place) = places.rows.get(index) else { return Ok(None) };
        let data: Bytes = match places.blocks.get(place.block as usize) {
            Some(&bid) => reader.block(bid)?,
            None => self.rows_in_heap(reader)?,
        };
        Ok(self.row_in(&data, place.at as usize, id))
    }

    fn ids_in<'b>(&self, data: &'b Bytes) -> impl Iterator<Item = (u32, u32)> + use<'b> {
        let width = self.width();
        (0..data.len() / width)
            .filter_map(move |index| Some((u32_at(data, index * width)?, (index * width) as u32)))
    }
}
