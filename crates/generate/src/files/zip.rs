//! ZIP archives, with what is in them compressed.

use libdeflater::{CompressionLvl, Compressor, crc32};

/// 1 January 2020, as MS-DOS has it.
const DATE: u16 = (40 << 9) | (1 << 5) | 1;
const DEFLATED: u16 = 8;

/// An archive of these files, by name.
pub fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::fastest());
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in files {
        let mut packed = vec![0; compressor.deflate_compress_bound(content.len())];
        let size = compressor.deflate_compress(content, &mut packed).unwrap_or(0);
        packed.truncate(size);
        // Version 2.0; names are UTF-8.
        let mut facts = Vec::new();
        for value in [20u16, 0x0800, DEFLATED, 0, DATE] {
            facts.extend_from_slice(&value.to_le_bytes());
        }
        for value in [crc32(content), packed.len() as u32, content.len() as u32] {
            facts.extend_from_slice(&value.to_le_bytes());
        }
        facts.extend_from_slice(&(name.len() as u16).to_le_bytes());
        facts.extend_from_slice(&[0, 0]);
        let place = out.len() as u32;
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&facts);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&facts);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&place.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let place = out.len() as u32;
    let count = (files.len() as u16).to_le_bytes();
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&place.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}
