//! The header and pages of both B-trees ([MS-PST] 2.2.2.6, 2.2.2.7), and what lies about without them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailscope_pst::fuzzing;

fuzz_target!(|data: &[u8]| {
    fuzzing::header(data);
    fuzzing::page(data);
    fuzzing::sweep(data);
});
