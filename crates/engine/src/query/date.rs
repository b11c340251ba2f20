//! Dates of queries: a year, a month or a day, in UTC.

use crate::text::dates;

/// The first millisecond of the period that `text` names and the first after it: "2003", "2001-11", "2001-11-14", also with "/" or ".".
pub fn period(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.split(['-', '/', '.']);
    let year: i64 = number(parts.next()?, 4)?;
    let month = parts.next().map(|p| number(p, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day = parts.next().map(|p| number(p, 2)).map_or(Some(None), |d| d.map(Some))?;
    if parts.next().is_some() || !(1600..=9999).contains(&year) {
        return None;
    }
    match (month, day) {
        (None, _) => Some((start(year, 1, 1), start(year + 1, 1, 1))),
        (Some(month @ 1..=12), None) => {
            let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            Some((start(year, month, 1), start(next_year, next_month, 1)))
        }
        (Some(month @ 1..=12), Some(day)) if day >= 1 && day <= days_in(year, month) => {
            let from = start(year, month, day);
            Some((from, from + 86_400_000))
        }
        _ => None,
    }
}

fn number(text: &str, max_digits: usize) -> Option<i64> {
    (!text.is_empty() && text.len() <= max_digits && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Milliseconds since 1970 of midnight.
fn start(year: i64, month: i64, day: i64) -> i64 {
    dates::days(year, month, day) * 86_400_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(i64, i64)>) {
        assert_eq!(period(text), expected, "{text:?}");
    }

    #[test]
    fn periods() {
        check("1970", Some((0, 31_536_000_000)));
        check("1970-01", Some((0, 2_678_400_000)));
        check("1970-01-01", Some((0, 86_400_000)));
        check("2001-11-14", Some((1_005_696_000_000, 1_005_782_400_000)));
        check("2001/11/14", Some((1_005_696_000_000, 1_005_782_400_000)));
        check("2000-02-29", Some((951_782_400_000, 951_868_800_000)));
        check("1900-02-29", None);
        check("2001-13", None);
        check("2001-00-10", None);
        check("01-11-2001", None);
        check("yesterday", None);
        check("", None);
        check("2001-", None);
        check("99999", None);
    }
}
