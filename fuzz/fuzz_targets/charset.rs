//! Text of any code page: two bytes with its number, then the text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mailscope_pst::fuzzing::charset(data));
