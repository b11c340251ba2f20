//! Word documents ([MS-DOC]): the text of Word 97 to 2003 by its piece table, and that of Word 6 and 95, which is much alike.

use super::field::Story;
use super::summary;
use crate::Reason;
use crate::bytes::{place_at, u16_at, u32_at, within};
use crate::compound::{Compound, embedded, stream};
use crate::work::Work;
use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, MACINTOSH, SHIFT_JIS, UTF_16LE, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

/// FibBase.nFib of Word 97, and of the first version whose text is read.
const WORD_97: u16 = 0xc0;
const WORD_6: u16 = 0x65;
/// Bits of the flags of FibBase at 10.
const COMPLEX: u16 = 0x0004;
const ENCRYPTED: u16 = 0x0100;
const WHICH_TABLE: u16 = 0x0200;
const EXTENDED: u16 = 0x1000;
/// Where FibRgW begins, behind its count.
const FIB_RG_W: usize = 34;
/// The place of the Clx among the pairs of FibRgFcLcb97.
const FC_CLX: usize = 33;
/// Bit 30 of FcCompressed: the text is in bytes, at half the place.
const COMPRESSED: u32 = 1 << 30;
/// Sizes of a Pcd and of a character position in a PlcPcd.
const PCD: usize = 8;
const CP: usize = 4;
/// Text is decoded in pieces of this many bytes, which is even.
const CHUNK: usize = 64 * 1024;

/// Text that goes on at one place of the file, and where in the document it stands.
struct Piece {
    /// Its characters: from the first to before the last, counted through the whole document.
    start: u32,
    end: u32,
    /// Where it begins in the stream.
    at: usize,
    encoding: &'static Encoding,
}

impl Piece {
    /// Bytes of a character. Those of Asian code pages are counted by bytes.
    fn width(&self) -> usize {
        if self.encoding == UTF_16LE { 2 } else { 1 }
    }
}

/// What the head of the main stream tells of the text (FIB).
struct Head {
    /// Lengths of the parts of the document, in the order in which they follow each other.
    counts: Vec<u32>,
    pieces: Vec<Piece>,
}

/// Adds the text of the document in the storage `at`; gives its kind.
pub fn read(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str) -> Result<&'static str, Reason> {
    let main = stream(work, file, &format!("{at}/WordDocument")).unwrap_or_default();
    let (version, flags) = (u16_at(&main, 2).ok_or_else(cut_off)?, u16_at(&main, 10).ok_or_else(cut_off)?);
    if version < WORD_6 {
        return Err(Reason::Unknown("document of Word before version 6".into()));
    }
    if flags & ENCRYPTED != 0 {
        return Err(Reason::Protected);
    }
    let (kind, head) = if version >= WORD_97 {
        let tables = if flags & WHICH_TABLE != 0 { ["1Table", "0Table"] } else { ["0Table", "1Table"] };
        let table = tables.iter().find_map(|table| stream(work, file, &format!("{at}/{table}")));
        let table = table
            .ok_or_else(|| Reason::Damaged("the table stream of the Word document is missing".into()))?;
        ("Word 97-2003 document", head_97(&main, &table)?)
    } else {
        ("Word 6/95 document", head_95(&main, flags)?)
    };
    text(work, &main, &head);
    embedded(work, file, &format!("{at}/ObjectPool"), "_");
    summary::read(work, file, at);
    Ok(kind)
}

fn cut_off() -> Reason {
    Reason::Damaged("the head of the Word document is cut off".into())
}

/// The parts of the head of Word 97 and later are each behind their counts.
fn head_97(main: &[u8], table: &[u8]) -> Result<Head, Reason> {
    let words = usize::from(u16_at(main, FIB_RG_W - 2).ok_or_else(cut_off)?);
    let numbers = FIB_RG_W + 2 * words + 2;
    let count = usize::from(u16_at(main, numbers - 2).ok_or_else(cut_off)?);
    let places = numbers + 4 * count + 2;
    // FibRgLw97: ccpText, ccpFtn, ccpHdd, one that is not used, ccpAtn, ccpEdn, ccpTxbx, ccpHdrTxbx.
    let counts =
        (3..11).filter(|n| *n != 6).map(|n| if n < count { u32_at(main, numbers + 4 * n) } else { None });
    let counts = counts.map(Option::unwrap_or_default).collect();
    let at = places + 8 * FC_CLX;
    let (start, length) =
        (place_at(main, at).ok_or_else(cut_off)?, place_at(main, at + 4).ok_or_else(cut_off)?);
    let pieces = pieces(within(table, start, length), |place| match place & COMPRESSED {
        0 => (place, UTF_16LE),
        _ => ((place & !COMPRESSED) / 2, WINDOWS_1252),
    })?;
    Ok(Head { counts, pieces })
}

