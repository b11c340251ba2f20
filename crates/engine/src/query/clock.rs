//! When in the week: weekdays and hours, as the clocks of a zone show them.

use crate::index::fast;
use std::fmt;
use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{BitSet, DocId, Score, SegmentReader};

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const HOURS: u32 = 24;
const ALL_DAYS: u32 = (1 << DAYS.len()) - 1;
const ALL_HOURS: u32 = (1 << HOURS) - 1;
const HOUR: i64 = 3_600_000;
/// The first of January 1970 was a Thursday.
const WEEKDAY_OF_EPOCH: i64 = 3;
/// No zone is further from UTC, in minutes.
const FARTHEST: i32 = 18 * 60;

/// Weekdays and hours that follow each other, in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// A bit for each, Monday first.
    days: u32,
    /// A bit for each, midnight first.
    hours: u32,
    /// Minutes east of UTC.
    zone: i32,
}

impl Clock {
    /// Reads "fri", "14", "22..5", "mon..fri 9..17", "fri 14 +02:00": weekdays, hours and a zone (UTC where none is said).
    pub fn parse(text: &str) -> Option<Self> {
        let (mut days, mut hours, mut zone) = (None, None, None);
        for word in text.to_ascii_lowercase().split_whitespace() {
            let (from, until) = word.split_once("..").unwrap_or((word, word));
            if let (Some(from), Some(until)) = (weekday(from), weekday(until))
                && days.is_none()
            {
                days = Some(span(from, until, DAYS.len() as u32));
            } else if let (Some(from), Some(until)) = (hour(from), hour(until))
                && hours.is_none()
            {
                hours = Some(span(from, until, HOURS));
            } else if zone.is_none() {
                zone = Some(minutes(word)?);
            } else {
                return None;
            }
        }
        days.or(hours)?;
        Some(Self {
            days: days.unwrap_or(ALL_DAYS),
            hours: hours.unwrap_or(ALL_HOURS),
            zone: zone.unwrap_or_default(),
        })
    }

    /// Whether a moment in milliseconds since 1970 UTC is within.
    pub fn holds(self, date: i64) -> bool {
        let hours = date.saturating_add(i64::from(self.zone) * 60_000).div_euclid(HOUR);
        let hour = hours.rem_euclid(i64::from(HOURS));
        let day = (hours.div_euclid(i64::from(HOURS)) + WEEKDAY_OF_EPOCH).rem_euclid(DAYS.len() as i64);
        self.days >> day & 1 == 1 && self.hours >> hour & 1 == 1
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name =
            |day: u32| DAYS.get(day as usize).and_then(|name| name.get(..3)).unwrap_or_default().to_owned();
        let mut words = Vec::new();
        if self.days != ALL_DAYS || self.hours == ALL_HOURS {
            words.push(told(self.days, DAYS.len() as u32, name));
        }
        if self.hours != ALL_HOURS {
            words.push(told(self.hours, HOURS, |hour| hour.to_string()));
        }
        if self.zone != 0 {
            let (sign, minutes) = (if self.zone < 0 { '-' } else { '+' }, self.zone.abs());
            words.push(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
        }
        f.write_str(&words.join(" "))
    }
}

/// The bits from one to another; beyond the last it begins anew.
fn span(from: u32, until: u32, of: u32) -> u32 {
    (0..=(until + of - from) % of).fold(0, |bits, step| bits | 1 << ((from + step) % of))
}

/// The bits, which follow each other, as a range of names.
fn told(bits: u32, of: u32, name: impl Fn(u32) -> String) -> String {
    let is = |at: u32| bits >> (at % of) & 1 == 1;
    let from = (0..of).find(|at| is(*at) && !is(at + of - 1)).unwrap_or_default();
    let until = (from + bits.count_ones() + of - 1) % of;
    if from == until { name(from) } else { format!("{}..{}", name(from), name(until)) }
}

fn weekday(text: &str) -> Option<u32> {
    let at = DAYS.iter().position(|name| text.len() >= 3 && name.starts_with(text))?;
    u32::try_from(at).ok()
}

fn hour(text: &str) -> Option<u32> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|hour| plain && *hour < HOURS)
}

/// "utc", "+2", "+02:00", "-05:30": minutes east of UTC.
fn minutes(text: &str) -> Option<i32> {
    if text == "utc" {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let number = |text: &str| -> Option<i32> {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| plain)
    };
    let minutes = number(hours)? * 60 + number(minutes).filter(|minutes| *minutes < 60)?;
    (minutes <= FARTHEST).then_some(sign * minutes)
}

impl Query for Clock {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(*self))
    }
}

impl Weight for Clock {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let dates = reader.fast_fields().i64(fast::DATE)?;
        let mut found = BitSet::with_max_value(reader.max_doc());
        for doc in 0..reader.max_doc() {
            if dates.first(doc).is_some_and(|date| self.holds(date)) {
                found.insert(doc);
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("at these hours of the week", 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_told() {
        let check = |text: &str, expected: Option<&str>| {
            let found = Clock::parse(text);
            assert_eq!(found.map(|clock| clock.to_string()).as_deref(), expected, "{text:?}");
            if let Some(clock) = found {
                assert_eq!(Clock::parse(&clock.to_string()), Some(clock), "{text:?}");
            }
        };
        check("fri", Some("fri"));
        check("Friday", Some("fri"));
        check("14", Some("14"));
        check("09", Some("9"));
        check("22..5", Some("22..5"));
        check("sat..mon", Some("sat..mon"));
        check("mon..sun", Some("mon..sun"));
        check("0..23", Some("mon..sun"));
        check("5..4", Some("mon..sun"));
        check("mon..fri 9..17", Some("mon..fri 9..17"));
        check("9..17 mon", Some("mon 9..17"));
        check("fri 14 +02:00", Some("fri 14 +02:00"));
        check("14 -5", Some("14 -05:00"));
        check("14 +5:30", Some("14 +05:30"));
        check("14 utc", Some("14"));
        for wrong in [
            "", "fr", "24", "001", "9..24", "fri fri", "14 15 16", "+02:00", "14 +19", "14 +2:60", "fri..9",
            "é", "-",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn moments_are_within() {
        let check = |text: &str, date: i64, expected: bool| {
            assert_eq!(Clock::parse(text).unwrap().holds(date), expected, "{text:?} {date}");
        };
        // Thursday, the first of January 1970, midnight.
        check("thu", 0, true);
        check("thu 0", HOUR - 1, true);
        check("thu 0", HOUR, false);
        check("wed 23", -1, true);
        check("wed 23 +01:00", -1, false);
        check("thu 0 +01:00", -1, true);
        check("wed 19 -05:00", 0, true);
        check("22..5", 0, true);
        check("22..5", 6 * HOUR, false);
        check("sat..sun", 2 * 24 * HOUR, true);
        check("mon..fri 9..17", 4 * 24 * HOUR + 9 * HOUR, true);
        check("mon", i64::MAX, Clock::parse("mon").unwrap().holds(i64::MAX));
        check("14 +18:00", i64::MIN, Clock::parse("14 +18:00").unwrap().holds(i64::MIN));
    }
}
