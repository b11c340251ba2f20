//! Writes a mailbox of many messages, for tests that need an import to last: `mailbox COUNT FILE`.
#![forbid(unsafe_code)]

use mailscope_pst::write::small::{Variant, write_many};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [count, file] = arguments.as_slice() else {
        eprintln!("usage: mailbox COUNT FILE");
        return ExitCode::from(2);
    };
    let written = count
        .parse()
        .map_err(|error| format!("{count:?} is no number: {error}"))
        .and_then(|count| write_many(file, Variant::default(), count).map_err(|error| error.to_string()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
