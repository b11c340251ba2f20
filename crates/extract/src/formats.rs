//! Numbers of cells as text: days and times where their format says so ([MS-XLS] 2.4.126, ECMA-376 part 1 18.8.30), else the number
//! itself.

use jiff::Span;
use jiff::civil::date;
use std::collections::HashMap;

/// Days from the first of year 1 of Excel's count to the first of 1904.
const DAYS_TO_1904: f64 = 1462.0;
/// Excel takes 1900 for a leap year; this is the day that never was.
const NEVER: i64 = 60;
/// The last day of the year 9999.
const LAST_DAY: f64 = 2_958_466.0;
const SECONDS: i64 = 24 * 60 * 60;

/// What a format shows of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    day: bool,
    time: bool,
}

/// The formats of a workbook.
#[derive(Default)]
pub struct Formats {
    /// By their numbers, those that the workbook brings along.
    own: HashMap<u16, Shown>,
    /// The format of each kind of cell.
    cells: Vec<u16>,
    /// Whether days are counted from 1904.
    pub from_1904: bool,
}

impl Formats {
    /// Takes a format of the workbook.
    pub fn own(&mut self, number: u16, code: &str) {
        self.own.insert(number, shown(code));
    }

    /// Takes the format of the next kind of cell.
    pub fn cell(&mut self, format: u16) {
        self.cells.push(format);
    }

    /// The number in a cell of kind `cell`.
    pub fn text(&self, cell: u16, number: f64) -> String {
        let format = self.cells.get(usize::from(cell)).copied().unwrap_or_default();
        let shown = self.own.get(&format).copied().unwrap_or_else(|| built_in(format));
        let days = if self.from_1904 { number + DAYS_TO_1904 } else { number };
        let is_moment = shown != Shown::default() && (0.0..LAST_DAY).contains(&days);
        is_moment.then(|| moment(shown, days)).flatten().unwrap_or_else(|| plain(number))
    }
}

/// What the formats that every workbook has show.
fn built_in(format: u16) -> Shown {
    match format {
        14..=17 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => Shown { day: true, time: false },
        18..=21 | 32 | 33 | 45..=47 | 55 | 56 => Shown { day: false, time: true },
        22 => Shown { day: true, time: true },
        _ => Shown::default(),
    }
}

/// What a format shows, by the letters in its first part.
fn shown(code: &str) -> Shown {
    let (mut day, mut month, mut time) = (false, false, false);
    let mut characters = code.chars();
    while let Some(c) = characters.next() {
        match c.to_ascii_lowercase() {
            ';' => break,
            // What is quoted, and a character to be shown, filled up with, or as wide as.
            '"' => _ = characters.find(|c| *c == '"'),
            '\\' | '_' | '*' => _ = characters.next(),
            '[' => {
                // A colour, a language or a condition; or hours, minutes and seconds that are counted on.
                let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                time |= !inside.is_empty()
                    && inside.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's'));
            }
            'd' | 'y' => day = true,
            'm' => month = true,
            'h' | 's' => time = true,
            _ => {}
        }
    }
    Shown { day: day || month && !time, time }
}

/// A count of days as day and time; `None` where there is no such day.
fn moment(shown: Shown, days: f64) -> Option<String> {
    let seconds = (days * SECONDS as f64).round() as i64;
    let (day, second) = (seconds / SECONDS, seconds % SECONDS);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let hours = if shown.day { hour } else { day * 24 + hour };
    let time = match second {
        0 => format!("{hours:02}:{minute:02}"),
        _ => format!("{hours:02}:{minute:02}:{second:02}"),
    };
    if !shown.day {
        return Some(time);
    }
    let before_first = date(1899, 12, if day < NEVER { 31 } else { 30 });
    let date = before_first.checked_add(Span::new().try_days(day).ok()?).ok()?;
    Some(if shown.time { format!("{date} {time}") } else { date.to_string() })
}

/// A number with the fifteen digits that Excel shows at most.
fn plain(number: f64) -> String {
    let short: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if short == 0.0 {
        "0".into()
    } else if (1e-5..1e15).contains(&short.abs()) {
        format!("{short}")
    } else {
        format!("{short:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, number: f64, expected: &str) {
        let mut formats = Formats::default();
        formats.own(164, code);
        formats.cell(164);
        assert_eq!(formats.text(0, number), expected, "{code:?} of {number}");
    }

    #[test]
    fn numbers() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (42.5, "42.5"),
            (0.1 + 0.2, "0.3"),
            (-1234567.0, "-1234567"),
            (1e15, "1e15"),
            (1.5e-7, "1.5e-7"),
            (f64::NAN, "NaN"),
        ] {
            check("General", number, expected);
            check("#,##0.00 \"days\";[Red]-0", number, expected);
        }
    }

    #[test]
    fn days_and_times() {
        check("yyyy-mm-dd", 1.0, "1900-01-01");
        check("d/m/yy", 59.0, "1900-02-28");
        check("d/m/yy", 61.0, "1900-03-01");
        check("dd.mm.yyyy", 36_526.0, "2000-01-01");
        check("mmm", 37_680.0, "2003-02-28");
        check("[$-409]d\\-mmm\\-yy;@", 38_411.0, "2005-02-28");
        check("m/d/yy h:mm", 25_569.75, "1970-01-01 18:00");
        check("h:mm:ss AM/PM", 0.500_011_574, "12:00:01");
        check("[h]:mm", 1.5, "36:00");
        check("yyyy", 2_958_465.0, "9999-12-31");
        check("yyyy", 2_958_466.0, "2958466");
        check("yyyy", -1.0, "-1");
        check("yyyy", 36_525.999_999_999, "2000-01-01");
        let mut formats = Formats { from_1904: true, ..Formats::default() };
        formats.cell(14);
        assert_eq!(formats.text(0, 0.0), "1904-01-01");
        assert_eq!(formats.text(9, 0.0), "0", "a kind of cell that is not there");
    }
}
