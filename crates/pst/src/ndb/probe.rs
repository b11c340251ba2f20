//! Files whose header lies or is gone. What they are can be told from their pages: B-tree pages and allocation maps say
//! in their trailers what they are ([MS-PST] 2.2.2.7.1), and the maps lie at fixed places (2.2.2.7.2).

use super::block::NdbReader;
use super::crc::crc;
use super::file::Ndb;
use super::header::{BlockRef, Encryption, Format, Header, Kind, roots};
use super::ids::{ByteIndex, NodeId};
use super::layout::Layout;
use super::page::Tree;
use super::source::{ReadAt, read_full};
use crate::bytes::{u8_at, u32_at};
use crate::error::{Anomalies, Consequence, Fault, OpenError, Place};

/// The formats, the most common first, each with the version that stands for it.
const FORMATS: [(Format, u16); 3] = [(Format::Unicode, 23), (Format::Ansi, 14), (Format::Unicode4k, 36)];

/// How many allocation maps are looked for: the first of them may be damaged too.
const MAPS: u64 = 16;

/// The type of an allocation map, `ptypeAMap`.
const AMAP: u8 = 0x84;

/// A page of type `ptype` lies at `ib`, and is whole.
fn is_page(source: &dyn ReadAt, format: Format, ib: u64, ptype: u8) -> Result<bool, OpenError> {
    let layout = Layout::of(format);
    let mut page = vec![0; layout.page];
    if read_full(source, ib, &mut page)? < page.len() {
        return Ok(false);
    }
    let trailer = layout.page_trailer;
    let crc_at = trailer + if layout.word == 4 { 8 } else { 4 };
    let sum = page.get(..trailer).map(crc);
    Ok(u8_at(&page, trailer) == Some(ptype)
        && u8_at(&page, trailer + 1) == Some(ptype)
        && u32_at(&page, crc_at) == sum)
}

/// Whether the header's references lead to a page of a tree, if it is of this format.
fn leads_to_a_tree(source: &dyn ReadAt, head: &[u8], format: Format) -> Result<bool, OpenError> {
    let Some([nbt, bbt]) = roots(head, format) else { return Ok(false) };
    Ok(is_page(source, format, nbt.ib.0, Tree::Node.ptype())?
        || is_page(source, format, bbt.ib.0, Tree::Block.ptype())?)
}

/// The format that the places of the trees say, where it is not the one that `wVer` says.
pub(super) fn other_format(
    source: &dyn ReadAt,
    head: &[u8],
    stated: Format,
) -> Result<Option<(Format, u16)>, OpenError> {
    if leads_to_a_tree(source, head, stated)? {
        return Ok(None);
    }
    for (format, version) in FORMATS {
        if format != stated && leads_to_a_tree(source, head, format)? {
            return Ok(Some((format, version)));
        }
    }
    Ok(None)
}

/// What can be known of a file whose header cannot be read because of `error`: gives a header whose trees are to be
/// found by scanning, or the error again when nothing says that this is an Outlook file.
pub(super) fn header(
    source: &dyn ReadAt,
    head: &[u8],
    size: u64,
    error: OpenError,
    anomalies: &mut Anomalies,
) -> Result<Header, OpenError> {
    if !matches!(error, OpenError::NotOutlook { .. } | OpenError::UnsupportedVersion(_)) {
        return Err(error);
    }
    let nowhere = BlockRef { bid: super::ids::BlockId(0), ib: ByteIndex(u64::MAX) };
    let guess = |format, version, [nbt, bbt]: [BlockRef; 2]| Header {
        version,
        format,
        kind: Kind::Other(0),
        encryption: Encryption::Permute,
        crypt_method: 1,
        file_eof: size,
        nbt,
        bbt,
    };
    let field = match &error {
        OpenError::UnsupportedVersion(version) => Fault::Field { field: "wVer", value: u64::from(*version) },
        _ => Fault::Field { field: "dwMagic", value: u32_at(head, 0).unwrap_or(0).into() },
    };
    for (format, version) in FORMATS {
        if leads_to_a_tree(source, head, format)? {
            anomalies.push(field, Place::Header, Consequence::Repaired);
            return Ok(guess(format, version, roots(head, format).unwrap_or([nowhere; 2])));
        }
    }
    for (format, version) in FORMATS {
        let (first, section) = Layout::of(format).maps();
        for index in 0..MAPS {
            if is_page(source, format, first + index * section, AMAP)? {
                anomalies.push(field, Place::Header, Consequence::Repaired);
                return Ok(guess(format, version, [nowhere; 2]));
            }
        }
    }
    Err(error)
}

/// Nodes that every file has, and what their heaps hold: the first bytes tell whether they were decoded rightly.
const KNOWN: [NodeId; 3] = [NodeId::MESSAGE_STORE, NodeId::NAME_TO_ID_MAP, NodeId::ROOT_FOLDER];

/// Makes sure that blocks are decoded as they were encoded, whatever the header says.
pub(super) fn settle_encryption(ndb: &mut Ndb, anomalies: &mut Anomalies) -> Result<(), OpenError> {
    let stated = ndb.header.crypt_method;
    let first = ndb.header.encryption;
    let known = stated <= 2;
    for encryption in [first, Encryption::Permute, Encryption::Cyclic, Encryption::None] {
        ndb.header.encryption = encryption;
        let mut reader = NdbReader::new(ndb, 1 << 16);
        let mut readable = KNOWN.iter().filter(|&&node| is_heap(&mut reader, node) == Some(true));
        if readable.next().is_some() {
            if encryption != first || !known {
                let fault = Fault::Field { field: "bCryptMethod", value: stated.into() };
                anomalies.push(fault, Place::Header, Consequence::Repaired);
            }
            return Ok(());
        }
    }
    ndb.header.encryption = first;
    if known { Ok(()) } else { Err(OpenError::UnsupportedEncryption(stated)) }
}

/// Whether the data of `node` is a heap with properties; `None` when it cannot be read at all.
fn is_heap(reader: &mut NdbReader<'_>, node: NodeId) -> Option<bool> {
    let entry = reader.node(node).ok()?;
    let first = reader.data_tree(entry.data).ok()?.next(reader).ok()??;
    let data = reader.block(first).ok()?;
    Some(data.get(2..4)? == [0xEC, 0xBC])
}
