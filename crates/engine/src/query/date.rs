//! Dates of queries: a year, a month, a day or a word for one, as days counted from the first of January 1970.

use crate::text::dates;

/// The first year that the language knows; the last one has four digits too.
const FIRST_YEAR: i64 = 1600;
/// What stands between the parts of a date.
const SIGNS: [char; 3] = ['-', '/', '.'];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The first day of the period that `text` names and the first after it: "2003", "2001-11", "2001-11-14", also with "/" or ".", and
/// "today", "last week" and the like, as they are meant on the day `today`. Years may stand last, as Outlook writes them: "14.11.2001",
/// "11/2001", and where only one reading makes a date also "11/14/2001"; months may be called by their English names, "14 Nov 2001".
pub fn period(text: &str, today: i64) -> Option<(i64, i64)> {
    named(text, today).or_else(|| numbered(text)).or_else(|| year_last(text)).or_else(|| in_words(text))
}

/// The two days that a date such as "3/4/2001" can mean, as "2001-03-04".
pub fn two_readings(text: &str) -> Option<[String; 2]> {
    let (parts, _) = parts_of(text)?;
    let [first, second, year] = parts.as_slice() else { return None };
    let (first, second, year) = (number(first, 2)?, number(second, 2)?, number(year, 4)?);
    let can_be_month = |number: i64| (1..=12).contains(&number);
    (first != second && can_be_month(first) && can_be_month(second) && year >= FIRST_YEAR).then(|| {
        [(first, second), (second, first)].map(|(month, day)| format!("{year:04}-{month:02}-{day:02}"))
    })
}

/// Numbers between the signs that part dates, and that sign; `None` where there are different ones.
fn parts_of(text: &str) -> Option<(Vec<&str>, char)> {
    let sign = text.chars().find(|c| SIGNS.contains(c))?;
    let parts: Vec<&str> = text.split(sign).collect();
    parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())).then_some((parts, sign))
}

/// A date whose year stands last. With dots the day is first; otherwise what cannot be a month is the day.
fn year_last(text: &str) -> Option<(i64, i64)> {
    let (parts, sign) = parts_of(text)?;
    let year = number(parts.last()?, 4).filter(|year| *year >= FIRST_YEAR)?;
    match parts.as_slice() {
        [month, _] => month_of(year, number(month, 2)?),
        [first, second, _] => {
            let (first, second) = (number(first, 2)?, number(second, 2)?);
            let day_first = sign == '.' || first > 12 || first == second;
            let (day, month) = if day_first { (first, second) } else { (second, first) };
            let is_clear = sign == '.' || first == second || day > 12;
            day_of(year, month, day).filter(|_| is_clear)
        }
        _ => None,
    }
}

/// A month by its English name, with a year and perhaps a day: "November 2001", "14 nov 2001", "nov 14, 2001".
fn in_words(text: &str) -> Option<(i64, i64)> {
    let parts: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c == ',' || SIGNS.contains(&c))
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let month_called = |name: &String| {
        let of = |month: &str| name.len() >= 3 && month.starts_with(name.as_str());
        MONTHS.iter().position(|month| of(month)).and_then(|at| i64::try_from(at + 1).ok())
    };
    let month = parts.iter().find_map(month_called)?;
    let rest: Vec<&String> = parts.iter().filter(|part| month_called(part).is_none()).collect();
    let year = |text: &str| number(text, 4).filter(|year| *year >= FIRST_YEAR);
    match rest.as_slice() {
        [only] if parts.len() == 2 => month_of(year(only)?, month),
        [first, second] if parts.len() == 3 => match (year(first), year(second)) {
            (Some(year), None) => day_of(year, month, number(second, 2)?),
            (None, Some(year)) => day_of(year, month, number(first, 2)?),
            _ => None,
        },
        _ => None,
    }
}

/// The day that lies so many days, weeks, months or years before `today`: "3d", "2w", "6m", "1y".
pub fn ago(text: &str, today: i64) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count = number(&text[..digits], 4)?;
    let (year, month, day) = dates::civil(today);
    let months_ago = |count: i64| {
        let month = year * 12 + month - 1 - count;
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        dates::days(year, month, day.min(days_in(year, month)))
    };
    let day = match text[digits..].trim() {
        "d" | "day" | "days" => today - count,
        "w" | "week" | "weeks" => today - 7 * count,
        "m" | "month" | "months" => months_ago(count),
        "y" | "year" | "years" => months_ago(12 * count),
        _ => return None,
    };
    // Nothing is dated before the first day that can be written down.
    Some(day.max(dates::days(FIRST_YEAR, 1, 1)))
}

