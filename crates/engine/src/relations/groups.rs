//! Which group each item is in, in memory.

/// Ids of one page of the table.
const PAGE: usize = 4096;
/// More pages than any library needs: a damaged one may have any number for an id.
const MAX_PAGES: usize = 1 << 20;
/// No group.
const NONE: u32 = u32::MAX;

/// The groups of items that are not alone: looked up for each item that matches a query.
#[derive(Debug, Default)]
pub struct Groups {
    pages: Vec<Option<Box<[u32]>>>,
    count: u32,
}

impl Groups {
    /// From pairs of item and group, those of one group next to each other.
    pub fn add(&mut self, item: i64, group: i64, last: &mut Option<i64>) {
        let Ok(item) = usize::try_from(item) else { return };
        if *last != Some(group) {
            *last = Some(group);
            self.count += 1;
        }
        let (page, place) = (item / PAGE, item % PAGE);
        if page >= MAX_PAGES {
            return;
        }
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        let page = self.pages[page].get_or_insert_with(|| vec![NONE; PAGE].into());
        page[place] = self.count - 1;
    }

    /// The number of the group of an item.
    pub fn of(&self, item: u64) -> Option<u32> {
        let item = usize::try_from(item).ok()?;
        let page = self.pages.get(item / PAGE)?.as_ref()?;
        page.get(item % PAGE).copied().filter(|group| *group != NONE)
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_their_groups() {
        let (mut groups, mut last) = (Groups::default(), None);
        for (item, group) in [(1, 1), (9000, 1), (2, 2), (3, 2)] {
            groups.add(item, group, &mut last);
        }
        let of = |item| groups.of(item);
        assert_eq!(
            [of(1), of(9000), of(2), of(3), of(4), of(99_999)],
            [Some(0), Some(0), Some(1), Some(1), None, None]
        );
        assert_eq!(groups.len(), 2);
    }
}
