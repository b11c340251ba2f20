//! Heap, B-tree on the heap and property context ([MS-PST] 2.3.1 to 2.3.3).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mailscope_pst::fuzzing::properties(data));