fn named(text: &str, today: i64) -> Option<(i64, i64)> {
    let name: String =
        text.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-')).collect();
    let (year, month, _) = dates::civil(today);
    // Weeks begin on Monday; the first of January 1970 was a Thursday.
    let monday = today - (today + 3).rem_euclid(7);
    let month_at = |months: i64| {
        let month = year * 12 + month - 1 + months;
        dates::days(month.div_euclid(12), month.rem_euclid(12) + 1, 1)
    };
    let days = |from: i64, count: i64| Some((from, from + count));
    match name.as_str() {
        "today" => days(today, 1),
        "yesterday" => days(today - 1, 1),
        "tomorrow" => days(today + 1, 1),
        "thisweek" => days(monday, 7),
        "lastweek" => days(monday - 7, 7),
        "nextweek" => days(monday + 7, 7),
        "thismonth" => Some((month_at(0), month_at(1))),
        "lastmonth" => Some((month_at(-1), month_at(0))),
        "nextmonth" => Some((month_at(1), month_at(2))),
        "thisyear" => Some((dates::days(year, 1, 1), dates::days(year + 1, 1, 1))),
        "lastyear" => Some((dates::days(year - 1, 1, 1), dates::days(year, 1, 1))),
        _ => None,
    }
}

fn numbered(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.split(SIGNS);
    let year: i64 = number(parts.next()?, 4)?;
    let month = parts.next().map(|p| number(p, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day = parts.next().map(|p| number(p, 2)).map_or(Some(None), |d| d.map(Some))?;
    if parts.next().is_some() || year < FIRST_YEAR {
        return None;
    }
    match (month, day) {
        (None, _) => Some((dates::days(year, 1, 1), dates::days(year + 1, 1, 1))),
        (Some(month), None) => month_of(year, month),
        (Some(month), Some(day)) => day_of(year, month, day),
    }
}

fn month_of(year: i64, month: i64) -> Option<(i64, i64)> {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (1..=12).contains(&month).then(|| (dates::days(year, month, 1), dates::days(next_year, next_month, 1)))
}

fn day_of(year: i64, month: i64, day: i64) -> Option<(i64, i64)> {
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let from = dates::days(year, month, day);
    Some((from, from + 1))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(i64, i64)>) {
        assert_eq!(period(text, 0), expected, "{text:?}");
    }

    #[test]
    fn periods() {
        check("1970", Some((0, 365)));
        check("1970-01", Some((0, 31)));
        check("1970-01-01", Some((0, 1)));
        check("2001-11-14", Some((11_640, 11_641)));
        check("2001/11/14", Some((11_640, 11_641)));
        check("2000-02-29", Some((11_016, 11_017)));
        check("1900-02-29", None);
        check("2001-13", None);
        check("2001-00-10", None);
        check("01-11-2001", None);
        let day = Some((11_640, 11_641));
        for text in [
            "14.11.2001",
            "11/14/2001",
            "14/11/2001",
            "14-11-2001",
            "14 Nov 2001",
            "nov 14, 2001",
            "2001-nov-14",
        ] {
            check(text, day);
        }
        let month = Some((11_627, 11_657));
        for text in ["11/2001", "11.2001", "November 2001", "2001 nov"] {
            check(text, month);
        }
        check("11/11/2001", Some((11_637, 11_638)));
        check("3.4.2001", Some((11_415, 11_416)));
        for text in [
            "3/4/2001",
            "13/13/2001",
            "31.4.2001",
            "11/14/01",
            "14/2001",
            "nov",
            "nov dec 2001",
            "no 2001",
            "14.11/2001",
        ] {
            check(text, None);
        }
        check("yesterday", Some((-1, 0)));
        check("last month", Some((-31, 0)));
        check("Last_Week", Some((-10, -3)));
        check("tomorrow", Some((1, 2)));
        check("next week", Some((4, 11)));
        check("next month", Some((31, 59)));
        check("next friday", None);
        check("", None);
        check("2001-", None);
        check("99999", None);
    }

    #[test]
    fn long_ago_is_a_day_that_can_be_written() {
        let check = |text, expected| assert_eq!(ago(text, 20_000), expected, "{text}");
        check("3d", Some(19_997));
        check("1y", Some(19_634));
        for text in ["9999y", "9999 years"] {
            check(text, Some(dates::days(1600, 1, 1)));
        }
        check("99999d", None);
    }

    #[test]
    fn dates_with_two_readings() {
        let check = |text: &str, expected: Option<[&str; 2]>| {
            assert_eq!(two_readings(text), expected.map(|both| both.map(str::to_owned)), "{text}");
        };
        check("3/4/2001", Some(["2001-03-04", "2001-04-03"]));
        check("12-01-2001", Some(["2001-12-01", "2001-01-12"]));
        for text in ["3/3/2001", "3/14/2001", "2001-03-04", "3/4/01", "3/4", "a/4/2001", ""] {
            check(text, None);
        }
    }
}
