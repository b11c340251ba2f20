//! Small pictures, made rather than stored.

use libdeflater::{CompressionLvl, Compressor, crc32};

/// A PNG of `width` by `height` pixels (at most 4,096 each); `color` gives the red, green and blue of each.
pub(crate) fn png(width: u32, height: u32, color: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let (width, height) = (width.min(4096), height.min(4096));
    let mut rows = Vec::with_capacity((height * (width * 3 + 1)) as usize);
    for y in 0..height {
        // Every row begins with its filter: none.
        rows.push(0);
        (0..width).for_each(|x| rows.extend_from_slice(&color(x, y)));
    }
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; compressor.zlib_compress_bound(rows.len())];
    let size = compressor.zlib_compress(&rows, &mut packed).unwrap_or(0);
    packed.truncate(size);
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    // Eight bits a channel, RGB, and the only method there is for the rest.
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut out = vec![0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];
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
