//! The checksum of pages, blocks and the header ([MS-PST] 5.3).
//!
//! It is the usual CRC-32, but started at zero and not inverted at the end.

/// The checksum of `data`.
pub fn crc(data: &[u8]) -> u32 {
    // The usual routine inverts what it starts from and what it ends with; both are turned back.
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
    hasher.update(data);
    !hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLYNOMIAL: u32 = 0xEDB8_8320;

    /// One bit at a time, straight from the definition.
    fn slow(data: &[u8]) -> u32 {
        let mut crc = 0u32;
        for &byte in data {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            }
        }
        crc
    }

    #[test]
    fn agrees_with_the_definition() {
        let data: Vec<u8> = (0..1000u32).map(|i| (i * 7 + (i >> 3)) as u8).collect();
        for length in [0, 1, 7, 8, 9, 15, 16, 471, 496, 1000] {
            assert_eq!(crc(&data[..length]), slow(&data[..length]), "{length} bytes");
        }
        assert_eq!(crc(b"123456789"), 0x2DFD_2D88);
    }
}
