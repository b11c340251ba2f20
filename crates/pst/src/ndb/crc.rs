//! The checksum of pages, blocks and the header ([MS-PST] 5.3).
//!
//! It is the reflected CRC-32 polynomial, but started at zero and not inverted at the end, so the usual
//! CRC-32 routines do not give it.

const POLYNOMIAL: u32 = 0xEDB8_8320;

/// Eight tables, so that eight bytes are taken a step.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0u32; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// The checksum of `data`.
pub fn crc(data: &[u8]) -> u32 {
    let at = |table: usize, value: u32, shift: u32| TABLES[table][((value >> shift) & 0xFF) as usize];
    let mut crc = 0u32;
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        let low = crc ^ u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        let high = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        crc = at(7, low, 0)
            ^ at(6, low, 8)
            ^ at(5, low, 16)
            ^ at(4, low, 24)
            ^ at(3, high, 0)
            ^ at(2, high, 8)
            ^ at(1, high, 16)
            ^ at(0, high, 24);
    }
    for &byte in chunks.remainder() {
        crc = at(0, crc ^ u32::from(byte), 0) ^ (crc >> 8);
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

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
