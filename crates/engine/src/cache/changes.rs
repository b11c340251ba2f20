//! When what answers are made from changes.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many of the last changes by people are known by their items; what was kept before them is found anew.
const REMEMBERED: usize = 32;

/// Counts the changes of SQLite and index that readers can see. Each is announced before it can be seen and ends after that, so
/// that what was read between two looks that gave the same [`Moment`] is of one state of both.
#[derive(Debug, Default)]
pub struct Changes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    under_way: u32,
    moment: Moment,
    /// Of which items something was said in the last changes of that kind, the latest at the end.
    said: VecDeque<Arc<HashSet<i64>>>,
}

/// A state of the library: equal moments are the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// Changes of anything.
    content: u64,
    /// Changes that only said something of a few items, since the last one of another kind.
    said: u64,
}

/// A change that is under way; it ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Change<'a>(&'a Changes);

impl Changes {
    /// To be called before a change can be seen.
    pub fn begin(&self) -> Change<'_> {
        let mut state = self.state();
        state.under_way += 1;
        state.moment = Moment { content: state.moment.content + 1, said: 0 };
        state.said.clear();
        Change(self)
    }

    /// The same for one that does nothing but say something of these items.
    pub fn begin_saying(&self, of: HashSet<i64>) -> Change<'_> {
        let mut state = self.state();
        state.under_way += 1;
        state.moment.said += 1;
        state.said.push_back(Arc::new(of));
        if state.said.len() > REMEMBERED {
            state.said.pop_front();
        }
        Change(self)
    }

    /// The state as it is now; `None` while something changes.
    pub fn moment(&self) -> Option<Moment> {
        let state = self.state();
        (state.under_way == 0).then_some(state.moment)
    }

    /// The items of which something was said from one moment to the other; `None` where anything else changed, or too much.
    pub fn said_between(&self, then: Moment, now: Moment) -> Option<Vec<Arc<HashSet<i64>>>> {
        if then == now {
            return Some(Vec::new());
        }
        let state = self.state();
        if then.content != now.content || state.moment != now {
            return None;
        }
        let count = usize::try_from(now.said.checked_sub(then.said)?).ok()?;
        let first = state.said.len().checked_sub(count)?;
        Some(state.said.iter().skip(first).cloned().collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    // Helpers of tests fail as tests do.
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn there_is_no_moment_while_something_changes() {
        let changes = Changes::default();
        let first = changes.moment().unwrap();
        assert_eq!(changes.moment(), Some(first));
        let (one, other) = (changes.begin(), changes.begin());
        assert_eq!(changes.moment(), None);
        drop(one);
        assert_eq!(changes.moment(), None, "the other is still under way");
        drop(other);
        let second = changes.moment().unwrap();
        assert_ne!(first, second);
        drop(changes.begin());
        assert!(![first, second].contains(&changes.moment().unwrap()));
    }

    #[test]
    fn what_was_said_is_known_for_a_while() {
        let changes = Changes::default();
        let first = changes.moment().unwrap();
        let saying = changes.begin_saying([1, 2].into());
        assert_eq!(changes.moment(), None);
        drop(saying);
        let second = changes.moment().unwrap();
        drop(changes.begin_saying([3].into()));
        let third = changes.moment().unwrap();
        let said = |then, now| {
            let between = changes.said_between(then, now)?;
            let mut all: Vec<i64> = between.iter().flat_map(|ids| ids.iter().copied()).collect();
            all.sort_unstable();
            Some(all)
        };
        assert_eq!(said(first, third), Some(vec![1, 2, 3]));
        assert_eq!(said(second, third), Some(vec![3]));
        assert_eq!(said(third, third), Some(vec![]));
        assert_eq!(said(third, second), None);
        (0..REMEMBERED as i64).for_each(|id| drop(changes.begin_saying([id].into())));
        let now = changes.moment().unwrap();
        assert_eq!(said(second, now), None, "too long ago");
        assert_eq!(said(third, now).map(|ids| ids.len()), Some(REMEMBERED));
        drop(changes.begin());
        assert_eq!(said(now, changes.moment().unwrap()), None, "something else changed");
    }
}
