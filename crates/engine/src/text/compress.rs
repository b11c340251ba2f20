//! Texts at rest.

use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};

/// zstd level: bodies are written once and read seldom, but the import waits for this.
const LEVEL: i32 = 1;

/// What says that it is longer is read piece by piece: a damaged length must not take the memory.
const MAX_WHOLE: usize = 64 << 20;

/// Room for what is longer is given back.
const MAX_KEPT: usize = 256 << 10;

thread_local! {
    /// Its tables cost more to make than a letter costs to compress.
    static COMPRESSOR: RefCell<Option<(Compressor<'static>, Vec<u8>)>> = const { RefCell::new(None) };
    /// Likewise; a page of results reads fifty letters.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses a text. Empty stays empty.
pub fn compress(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        let (compressor, room) = match kept {
            Some(kept) => kept,
            None => {
                let Ok(fresh) = Compressor::new(LEVEL) else { return Vec::new() };
                made();
                kept.insert((fresh, Vec::new()))
            }
        };
        // What comes out waits in the queue, and what waits there is counted: it takes no more room than it needs. What it is made in
        // is as large as the worst case.
        room.clear();
        room.reserve(zstd::zstd_safe::compress_bound(text.len()));
        // In-memory compression of a slice cannot fail; were it to, an empty text loses words but never an item.
        let out = compressor
            .compress_to_buffer(text.as_bytes(), room)
            .map_or_else(|_| Vec::new(), |_| room.clone());
        if room.capacity() > MAX_KEPT {
            *room = Vec::new();
        }
        out
    })
}

/// Told of each set of tables that is made.
#[cfg(not(test))]
fn made() {}

#[cfg(test)]
use tests::made;

/// The text again, or what is left of it: at most `limit` bytes.
pub fn decompress(bytes: &[u8], limit: usize) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let out = whole(bytes, limit).unwrap_or_else(|| beginning(bytes, limit));
    String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// All of it at once, where it says how long it is, and that is within the limit.
fn whole(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok()??;
    let size = usize::try_from(size).ok().filter(|size| *size <= limit.min(MAX_WHOLE))?;
    DECOMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(decompressor) => decompressor.decompress(bytes, size).ok(),
        None => {
            made();
            kept.insert(Decompressor::new().ok()?).decompress(bytes, size).ok()
        }
    })
}

/// As much as the limit and damage let through.
fn beginning(bytes: &[u8], limit: usize) -> Vec<u8> {
    use std::io::Read;
    let mut out = Vec::new();
    if let Ok(decoder) = zstd::stream::read::Decoder::with_buffer(bytes)
        && let Err(error) = decoder.take(limit as u64).read_to_end(&mut out)
    {
        tracing::warn!(%error, "stored text is damaged");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static MADE: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }

    pub(super) fn made() {
        MADE.set(MADE.get() + 1);
    }

    #[test]
    fn tables_are_made_once_for_each_thread() {
        let work = || {
            for n in 0..1000 {
                let text = format!("text {n} {}", "words ".repeat(n % 50));
                assert_eq!(decompress(&compress(&text), usize::MAX), text);
            }
            MADE.get()
        };
        let made: Vec<u32> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(made, [2; 4], "one to pack and one to take apart, for two thousand texts");
    }

    #[test]
    fn round_trip_and_limit() {
        for text in ["", "a", "Grüße, 会議", &"word ".repeat(10_000)] {
            assert_eq!(decompress(&compress(text), usize::MAX), text);
        }
        assert_eq!(decompress(&compress(&"word ".repeat(10_000)), 7), "word wo");
        assert_eq!(decompress(b"not zstd at all", 100), "");
    }
}
