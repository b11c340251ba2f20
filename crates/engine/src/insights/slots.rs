//! Counts by small numbers.

use std::collections::HashMap;

/// So many are only remembered: for few items, nothing is laid out that many would fill.
const FEW: usize = 4096;
/// More slots than this are never laid out.
const MOST: usize = 1 << 22;

/// How often each of the numbers `0..size` came.
#[derive(Debug)]
pub struct Slots {
    size: usize,
    pending: Vec<u64>,
    dense: Vec<u32>,
    sparse: HashMap<u64, u64>,
}

impl Slots {
    /// Numbers from `size` on are not counted.
    pub fn new(size: usize) -> Self {
        Self { size, pending: Vec::new(), dense: Vec::new(), sparse: HashMap::new() }
    }

    /// One more.
    #[inline]
    pub fn count(&mut self, number: u64) {
        match usize::try_from(number).ok().and_then(|number| self.dense.get_mut(number)) {
            Some(count) => *count = count.saturating_add(1),
            None => self.remember(number),
        }
    }

    fn remember(&mut self, number: u64) {
        if number >= self.size as u64 {
            return;
        }
        self.pending.push(number);
        if self.pending.len() >= FEW {
            self.lay_out();
        }
    }

    fn lay_out(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if self.size > MOST {
            for number in pending {
                *self.sparse.entry(number).or_default() += 1;
            }
            return;
        }
        self.dense = vec![0; self.size];
        for number in pending {
            self.dense[number as usize] += 1;
        }
    }

    /// The numbers that came, ascending, and how often.
    pub fn into_counts(mut self) -> Vec<(usize, u64)> {
        if !self.sparse.is_empty() {
            self.lay_out();
            let mut all: Vec<(usize, u64)> =
                self.sparse.into_iter().map(|(number, count)| (number as usize, count)).collect();
            all.sort_unstable();
            return all;
        }
        if self.dense.is_empty() {
            self.pending.sort_unstable();
            let runs = self.pending.chunk_by(|a, b| a == b);
            return runs.map(|run| (run[0] as usize, run.len() as u64)).collect();
        }
        let counts = self.dense.into_iter().enumerate();
        counts.filter(|(_, count)| *count > 0).map(|(number, count)| (number, u64::from(count))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_counted_alike() {
        for size in [10, 20_000, MOST + 1] {
            for times in [1, FEW, 3 * FEW + 1] {
                let mut slots = Slots::new(size);
                for n in 0..times as u64 {
                    slots.count(n % 7);
                    slots.count(size as u64 + n);
                }
                slots.count(9);
                let counts = slots.into_counts();
                let each = |number: usize| (0..times).filter(|n| n % 7 == number).count() as u64;
                let mut expected: Vec<_> = (0..7).map(|n| (n, each(n))).filter(|c| c.1 > 0).collect();
                expected.push((9, 1));
                assert_eq!(counts, expected, "{size} {times}");
            }
        }
        assert_eq!(Slots::new(0).into_counts(), []);
    }
}
