//! Texts at rest.

use std::cell::RefCell;
use zstd::bulk::Compressor;

/// zstd level: bodies are written once and read seldom, but the import waits for this.
const LEVEL: i32 = 1;

thread_local! {
    /// Its tables cost more to make than a letter costs to compress.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses a text. Empty stays empty.
pub fn compress(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        let attempt = match kept {
            Some(compressor) => compressor.compress(text.as_bytes()),
            None => Compressor::new(LEVEL).and_then(|fresh| kept.insert(fresh).compress(text.as_bytes())),
        };
        // In-memory compression of a slice cannot fail; were it to, an empty text loses words but never an item.
        let mut out = attempt.unwrap_or_default();
        // Made for the worst case; it waits in the queue, and what waits there is counted.
        out.shrink_to_fit();
        out
    })
}

/// The text again, or what is left of it: at most `limit` bytes.
pub fn decompress(bytes: &[u8], limit: usize) -> String {
    use std::io::Read;
    let mut out = Vec::new();
    if !bytes.is_empty()
        && let Ok(decoder) = zstd::stream::read::Decoder::with_buffer(bytes)
        && let Err(error) = decoder.take(limit as u64).read_to_end(&mut out)
    {
        tracing::warn!(%error, "stored text is damaged");
    }
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_limit() {
        for text in ["", "a", "Grüße, 会議", &"word ".repeat(10_000)] {
            assert_eq!(decompress(&compress(text), usize::MAX), text);
        }
        assert_eq!(decompress(&compress(&"word ".repeat(10_000)), 7), "word wo");
        assert_eq!(decompress(b"not zstd at all", 100), "");
    }
}
