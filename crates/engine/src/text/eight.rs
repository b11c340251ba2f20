//! Text looked at eight bytes at a time, as one number, where an import asks the same of every byte of every letter.

/// Eight bytes of text, the first of them the lowest of the number.
#[derive(Clone, Copy)]
pub struct Eight(u64);

/// Some of eight bytes: their highest bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Some8(u64);

const HIGH: u64 = each(0x80);

const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The bytes from `first` to `last`; no byte of `seven` has its highest bit set, nor has either bound.
const fn between(seven: u64, first: u8, last: u8) -> u64 {
    (seven + each(0x80 - first)) & !(seven + each(0x7f - last)) & HIGH
}

impl Eight {
    /// The first eight bytes, where there are so many.
    pub fn first(text: &[u8]) -> Option<Self> {
        text.first_chunk().map(|eight| Self(u64::from_le_bytes(*eight)))
    }

    /// The eight bytes at `at`; spaces behind the end.
    pub fn at(text: &[u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        Self::first(rest).unwrap_or_else(|| {
            let mut eight = [b' '; 8];
            eight.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            Self(u64::from_le_bytes(eight))
        })
    }

    /// How many letters and digits of ASCII it begins with, and whether one of them is a capital.
    pub const fn run(self) -> (usize, bool) {
        let seven = self.0 & !HIGH;
        let letters = between(seven | each(0x20), b'a', b'z');
        self.beginning(letters, letters | between(seven, b'0', b'9'))
    }

    /// How many letters of ASCII it begins with, and whether one of them is a capital.
    pub const fn letters(self) -> (usize, bool) {
        let letters = between(self.0 & !HIGH | each(0x20), b'a', b'z');
        self.beginning(letters, letters)
    }

    const fn beginning(self, letters: u64, with: u64) -> (usize, bool) {
        let behind = !(with & !self.0) & HIGH;
        let taken = behind.trailing_zeros() / 8;
        // What stands before the first byte that is none of them.
        let before = behind.wrapping_sub(1) & !behind;
        (taken as usize, letters & !(self.0 << 2) & before & HIGH != 0)
    }

    /// Where a space of ASCII is.
    pub const fn spaces(self) -> Some8 {
        Some8(between(self.0 & !HIGH, b' ', b' ') & !self.0)
    }

    /// Where white space other than that may be, or begin: control characters, and the first bytes of what Unicode has.
    pub const fn rare_spaces(self) -> Some8 {
        let seven = self.0 & !HIGH;
        let control = between(seven, 0, 0x1f) & !self.0;
        let wide = (between(seven, 0x42, 0x42) | between(seven, 0x61, 0x63)) & self.0;
        Some8(control | wide)
    }

    /// The bytes, with NUL where a space of ASCII was.
    pub const fn without_spaces(self) -> [u8; 8] {
        (self.0 & !(self.spaces().0 >> 2)).to_le_bytes()
    }
}

impl Some8 {
    /// Whether there is none.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether the first byte is one.
    pub const fn has_first(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Whether the last byte is one.
    pub const fn has_last(self) -> bool {
        self.0 >> 63 != 0
    }

    /// Whether two of them are neighbours.
    pub const fn has_pair(self) -> bool {
        self.0 & (self.0 << 8) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: [u8; 8]) {
        let eight = Eight::first(&bytes).unwrap();
        let begins_with = |is: fn(&u8) -> bool| {
            let run = bytes.iter().take_while(|byte| is(byte)).count();
            (run, bytes.iter().take(run).any(u8::is_ascii_uppercase))
        };
        assert_eq!(eight.run(), begins_with(u8::is_ascii_alphanumeric), "{bytes:x?}");
        assert_eq!(eight.letters(), begins_with(u8::is_ascii_alphabetic), "{bytes:x?}");
        let bits = |is: &dyn Fn(u8) -> bool| {
            Some8(u64::from_le_bytes(bytes.map(|byte| if is(byte) { 0x80 } else { 0 })))
        };
        let spaces = eight.spaces();
        assert!(spaces == bits(&|byte| byte == b' '), "{bytes:x?}");
        let rare = bits(&|byte| byte < b' ' || matches!(byte, 0xC2 | 0xE1..=0xE3));
        assert!(eight.rare_spaces() == rare, "{bytes:x?}");
        assert_eq!(eight.without_spaces(), bytes.map(|byte| if byte == b' ' { 0 } else { byte }));
        assert_eq!(spaces.has_first(), bytes[0] == b' ');
        assert_eq!(spaces.has_last(), bytes[7] == b' ');
        assert_eq!(spaces.has_pair(), bytes.windows(2).any(|pair| pair == b"  "), "{bytes:x?}");
        assert_eq!(spaces.is_none(), !bytes.contains(&b' '));
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=255 {
            for place in 0..8 {
                for around in *b" a9Z\x80\xff\0" {
                    let mut bytes = [around; 8];
                    bytes[place] = byte;
                    check(bytes);
                }
            }
        }
    }

    #[test]
    fn behind_the_end_are_spaces() {
        let check = |at, want: &[u8]| assert_eq!(Eight::at(b"0123456789", at).0.to_le_bytes(), want);
        check(0, b"01234567");
        check(2, b"23456789");
        check(3, b"3456789 ");
        check(10, b"        ");
        check(11, b"        ");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes: [u8; 8], words in "[a-zA-Z0-9 \n]{8}") {
            check(bytes);
            check(words.as_bytes().try_into().unwrap());
        }
    }
}
