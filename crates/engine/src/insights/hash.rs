//! Keys out of the index: a hash that costs a multiplication for each eight bytes.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A map by numbers that come from the columns of the index. Each is seeded by chance, so that no mail can be written to collide.
pub type Numbers<T> = HashMap<u64, T, Seeded>;

/// The same by terms.
pub type Named<T> = HashMap<String, T, Seeded>;

/// Makes [`Mixer`]s.
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Default for Seeded {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u64))
    }
}

impl BuildHasher for Seeded {
    type Hasher = Mixer;

    fn build_hasher(&self) -> Mixer {
        Mixer(self.0)
    }
}

/// Both halves of the product with an odd constant, for each number.
#[derive(Debug)]
pub struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The length tells "a" from "a\0".
        self.write_u64(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u64(&mut self, number: u64) {
        const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let product = u128::from(self.0 ^ number).wrapping_mul(ODD);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_and_spread() {
        let mut map: Numbers<u64> = Numbers::default();
        for from in 0..100 {
            for to in 0..100_u64 {
                *map.entry(from << 32 | to).or_default() += from + to;
            }
        }
        assert_eq!((map.len(), map[&(7 << 32 | 9)]), (10_000, 16));
        let seed = Seeded::default();
        let texts = ["", "a", "b", "a\0", "12345678", "123456789", "1234567890123456"];
        let hashes: std::collections::HashSet<u64> = texts.iter().map(|text| seed.hash_one(text)).collect();
        assert_eq!(hashes.len(), texts.len());
        let low: std::collections::HashSet<u64> =
            (0..4096_u64).map(|n| seed.hash_one(n << 32) & 4095).collect();
        // By chance 2,589 of 4,096 places are taken.
        assert!(low.len() > 2000, "{}", low.len());
    }
}
