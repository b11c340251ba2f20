//! Groups of everything from the clues of each. All of it is a function of the set of items: no order, no earlier result.

use super::{People, Weak};

/// How long before an answer the answered message may be, where only the subject tells: 30 days, in milliseconds.
const WINDOW: i64 = 30 * 86_400_000;
/// Earlier messages of the same subject that are compared with an answer.
const LOOK_BACK: usize = 64;

/// Disjoint sets of numbers. The smallest number of a set stands for it.
pub struct Sets(Vec<u32>);

impl Sets {
    /// The numbers below `count`, each alone.
    pub fn new(count: u32) -> Self {
        Self((0..count).collect())
    }

    /// What stands for the set of `of`.
    pub fn root(&mut self, of: u32) -> u32 {
        let mut at = of as usize;
        // Roots are never larger than what they stand for, so there is an end.
        while self.0[at] as usize != at {
            let above = self.0[self.0[at] as usize];
            self.0[at] = above;
            at = above as usize;
        }
        u32::try_from(at).unwrap_or(of)
    }

    /// Makes the sets of `a` and `b` one.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }

    /// Makes one set of all that have the same key.
    pub fn join_equal(&mut self, pairs: &mut [(u64, u32)]) {
        pairs.sort_unstable();
        for pair in pairs.windows(2) {
            if let [(key, a), (next, b)] = pair
                && key == next
            {
                self.join(*a, *b);
            }
        }
    }

    /// For each number the smallest of its set; `None` where that is alone.
    pub fn into_groups(mut self) -> Vec<Option<u32>> {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let mut sizes = vec![0_u32; self.0.len()];
        for number in 0..count {
            let root = self.root(number);
            sizes[root as usize] = sizes[root as usize].saturating_add(1);
        }
        (0..count)
            .map(|number| {
                let root = self.root(number);
                (sizes[root as usize] > 1).then_some(root)
            })
            .collect()
    }
}

/// An item among those with the same subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Hash of the subject.
    pub subject: i64,
    /// Milliseconds since 1970 UTC.
    pub date: i64,
    /// What items that say the same share.
    pub same: [u8; 16],
    /// Its number.
    pub at: u32,
    /// Whether and how it is to be joined by the subject (a stored number).
    pub weak: u8,
}

/// Of items with one subject, ascending: which of them answers which. An answer belongs to the latest earlier message of the last 30
/// days whose sender and it have to do with each other: who answers took part in that message and writes to, or is, its sender; who
/// forwards took part in it.
pub fn answers<'p>(group: &[Candidate], people: impl Fn(u32) -> Option<&'p People>) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for (place, answer) in group.iter().enumerate() {
        let Some(weak) = Weak::from_number(answer.weak.into()) else { continue };
        let Some(own) = people(answer.at) else { continue };
        let earlier =
            group[..place].iter().rev().filter(|earlier| earlier.same != answer.same).take(LOOK_BACK);
        for earlier in earlier.take_while(|earlier| answer.date.saturating_sub(earlier.date) <= WINDOW) {
            let Some(other) = people(earlier.at) else { continue };
            let fits =
                own.sender_took_part_in(other) && (weak == Weak::Forward || other.sender_took_part_in(own));
            if fits {
                found.push((answer.at, earlier.at));
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn people(from: &str, to: &[&str]) -> People {
        let mut people = People::default();
        people.sender("", from);
        to.iter().for_each(|to| people.recipient("", to));
        people
    }

    /// Messages as (day, sender, recipients, weak), with the pairs that are expected.
    fn check(mail: &[(i64, &str, &[&str], u8)], expected: &[(u32, u32)]) {
        let everyone: Vec<People> = mail.iter().map(|(_, from, to, _)| people(from, to)).collect();
        let group: Vec<Candidate> = mail
            .iter()
            .zip(0..)
            .map(|((day, _, _, weak), at)| {
                let mut same = [0; 16];
                same[0] = u8::try_from(at).unwrap();
                Candidate { subject: 1, date: day * DAY, same, at, weak: *weak }
            })
            .collect();
        let found = answers(&group, |at| everyone.get(at as usize));
        assert_eq!(found, expected, "{mail:?}");
    }

    #[test]
    fn a_shared_subject_alone_joins_nothing() {
        check(&[(0, "a", &["b"], 0), (1, "a", &["b"], 0)], &[]);
        check(&[(0, "a", &["b"], 0), (1, "b", &["a"], 1)], &[(1, 0)]);
        check(&[(0, "a", &["b"], 0), (1, "c", &["d"], 1)], &[]);
        check(&[(0, "a", &["b"], 0), (1, "c", &["a"], 1)], &[]);
        check(&[(0, "a", &["b"], 0), (31, "b", &["a"], 1)], &[]);
        check(&[(0, "a", &["b"], 0), (30, "b", &["a"], 1)], &[(1, 0)]);
        // An answer comes after what it answers.
        check(&[(0, "b", &["a"], 1), (1, "a", &["b"], 0)], &[]);
        // Only the second of two that say the same to different people is answered.
        check(&[(0, "a", &["c"], 0), (1, "a", &["b"], 0), (2, "c", &["a"], 1)], &[(2, 0)]);
        // A chain of answers.
        check(&[(0, "a", &["b"], 0), (20, "b", &["a"], 1), (40, "a", &["b"], 1)], &[(1, 0), (2, 1)]);
        // Who forwards took part; whom it goes to need not have.
        check(&[(0, "a", &["b"], 0), (1, "b", &["z"], 2)], &[(1, 0)]);
        check(&[(0, "a", &["b"], 0), (1, "y", &["b"], 2)], &[]);
    }

    #[test]
    fn sets() {
        let mut sets = Sets::new(6);
        sets.join_equal(&mut [(7, 4), (7, 2), (9, 5), (8, 2), (8, 1)]);
        assert_eq!(sets.into_groups(), [None, Some(1), Some(1), None, Some(1), None]);
        assert!(Sets::new(0).into_groups().is_empty());
    }
}
