//! The table context ([MS-PST] 2.3.4).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mailscope_pst::fuzzing::table(data));
