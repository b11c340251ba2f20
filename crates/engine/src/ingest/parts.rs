//! A digest of parts of text, and of the words of a text.

use crate::text::eight::Eight;

/// A digest is fed with pieces of about this many bytes: many small ones cost several times as much.
const GATHERED: usize = 32 * 1024;

/// A digest of parts, each of which ends with a NUL.
pub struct Parts {
    digest: blake3::Hasher,
    gathered: Vec<u8>,
}

impl Parts {
    /// Of nothing; with room for what is about so long, in bytes.
    pub fn of_about(bytes: usize) -> Self {
        Self { digest: blake3::Hasher::new(), gathered: Vec::with_capacity(bytes.min(GATHERED)) }
    }

    /// Adds a part.
    pub fn part(&mut self, text: &str) {
        self.gathered.extend_from_slice(text.as_bytes());
        self.gathered.push(0);
        self.pass_on();
    }

    /// Adds each word as a part: what stands between white space, as `split_whitespace` gives it.
    pub fn words(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let (mut at, mut within) = (0, false);
        while at < bytes.len() {
            let until = bytes.len().min(at + GATHERED);
            let mut filled = self.gathered.len();
            self.gathered.resize(filled + until - at, 0);
            while at < until {
                if let Some(eight) = single_spaced(&bytes[at..until], within) {
                    self.gathered[filled..filled + 8].copy_from_slice(&eight.without_spaces());
                    (at, filled, within) = (at + 8, filled + 8, !eight.spaces().has_last());
                    continue;
                }
                // Others byte by byte, without asking at each where a word begins and ends.
                let stop = until.min(at + 8);
                while at < stop {
                    let byte = bytes[at];
                    let mut space = matches!(byte, b'\t'..=b'\r' | b' ');
                    at += 1;
                    if matches!(byte, 0xC2 | 0xE1..=0xE3) {
                        let wide = wide_space(&bytes[at - 1..]);
                        space = wide > 0;
                        at += wide.saturating_sub(1);
                    }
                    self.gathered[filled] = if space { 0 } else { byte };
                    filled += usize::from(within || !space);
                    within = !space;
                }
            }
            self.gathered.truncate(filled);
            self.pass_on();
        }
        if within {
            self.part("");
        }
    }

    fn pass_on(&mut self) {
        if self.gathered.len() >= GATHERED {
            self.digest.update(&self.gathered);
            self.gathered.clear();
        }
    }

    /// The first half of the digest.
    pub fn finish(mut self) -> [u8; 16] {
        self.digest.update(&self.gathered);
        let mut out = [0; 16];
        out.copy_from_slice(&self.digest.finalize().as_bytes()[..16]);
        out
    }
}

/// The next eight bytes, where each space in them ends a word and there is no other white space; `within` a word or not.
fn single_spaced(bytes: &[u8], within: bool) -> Option<Eight> {
    let eight = Eight::first(bytes)?;
    let spaces = eight.spaces();
    let single = (within || !spaces.has_first()) && !spaces.has_pair() && eight.rare_spaces().is_none();
    single.then_some(eight)
}

/// How many bytes the white space beyond ASCII takes with which `bytes` begin; 0 where they begin with something else.
fn wide_space(bytes: &[u8]) -> usize {
    match bytes {
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE1, 0x9A, 0x80, ..]
        | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..]
        | [0xE2, 0x81, 0x9F, ..]
        | [0xE3, 0x80, 0x80, ..] => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let mut digest = Parts::of_about(0);
        digest.words(text);
        let mut one_by_one = blake3::Hasher::new();
        for word in text.split_whitespace() {
            one_by_one.update(word.as_bytes()).update(&[0]);
        }
        assert_eq!(digest.finish(), one_by_one.finalize().as_bytes()[..16], "{text:?}");
    }

    #[test]
    fn words_as_white_space_parts_them() {
        for text in
            ["", " ", "a", " a", "a ", "a b", "  a \r\n\tb  c\u{3000}", "\u{a0}", "Zoë ä\u{85}b", "\0 \u{1c}"]
        {
            check(text);
        }
        for space in ('\0'..=char::MAX).filter(|c| c.is_whitespace()) {
            check(&format!("{space}a{space}{space}é{space}会 {space}"));
        }
        // Across what is passed on at once.
        for length in GATHERED - 4..GATHERED + 4 {
            check(&format!("{} b", "x".repeat(length)));
            check(&format!("{}\u{2003}\u{2003}b", " ".repeat(length)));
            check(&"a\u{3000}".repeat(length));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_words(text in proptest::prelude::any::<String>(), spaces in "[ab \n\u{a0}\u{2003}\u{3000}é会\u{200b}]{0,200}") {
            check(&text);
            check(&spaces);
        }
    }
}
