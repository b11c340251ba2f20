//! The file header ([MS-PST] 2.2.2.6) and the root structure in it (2.2.2.5).

use super::crc::crc;
use super::ids::{BlockId, ByteIndex};
use crate::bytes::{u8_at, u16_at, u32_at, u64_at};
use crate::error::{Anomalies, Consequence, Fault, OpenError, Place};

/// `dwMagic`: `!BDN`.
pub const MAGIC: [u8; 4] = *b"!BDN";
/// How much of the file's start is read as its header.
pub const HEADER_SIZE: usize = 564;
/// The ANSI header ends earlier.
const ANSI_HEADER_SIZE: usize = 512;

/// Which of the three layouts a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// 32-bit ids, up to Outlook 2002 (`wVer` 14 and 15).
    Ansi,
    /// 64-bit ids, 512-byte pages (`wVer` 21 and 23).
    Unicode,
    /// 64-bit ids, 4,096-byte pages and compressed blocks, OST files of Outlook 2013 and later (`wVer` 36, 37).
    Unicode4k,
}

/// What the client magic says the file is. The name's ending says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `SM`: a personal folder file.
    Pst,
    /// `SO`: the offline copy of a mailbox.
    Ost,
    /// Any other value.
    Other(u16),
}

/// How data blocks are encoded, `bCryptMethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encryption {
    /// `NDB_CRYPT_NONE`
    None,
    /// `NDB_CRYPT_PERMUTE`
    Permute,
    /// `NDB_CRYPT_CYCLIC`
    Cyclic,
}

/// `BREF`: a page or block and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlockRef {
    /// Its id.
    pub bid: BlockId,
    /// Its place.
    pub ib: ByteIndex,
}

/// The fields of the header that reading needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `wVer`
    pub version: u16,
    /// The layout that the version implies.
    pub format: Format,
    /// From `wMagicClient`.
    pub kind: Kind,
    /// From `bCryptMethod`, or from what the blocks show.
    pub encryption: Encryption,
    /// `bCryptMethod`, as it stands.
    pub crypt_method: u8,
    /// `ibFileEof`
    pub file_eof: u64,
    /// `BREFNBT`: the root page of the node B-tree.
    pub nbt: BlockRef,
    /// `BREFBBT`: the root page of the block B-tree.
    pub bbt: BlockRef,
}

impl Header {
    /// The header of a file without trees.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn for_fuzzing(format: Format) -> Self {
        let root = BlockRef { bid: BlockId(0), ib: ByteIndex(u64::MAX) };
        let encryption = Encryption::None;
        Self {
            version: 23,
            format,
            kind: Kind::Pst,
            encryption,
            crypt_method: 0,
            file_eof: 0,
            nbt: root,
            bbt: root,
        }
    }

    /// Reads the header from `data`, the first [`HEADER_SIZE`] bytes of a file of `size` bytes (fewer when the
    /// file is shorter).
    pub(crate) fn parse(data: &[u8], size: u64, anomalies: &mut Anomalies) -> Result<Self, OpenError> {
        let mut magic = [0u8; 4];
        let present = data.len().min(4);
        magic[..present].copy_from_slice(&data[..present]);
        if data.is_empty() {
            return Err(OpenError::Empty);
        }
        if magic[..present] != MAGIC[..present] {
            return Err(OpenError::NotOutlook { magic });
        }
        let truncated = OpenError::Truncated { size, stated: HEADER_SIZE as u64 };
        if data.len() < ANSI_HEADER_SIZE {
            return Err(truncated);
        }
        Self::fields(data, size, anomalies).ok_or(truncated)?
    }

    fn fields(data: &[u8], size: u64, anomalies: &mut Anomalies) -> Option<Result<Self, OpenError>> {
        let version = u16_at(data, 10)?;
        let format = match version {
            14 | 15 => Format::Ansi,
            // 20 and 22 were seen in files of early versions; the layout is that of 23.
            20..=23 => Format::Unicode,
            36 | 37 => Format::Unicode4k,
            other => return Some(Err(OpenError::UnsupportedVersion(other))),
        };
        let client = u16_at(data, 8)?;
        let kind = match &client.to_le_bytes() {
            b"SM" => Kind::Pst,
            b"SO" => Kind::Ost,
            _ => Kind::Other(client),
        };
        let mut strange = |field, value: u64| {
            anomalies.push(Fault::Field { field, value }, Place::Header, Consequence::Used);
        };
        if let Kind::Other(value) = kind {
            strange("wMagicClient", value.into());
        }
        for (field, at) in [("bPlatformCreate", 14), ("bPlatformAccess", 15)] {
            let value = u8_at(data, at)?;
            if value != 1 {
                strange(field, value.into());
            }
        }
        let [nbt, bbt] = roots(data, format)?;
        let (file_eof, sentinel_at) = if format == Format::Ansi {
            (u64::from(u32_at(data, 168)?), 460)
        } else {
            (u64_at(data, 184)?, 512)
        };
        let sentinel = u8_at(data, sentinel_at)?;
        if sentinel != 0x80 {
            strange("bSentinel", sentinel.into());
        }
        let crypt_method = u8_at(data, sentinel_at + 1)?;
        let encryption = match crypt_method {
            0 => Encryption::None,
            2 => Encryption::Cyclic,
            // The blocks tell how they can be decoded, if they can, once they are found.
            _ => Encryption::Permute,
        };
        let checks: &[(usize, usize)] =
            if format == Format::Ansi { &[(4, 471)] } else { &[(4, 471), (524, 516)] };
        for &(at, length) in checks {
            let stored = u32_at(data, at)?;
            let computed = crc(data.get(8..8 + length)?);
            if stored != computed {
                anomalies.push(Fault::Checksum { stored, computed }, Place::Header, Consequence::Used);
            }
        }
        if file_eof != size {
            let fault = Fault::FileSize { stated: file_eof, actual: size };
            let consequence = if size < file_eof { Consequence::Lost } else { Consequence::Used };
            anomalies.push(fault, Place::Header, consequence);
        }
        Some(Ok(Self { version, format, kind, encryption, crypt_method, file_eof, nbt, bbt }))
    }
}

/// `BREFNBT` and `BREFBBT` in the header `data` of a file of this format.
pub(super) fn roots(data: &[u8], format: Format) -> Option<[BlockRef; 2]> {
    let reference = |at| {
        Some(match format {
            Format::Ansi => BlockRef {
                bid: BlockId(u32_at(data, at)?.into()),
                ib: ByteIndex(u32_at(data, at + 4)?.into()),
            },
            _ => BlockRef { bid: BlockId(u64_at(data, at)?), ib: ByteIndex(u64_at(data, at + 8)?) },
        })
    };
    let (nbt, bbt) = if format == Format::Ansi { (184, 192) } else { (216, 232) };
    Some([reference(nbt)?, reference(bbt)?])
}
