//! Numbers out of bytes, little-endian, wherever the bytes end.

/// The two bytes at `at`.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The four bytes at `at`.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The eight bytes at `at` as a number with a fraction.
pub fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The four bytes at `at` as a place or a length.
pub fn place_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

/// Up to `length` bytes from `start` on: fewer where they end before.
pub fn within(bytes: &[u8], start: usize, length: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.get(..length).unwrap_or(rest)
}

/// The text of UTF-16; half a character at the end is left out.
pub fn utf16(bytes: &[u8]) -> String {
    let even = bytes.get(..bytes.len() & !1).unwrap_or_default();
    encoding_rs::UTF_16LE.decode_without_bom_handling(even).0.into_owned()
}
