//! When in the week: weekdays and hours, as the clocks of a zone show them.

use crate::index::{blocks, fast, sender_zone};
use crate::zone::{Clocks, Zone};
use std::fmt;
use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{BitSet, DocId, Score, SegmentReader};

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const HOURS: u32 = 24;
const ALL_DAYS: u32 = (1 << DAYS.len()) - 1;
const ALL_HOURS: u32 = (1 << HOURS) - 1;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// The first of January 1970 was a Thursday.
const WEEKDAY_OF_EPOCH: i64 = 3;

/// Whose clocks are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The reader's.
    Reader,
    /// Those of a zone.
    Of(Zone),
    /// Those of each message's sender, as far as its header `Date` tells how far they are from UTC.
    Sender,
}

/// Weekdays and hours that follow each other, in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// A bit for each, Monday first.
    days: u32,
    /// A bit for each, midnight first.
    hours: u32,
    /// By whose clocks.
    whose: Whose,
}

impl Clock {
    /// Reads "fri", "14", "22..5", "mon..fri 9..17", "fri 14 +02:00": weekdays, hours and a zone (the reader's where none is said).
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
                zone = Some(Zone::named(word)?);
            } else {
                return None;
            }
        }
        days.or(hours)?;
        Some(Self {
            days: days.unwrap_or(ALL_DAYS),
            hours: hours.unwrap_or(ALL_HOURS),
            whose: zone.map_or(Whose::Reader, Whose::Of),
        })
    }

    /// As [`Clock::parse`], of the sender's clocks: no zone can be said.
    pub fn of_sender(text: &str) -> Option<Self> {
        let read = Self::parse(text).filter(|clock| clock.whose == Whose::Reader)?;
        Some(Self { whose: Whose::Sender, ..read })
    }

    /// The field of the language that asks it.
    pub fn field(&self) -> &'static str {
        if self.whose == Whose::Sender { "sent_hour" } else { "hour" }
    }

    /// As a reader in `zone` means it.
    pub fn read_in(&self, zone: &Zone) -> Self {
        match self.whose {
            Whose::Reader => Self { whose: Whose::Of(zone.clone()), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// Whether a local time, in milliseconds since 1970 by the clocks, is within.
    fn holds(&self, local: i64) -> bool {
        let (day, hour) = hour_of_week(local);
        self.days >> day & 1 == 1 && self.hours >> hour & 1 == 1
    }
}

/// Weekday (Monday is 0) and hour of a local time, in milliseconds since 1970 by the clocks.
pub fn hour_of_week(local: i64) -> (usize, usize) {
    let hours = local.div_euclid(HOUR);
    let day = (hours.div_euclid(i64::from(HOURS)) + WEEKDAY_OF_EPOCH).rem_euclid(DAYS.len() as i64);
    let small = |number: i64| usize::try_from(number).unwrap_or_default();
    (small(day), small(hours.rem_euclid(i64::from(HOURS))))
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
        if let Whose::Of(zone) = &self.whose {
            words.push(zone.name().to_owned());
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

impl Query for Clock {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Clock {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let dates = blocks::numbers(reader, fast::DATE)?;
        let mut found = BitSet::with_max_value(reader.max_doc());
        let dated = (0..reader.max_doc()).filter_map(|doc| Some((doc, blocks::signed(dates.first(doc)?))));
        let mut mark = |doc: DocId, local: i64| {
            if self.holds(local) {
                found.insert(doc);
            }
        };
        match &self.whose {
            Whose::Sender => {
                let zones = blocks::numbers(reader, fast::SENDER_ZONE)?;
                let known = dated.filter_map(|(doc, date)| {
                    let minutes = sender_zone::minutes(zones.first(doc)?)?;
                    Some((doc, date.saturating_add(i64::from(minutes) * MINUTE)))
                });
                known.for_each(|(doc, local)| mark(doc, local));
            }
            Whose::Reader => dated.for_each(|(doc, date)| mark(doc, date)),
            Whose::Of(zone) => {
                let mut clocks = Clocks::of(zone.clone());
                dated.for_each(|(doc, date)| mark(doc, clocks.local(date)));
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
            assert_eq!(found.as_ref().map(ToString::to_string).as_deref(), expected, "{text:?}");
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
        check("14 utc", Some("14 UTC"));
        check("America/chicago sun", Some("sun America/Chicago"));
        for wrong in [
            "",
            "fr",
            "24",
            "001",
            "9..24",
            "fri fri",
            "14 15 16",
            "+02:00",
            "14 +19",
            "14 +2:60",
            "fri..9",
            "é",
            "-",
            "14 Nowhere/Land",
            "14 utc utc",
        ] {
            check(wrong, None);
        }
        assert_eq!(Clock::of_sender("fri 9").map(|clock| clock.to_string()).as_deref(), Some("fri 9"));
        assert_eq!(Clock::of_sender("fri 9 utc"), None);
    }

    #[test]
    fn moments_are_within() {
        let check = |text: &str, local: i64, expected: bool| {
            assert_eq!(Clock::parse(text).unwrap().holds(local), expected, "{text:?} {local}");
        };
        // Thursday, the first of January 1970, midnight.
        check("thu", 0, true);
        check("thu 0", HOUR - 1, true);
        check("thu 0", HOUR, false);
        check("wed 23", -1, true);
        check("22..5", 0, true);
        check("22..5", 6 * HOUR, false);
        check("sat..sun", 2 * 24 * HOUR, true);
        check("mon..fri 9..17", 4 * 24 * HOUR + 9 * HOUR, true);
        assert_eq!(hour_of_week(-1), (2, 23));
        assert_eq!(hour_of_week(5 * 24 * HOUR + 7 * HOUR), (1, 7));
        for far in [i64::MIN, i64::MAX] {
            let (day, hour) = hour_of_week(far);
            assert!(day < 7 && hour < 24);
        }
    }
}
