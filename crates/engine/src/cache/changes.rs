//! When what answers are made from changes.

use std::sync::atomic::{AtomicU64, Ordering};

/// The part of the number that counts changes under way; above it, how many began or ended.
const UNDER_WAY: u64 = 0xffff;
const STEP: u64 = UNDER_WAY + 1;

/// Counts the changes of SQLite and index that readers can see. Each is announced before it can be seen and ends after that, so
/// that what was read between two looks that gave the same [`Moment`] is of one state of both.
#[derive(Debug, Default)]
pub struct Changes(AtomicU64);

/// A state of the library: equal moments are the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(u64);

/// A change that is under way; it ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Change<'a>(&'a Changes);

impl Changes {
    /// To be called before a change can be seen.
    pub fn begin(&self) -> Change<'_> {
        self.0.fetch_add(STEP + 1, Ordering::SeqCst);
        Change(self)
    }

    /// The state as it is now; `None` while something changes.
    pub fn moment(&self) -> Option<Moment> {
        let now = self.0.load(Ordering::SeqCst);
        (now & UNDER_WAY == 0).then_some(Moment(now))
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(STEP - 1, Ordering::SeqCst);
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
}
