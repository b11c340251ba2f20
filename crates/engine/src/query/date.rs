//! Dates of queries: a year, a month, a day or a word for one, in UTC.

use crate::text::dates;

const DAY: i64 = 86_400_000;

/// The first millisecond of the period that `text` names and the first after it: "2003", "2001-11", "2001-11-14", also with "/" or ".", and
/// "today", "last week" and the like, as they are meant at the moment `now`.
pub fn period(text: &str, now: i64) -> Option<(i64, i64)> {
    named(text, now).or_else(|| numbered(text))
}

/// The beginning of the day that lies so many days, weeks, months or years before `now`: "3d", "2w", "6m", "1y".
pub fn ago(text: &str, now: i64) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count = number(&text[..digits], 4)?;
    let today = now.div_euclid(DAY);
    let (year, month, day) = dates::civil(today);
    let months_ago = |count: i64| {
        let month = year * 12 + month - 1 - count;
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        start(year, month, day.min(days_in(year, month)))
    };
    match text[digits..].trim() {
        "d" | "day" | "days" => Some((today - count) * DAY),
        "w" | "week" | "weeks" => Some((today - 7 * count) * DAY),
        "m" | "month" | "months" => Some(months_ago(count)),
        "y" | "year" | "years" => Some(months_ago(12 * count)),
        _ => None,
    }
}

fn named(text: &str, now: i64) -> Option<(i64, i64)> {
    let name: String =
        text.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect();
    let today = now.div_euclid(DAY);
    let (year, month, _) = dates::civil(today);
    // Weeks begin on Monday; the first of January 1970 was a Thursday.
    let monday = today - (today + 3).rem_euclid(7);
    let month_at = |months: i64| {
        let month = year * 12 + month - 1 + months;
        start(month.div_euclid(12), month.rem_euclid(12) + 1, 1)
    };
    let days = |from: i64, count: i64| Some((from * DAY, (from + count) * DAY));
    match name.as_str() {
        "today" => days(today, 1),
        "yesterday" => days(today - 1, 1),
        "thisweek" => days(monday, 7),
        "lastweek" => days(monday - 7, 7),
        "thismonth" => Some((month_at(0), month_at(1))),
        "lastmonth" => Some((month_at(-1), month_at(0))),
        "thisyear" => Some((start(year, 1, 1), start(year + 1, 1, 1))),
        "lastyear" => Some((start(year - 1, 1, 1), start(year, 1, 1))),
        _ => None,
    }
}

fn numbered(text: &str) -> Option<(i64, i64)> {
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
        assert_eq!(period(text, 0), expected, "{text:?}");
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
        check("yesterday", Some((-86_400_000, 0)));
        check("last month", Some((-31 * 86_400_000, 0)));
        check("Last_Week", Some((-10 * 86_400_000, -3 * 86_400_000)));
        check("tomorrow", None);
        check("", None);
        check("2001-", None);
        check("99999", None);
    }
}
