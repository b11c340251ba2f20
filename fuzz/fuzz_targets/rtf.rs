//! Compressed RTF, and what RTF wraps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailscope_pst::rtf;

const LIMIT: usize = 1 << 20;

fn open(data: &[u8]) {
    rtf::encapsulated(data);
    let html = rtf::unwrap_html(data, LIMIT);
    let text = rtf::to_text(data, LIMIT);
    // The limit may be passed by what one step adds.
    assert!(html.map_or(0, |html| html.len()) <= LIMIT + 64 && text.len() <= LIMIT + 64);
}

fuzz_target!(|data: &[u8]| {
    open(data);
    if let Ok(found) = rtf::decompress(data, LIMIT) {
        assert!(found.data.len() <= LIMIT);
        open(&found.data);
    }
});
