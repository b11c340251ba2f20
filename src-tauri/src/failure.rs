//! Failures in words that a user can act on.

use std::backtrace::Backtrace;
use std::io::Write as _;

/// Prints a sentence where a user of a terminal sees it.
pub fn say(sentence: &str) {
    // Without a terminal there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{sentence}");
}

/// From now on a fault inside says so in a sentence; a trace follows only for those who ask with `RUST_BACKTRACE`.
pub fn speak_plainly() {
    std::panic::set_hook(Box::new(|fault| {
        let what = fault.payload_as_str().unwrap_or("unknown");
        let place = fault.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
        // The toolkit has no other way to say that the display does not answer.
        if what.contains("initialize gtk") {
            return say(
                "Mailscope cannot open its window, because the display does not answer. Is DISPLAY right?",
            );
        }
        tracing::error!("a fault: {what}{place}");
        say(&format!("A fault in Mailscope itself: {what}{place}. The library keeps what was committed."));
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            say(&Backtrace::force_capture().to_string());
        }
    }));
}
