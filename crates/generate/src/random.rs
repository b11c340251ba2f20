//! Numbers that look random and are the same on every machine: integers alone, no clock, no floating point.

/// A stream of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

/// What a stream is for. Each has its own, so that a change in one leaves the others as they were.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Syllables of words, letters of names
    Words = 1,
    /// Who the correspondents are
    People,
    /// How items hang together
    Threads,
    /// What an item says
    Body,
    /// Its attachments
    Files,
    /// Its flags, times and place
    Facts,
    /// What becomes of it in the second state
    Changes,
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Random {
    /// The stream of one thing: the same for the same three numbers.
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let start = mix(seed.wrapping_add(STEP)) ^ mix((purpose as u64) << 56 ^ index).rotate_left(17);
        Self(mix(start))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `limit`; zero where there is none.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of `all`, each as likely; the default when there is none.
    pub fn pick<T: Copy + Default>(&mut self, all: &[T]) -> T {
        all.get(self.below(all.len() as u64) as usize).copied().unwrap_or_default()
    }

    /// The number of one of `weights`, as likely as it weighs.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, &weight) in weights.iter().enumerate() {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }

    /// A number from `low` up that is twice as rare each time it doubles; below `high`.
    pub fn power(&mut self, low: u64, high: u64) -> u64 {
        let low = low.max(1);
        let doublings = u64::from((high / low).max(1).ilog2());
        let from = low << self.below(doublings + 1);
        (from + self.below(from)).min(high.saturating_sub(1)).max(low)
    }
}

/// Ranks by Zipf's law, drawn in constant time (Walker's alias method, in integers).
#[derive(Debug)]
pub struct Zipf {
    /// Below the threshold the place itself is drawn, above it the other.
    places: Vec<(u64, u32)>,
}

impl Zipf {
    /// The ranks `0..count`; rank r weighs 1 / (r + `flat`).
    pub fn new(count: u32, flat: u64) -> Self {
        const UNIT: u128 = 1 << 40;
        let weights: Vec<u128> =
            (0..count).map(|rank| UNIT / (u128::from(rank) + u128::from(flat.max(1)))).collect();
        let total: u128 = weights.iter().sum::<u128>().max(1);
        let count_wide = u128::from(count);
        // Scaled so that the mean is `total`.
        let mut scaled: Vec<u128> = weights.iter().map(|weight| weight * count_wide).collect();
        let mut places = vec![(u64::MAX, 0u32); count as usize];
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..count as usize).partition(|&place| scaled[place] < total);
        while let (Some(low), Some(&high)) = (small.pop(), large.last()) {
            places[low] = (((scaled[low] << 63) / total * 2) as u64, high as u32);
            scaled[high] -= total - scaled[low];
            if scaled[high] < total {
                large.pop();
                small.push(high);
            }
        }
        for place in small.into_iter().chain(large) {
            places[place] = (u64::MAX, place as u32);
        }
        Self { places }
    }

    /// A rank.
    pub fn draw(&self, random: &mut Random) -> usize {
        let place = random.below(self.places.len() as u64) as usize;
        match self.places.get(place) {
            Some((threshold, other)) if random.next() > *threshold => *other as usize,
            _ => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_repeat() {
        let check = |a: (u64, Purpose, u64), b: (u64, Purpose, u64), same: bool| {
            let draw = |(seed, purpose, index)| Random::new(seed, purpose, index).next();
            assert_eq!(draw(a) == draw(b), same, "{a:?} {b:?}");
        };
        check((1, Purpose::Body, 7), (1, Purpose::Body, 7), true);
        check((1, Purpose::Body, 7), (2, Purpose::Body, 7), false);
        check((1, Purpose::Body, 7), (1, Purpose::Body, 8), false);
        check((1, Purpose::Body, 7), (1, Purpose::Files, 7), false);
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::new(1, Purpose::Body, 0);
        for _ in 0..10_000 {
            assert!(random.below(7) < 7);
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!((100..5000).contains(&random.power(100, 5000)));
            assert!(random.weighted(&[0, 3, 0, 1]) % 2 == 1);
        }
        assert_eq!((random.below(0), random.pick::<u8>(&[])), (0, 0));
    }

    #[test]
    fn frequent_ranks_are_drawn_as_the_law_says() {
        let law = Zipf::new(1000, 1);
        let mut counts = vec![0u32; 1000];
        let mut random = Random::new(3, Purpose::Words, 0);
        (0..1_000_000).for_each(|_| counts[law.draw(&mut random)] += 1);
        // 1 / H(1000) = 0.1336; half of it; a tenth.
        for (rank, want) in [(0, 133_600), (1, 66_800), (9, 13_360)] {
            assert!(counts[rank].abs_diff(want) < want / 20, "{rank}: {}", counts[rank]);
        }
    }
}