/// The head of Word 6 and 95 has fixed places; the text is in the code page of the language, and in one piece unless it was saved fast.
fn head_95(main: &[u8], flags: u16) -> Result<Head, Reason> {
    let (start, end) = (u32_at(main, 24).ok_or_else(cut_off)?, u32_at(main, 28).ok_or_else(cut_off)?);
    // As later, with the length of the macros where one is not used then.
    let counts: Vec<u32> = (0..8).map(|n| u32_at(main, 52 + 4 * n).unwrap_or_default()).collect();
    let total = counts.iter().fold(0, |sum: u32, count| sum.saturating_add(*count));
    let mut encoding = match u16_at(main, 20).unwrap_or_default() {
        0x0100 => MACINTOSH,
        _ => encoding_of(u16_at(main, 6).unwrap_or_default()),
    };
    // Versions for Asia may keep text in sixteen bits, which shows in its length.
    if flags & EXTENDED != 0 && end.saturating_sub(start) / 2 >= total {
        encoding = UTF_16LE;
    }
    let pieces = if flags & COMPLEX != 0 {
        let (start, length) =
            (place_at(main, 352).ok_or_else(cut_off)?, place_at(main, 356).ok_or_else(cut_off)?);
        pieces(within(main, start, length), |place| (place, encoding))?
    } else {
        vec![Piece { start: 0, end: total, at: place_at(main, 24).ok_or_else(cut_off)?, encoding }]
    };
    Ok(Head { counts, pieces })
}

/// The pieces of a Clx ([MS-DOC] 2.9.38); `place` tells from an FcCompressed where in the stream a piece lies, and in which encoding.
fn pieces(clx: &[u8], place: impl Fn(u32) -> (u32, &'static Encoding)) -> Result<Vec<Piece>, Reason> {
    let broken = || Reason::Damaged("the piece table of the Word document is broken".into());
    let mut at = 0;
    // Prcs: formats of pieces.
    while clx.get(at) == Some(&1) {
        at += 3 + usize::from(u16_at(clx, at + 1).ok_or_else(broken)?);
    }
    if clx.get(at) != Some(&2) {
        return Err(broken());
    }
    let plc = within(clx, at + 5, place_at(clx, at + 1).ok_or_else(broken)?);
    let count = plc.len().saturating_sub(CP) / (CP + PCD);
    let rows = (0..count).filter_map(|n| {
        let (start, end) = (u32_at(plc, n * CP)?, u32_at(plc, (n + 1) * CP)?);
        let (at, encoding) = place(u32_at(plc, (count + 1) * CP + n * PCD + 2)?);
        (start < end).then_some(Piece { start, end, at: usize::try_from(at).ok()?, encoding })
    });
    let pieces: Vec<Piece> = rows.collect();
    if pieces.is_empty() { Err(broken()) } else { Ok(pieces) }
}

/// Adds the parts of the document, one after the other.
fn text(work: &mut Work<'_>, main: &[u8], head: &Head) {
    let (mut start, mut missing) = (0_u32, false);
    for count in &head.counts {
        let end = start.saturating_add(*count);
        let mut story = Story::default();
        for piece in head.pieces.iter().filter(|piece| piece.start < end && start < piece.end) {
            if work.is_full() {
                return;
            }
            let (first, last) = (piece.start.max(start), piece.end.min(end));
            let length = |from: u32, to: u32| {
                usize::try_from(to - from).unwrap_or(usize::MAX).saturating_mul(piece.width())
            };
            let wanted = length(first, last);
            let bytes = within(main, piece.at.saturating_add(length(piece.start, first)), wanted);
            missing |= bytes.len() < wanted;
            // Pieces may lie over each other; what is looked at again and again counts each time.
            work.unpacked(bytes.len() as u64);
            if work.unpackable() == 0 {
                work.note("", "it unpacks to more than is looked at");
                return;
            }
            decode(work, &mut story, piece.encoding, bytes);
        }
        story.end(work);
        start = end;
    }
    if missing {
        work.note("", Reason::Damaged("some of its text is cut off".into()));
    }
}

fn decode(work: &mut Work<'_>, story: &mut Story, encoding: &'static Encoding, bytes: &[u8]) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut chunks = bytes.chunks(CHUNK).peekable();
    let mut text = String::new();
    while let Some(chunk) = chunks.next() {
        text.clear();
        text.reserve(decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(4 * CHUNK));
        let _ = decoder.decode_to_string(chunk, &mut text, chunks.peek().is_none());
        story.push(work, &text);
        if work.is_full() {
            return;
        }
    }
}

/// The code page of Windows in a language ([MS-LCID]), by its primary part.
fn encoding_of(language: u16) -> &'static Encoding {
    match (language, language & 0x3ff) {
        // Serbian, Azeri and Uzbek are written in two alphabets.
        (0x0c1a | 0x1c1a | 0x082c | 0x0843, _) => WINDOWS_1251,
        (0x0804 | 0x1004, _) => GBK,
        (_, 0x04) => BIG5,
        (_, 0x11) => SHIFT_JIS,
        (_, 0x12) => EUC_KR,
        (_, 0x1e) => WINDOWS_874,
        (_, 0x05 | 0x0e | 0x15 | 0x18 | 0x1a | 0x1b | 0x1c | 0x24) => WINDOWS_1250,
        (_, 0x02 | 0x19 | 0x22 | 0x23 | 0x2f | 0x3f | 0x40 | 0x44 | 0x50) => WINDOWS_1251,
        (_, 0x08) => WINDOWS_1253,
        (_, 0x1f | 0x2c | 0x43) => WINDOWS_1254,
        (_, 0x0d) => WINDOWS_1255,
        (_, 0x01 | 0x20 | 0x29) => WINDOWS_1256,
        (_, 0x25..=0x27) => WINDOWS_1257,
        (_, 0x2a) => WINDOWS_1258,
        _ => WINDOWS_1252,
    }
}
