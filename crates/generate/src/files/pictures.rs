//! Pictures: PNG and JPEG.

use libdeflater::{CompressionLvl, Compressor, crc32};

use crate::random::Random;

/// A PNG of coloured squares with some grain.
pub fn png(random: &mut Random, width: u32, height: u32) -> Vec<u8> {
    let (tone, tile) = (random.next(), random.between(8, 40) as u32);
    let mut rows = Vec::with_capacity((height * (width * 3 + 1)) as usize);
    for y in 0..height {
        // Every row begins with its filter: none.
        rows.push(0);
        let mut grain = 0;
        for x in 0..width {
            if x % 16 == 0 {
                grain = random.next();
            }
            let square = (x / tile + y / tile).wrapping_mul(0x9E37) as u64 ^ tone;
            let noise = (grain >> (x % 16 * 4)) as u8 & 7;
            rows.extend([0, 8, 16].map(|shift| ((square >> shift) as u8 & 0xF8) | noise));
        }
    }
    let mut compressor = Compressor::new(CompressionLvl::fastest());
    let mut packed = vec![0; compressor.zlib_compress_bound(rows.len())];
    let size = compressor.zlib_compress(&rows, &mut packed).unwrap_or(0);
    packed.truncate(size);
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    // Eight bits a channel, RGB, and the only method there is for the rest.
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1A\n".to_vec();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", packed), (b"IEND", Vec::new())] {
        out.extend_from_slice(&(data.len() as u32).to_be_bytes());
        let start = out.len();
        out.extend_from_slice(kind);
        out.extend_from_slice(&data);
        let checksum = crc32(&out[start..]);
        out.extend_from_slice(&checksum.to_be_bytes());
    }
    out
}

/// Bits behind one another, the highest first; 0xFF is followed by a zero byte, as JPEG wants it.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) {
        for bit in (0..bits).rev() {
            self.held = self.held << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.held as u8);
                if self.held as u8 == 0xFF {
                    self.out.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }
}

/// A grey JPEG of `blocks_wide` by `blocks_high` blocks of eight pixels, each block of one shade with a slope over it.
pub fn jpeg(random: &mut Random, blocks_wide: u16, blocks_high: u16) -> Vec<u8> {
    let mut out = vec![0xFF, 0xD8];
    let mut segment = |kind: u8, data: &[u8]| {
        out.extend_from_slice(&[0xFF, kind]);
        out.extend_from_slice(&(data.len() as u16 + 2).to_be_bytes());
        out.extend_from_slice(data);
    };
    segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    // One table of quantisation, all eights.
    segment(0xDB, &[&[0u8][..], &[8; 64]].concat());
    let [high, low] = (blocks_high * 8).to_be_bytes();
    let [high_wide, low_wide] = (blocks_wide * 8).to_be_bytes();
    segment(0xC0, &[8, high, low, high_wide, low_wide, 1, 1, 0x11, 0]);
    // Huffman codes: of twelve sizes of first coefficients, four bits each; of others, end of block (one bit) and
    // sizes 1 to 3 without a run (three bits).
    let dc: Vec<u8> = [&[0u8, 0, 0, 0, 12][..], &[0; 12], &(0..12).collect::<Vec<u8>>()].concat();
    segment(0xC4, &dc);
    let ac: Vec<u8> = [&[0x10u8, 1, 0, 3][..], &[0; 13], &[0x00, 0x01, 0x02, 0x03]].concat();
    segment(0xC4, &ac);
    segment(0xDA, &[1, 1, 0, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut before = 0i32;
    for _ in 0..u32::from(blocks_wide) * u32::from(blocks_high) {
        let shade = (before + random.below(25) as i32 - 12).clamp(-100, 100);
        let (value, size) = coefficient(shade - before);
        bits.put(size, 4);
        bits.put(value, size);
        before = shade;
        for _ in 0..2 {
            let (value, size) = coefficient(random.below(13) as i32 - 6);
            if size == 0 {
                break;
            }
            bits.put(0b011 + size, 3);
            bits.put(value, size);
        }
        bits.put(0, 1);
    }
    // The rest of the last byte is ones.
    bits.put(0x7F, 7);
    out.extend_from_slice(&bits.out);
    out.extend_from_slice(&[0xFF, 0xD9]);
    out
}

/// A coefficient's bits, and how many there are.
fn coefficient(value: i32) -> (u32, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value - 1 + (1 << size) } else { value };
    (bits as u32, size)
}
