//! How results look, for people and for programs.

use mailscope_api::ApiError;
pub use mailscope_api::number;
use mailscope_engine::Zone;
use serde::Serialize;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

/// Why standard output cannot be written any more; nothing is written then.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// A line on standard output, as `println!`, which would panic where that is a pipe without a reader or a full disk.
macro_rules! say {
    () => { $crate::output::write(format_args!("\n")) };
    ($($words:tt)*) => { $crate::output::write(format_args!("{}\n", format_args!($($words)*))) };
}
pub(crate) use say;

/// Writes to standard output; the first failure is remembered for [`failure`].
pub fn write(words: Arguments<'_>) {
    if FAILED.get().is_none()
        && let Err(error) = io::stdout().lock().write_fmt(words)
    {
        let _ = FAILED.set(error);
    }
}

/// Why standard output could not be written, if so. A reader that closed the pipe early (`| head`) has what it wanted.
pub fn failure() -> Option<&'static io::Error> {
    // What still waits in the buffer belongs to it.
    if FAILED.get().is_none()
        && let Err(error) = io::stdout().lock().flush()
    {
        let _ = FAILED.set(error);
    }
    FAILED.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)
}

/// So many of a thing, in words.
pub fn many(count: u64, thing: &str) -> String {
    format!("{} {thing}{}", number(count), if count == 1 { "" } else { "s" })
}

/// One JSON object on a line of standard output.
///
/// # Errors
/// When standard output cannot be written.
pub fn json(value: &impl Serialize) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")
}

/// An error on standard error; with `json`, also as the summary.
pub fn error(error: &ApiError, as_json: bool) {
    if as_json {
        // If standard output is gone, standard error still tells.
        let _ = json(&serde_json::json!({ "error": error }));
    }
    eprintln!("mailscope: {}", plain(&error.message));
    if !error.advice.is_empty() {
        eprintln!("{}", error.advice);
    }
    if let Some(detail) = &error.detail {
        eprintln!("({})", plain(detail));
    }
}

/// A size in a unit that keeps it short: 84 KB, 13.3 MB.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if value < 10.0 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

/// ", 3 only in part"; nothing where there are none.
pub fn besides(count: u64, what: &str) -> String {
    if count > 0 { format!(", {} {what}", number(count)) } else { String::new() }
}

/// The zone in which moments are told; UTC until it is chosen.
static ZONE: OnceLock<Zone> = OnceLock::new();

/// Chooses the zone in which moments are told and asked for, once.
pub fn tell_in(zone: Zone) {
    let _ = ZONE.set(zone);
}

/// The zone that was chosen, as requests name it.
pub fn zone() -> Option<String> {
    ZONE.get().map(|zone| zone.name().to_owned())
}

/// A moment, given in milliseconds since 1970, as "2001-11-14 16:20" in the zone that was chosen.
pub fn date(millis: i64) -> String {
    date_in(ZONE.get().unwrap_or(&Zone::default()), millis)
}

/// The same with the distance from UTC: "2001-11-14 16:20 +01:00".
pub fn moment(millis: i64) -> String {
    let distance = ZONE.get().map_or_else(|| "UTC".to_owned(), |zone| zone.distance_at(millis));
    format!("{} {distance}", date(millis))
}

/// A day without a time, given by its midnight in UTC.
pub fn day(millis: i64) -> String {
    date_in(&Zone::default(), millis).chars().take(10).collect()
}

fn date_in(zone: &Zone, millis: i64) -> String {
    let local = millis.saturating_add(zone.at(millis).offset);
    let minutes = local.rem_euclid(86_400_000) / 60_000;
    let (year, month, day) = mailscope_engine::text::dates::civil(local.div_euclid(86_400_000));
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// Text for a terminal: control characters of mail must not move the cursor or change colours, nor those of direction turn
/// "exe.fdp" into "pdf.exe".
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_misleading(c) { '\u{fffd}' } else { c }).collect()
}

fn is_misleading(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && c != '\n' && c != '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_dates() {
        for (n, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_204_332, "1,204,332")] {
            assert_eq!(number(n), expected);
        }
        for (n, expected) in [(0, "0 files"), (1, "1 file"), (1000, "1,000 files")] {
            assert_eq!(many(n, "file"), expected);
        }
        for (n, expected) in [(0, "0 B"), (1536, "1.5 KB"), (86_016, "84 KB"), (13_984_768, "13 MB")] {
            assert_eq!(size(n), expected);
        }
        for (ms, expected) in [
            (0, "1970-01-01 00:00"),
            (1_005_754_800_000, "2001-11-14 16:20"),
            (951_782_400_000, "2000-02-29 00:00"),
            (-11_644_473_600_000, "1601-01-01 00:00"),
        ] {
            assert_eq!(date_in(&Zone::default(), ms), expected);
        }
        let vienna = Zone::named("Europe/Vienna").unwrap();
        assert_eq!(date_in(&vienna, 1_005_754_800_000), "2001-11-14 17:20");
        assert_eq!(date_in(&vienna, 994_000_000_000), "2001-07-01 17:06");
        assert_eq!(day(1_005_696_000_000), "2001-11-14");
        assert_eq!(plain("a\u{1b}[31mb\nc"), "a\u{fffd}[31mb\nc");
        assert_eq!(plain("\u{202e}fdp.exe \u{5d0}"), "\u{fffd}fdp.exe \u{5d0}");
    }
}
