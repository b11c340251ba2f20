//! Zones of time: where the clocks of a place stand at each moment, summer times included.
//!
//! The turns of a zone are taken from the zone database once, as a list in order; moments are then told by that list, so that telling a
//! million of them costs little more than reading them. Moments are in milliseconds since 1970 UTC, local times in milliseconds since
//! midnight of the first of January 1970 by the clocks of the zone, days as numbers from that day on.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// Turns are listed up to the first of January 2100; later ones are asked of the database one by one.
const LISTED_UNTIL: i64 = 4_102_444_800_000;
/// No zone has more turns until then, by far.
const MAX_TURNS: usize = 10_000;
/// No clock is further from UTC.
pub const FARTHEST: i64 = 26 * 60 * MINUTE;
/// The farthest that can be said in minutes.
const MAX_MINUTES: i32 = 18 * 60;
/// No name of the database is as long, in bytes.
const MAX_NAME: usize = 64;
/// What the zone of this computer is called where it has no name of its own.
const SYSTEM: &str = "system";

/// A zone of time. UTC unless told otherwise; cheap to clone. Zones of one name are the same.
#[derive(Clone, Default)]
pub struct Zone(Option<Arc<Rules>>);

struct Rules {
    name: String,
    /// Distance from UTC before the first turn.
    first: i64,
    /// When the distance changes, and what it is from then on, in order.
    turns: Vec<(i64, i64)>,
    /// Knows the turns beyond the list; none where the distance never changes again.
    later: Option<TimeZone>,
}

/// A stretch of time in which the clocks of a zone stand at one distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Its first moment.
    pub from: i64,
    /// The first moment after it.
    pub until: i64,
    /// Milliseconds east of UTC.
    pub offset: i64,
}

impl Stretch {
    /// Holds no moment.
    const NONE: Self = Self { from: i64::MAX, until: i64::MIN, offset: 0 };

    fn holds(self, at: i64) -> bool {
        self.from <= at && (at < self.until || self.until == i64::MAX)
    }
}

impl Zone {
    /// The zone of a name: one of the zone database in any case ("Europe/Vienna"), a fixed distance from UTC ("+02:00", "-5"), "UTC", or
    /// "system" for that of this computer. `None` where there is none of the name.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.len() > MAX_NAME {
            return None;
        }
        if name.eq_ignore_ascii_case(SYSTEM) {
            return Some(Self::of_system());
        }
        // The last is what a page calls the zone of a computer that does not tell it.
        if ["UTC", "Etc/UTC", "Etc/Unknown"].iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
            return Some(Self::default());
        }
        if let Some(minutes) = minutes(name) {
            return Some(Self::fixed(minutes));
        }
        let known = TimeZoneDatabase::bundled().get(name).ok()?;
        let name = known.iana_name()?.to_owned();
        Some(Self::from_rules(name, known))
    }

    /// So many minutes east of UTC, always.
    pub fn fixed(minutes: i32) -> Self {
        if minutes == 0 {
            return Self::default();
        }
        let name = distance_name(minutes);
        Self(Some(Arc::new(Rules {
            name,
            first: i64::from(minutes) * MINUTE,
            turns: Vec::new(),
            later: None,
        })))
    }

    /// The zone of this computer; UTC where it does not tell.
    pub fn of_system() -> Self {
        let Ok(system) = TimeZone::try_system() else { return Self::default() };
        // By its name, so that the same rules hold on every computer.
        if let Some(known) = system.iana_name().and_then(Self::named) {
            return known;
        }
        match system.to_fixed_offset() {
            Ok(offset) => Self::fixed(offset.seconds() / 60),
            Err(_) => Self::from_rules(SYSTEM.to_owned(), system),
        }
    }

    fn from_rules(name: String, zone: TimeZone) -> Self {
        let first = millis(zone.to_offset(Timestamp::MIN));
        let mut offset = first;
        let mut turns = Vec::new();
        let listed = zone.following(Timestamp::MIN).map(|turn| (turn.timestamp(), millis(turn.offset())));
        let listed = listed.take_while(|(at, _)| at.as_millisecond() < LISTED_UNTIL);
        for (at, new) in listed.take(MAX_TURNS) {
            // Some turns change but the name of the time.
            if new != offset {
                turns.push((at.as_millisecond(), new));
                offset = new;
            }
        }
        let last = Timestamp::from_millisecond(LISTED_UNTIL).unwrap_or(Timestamp::MAX);
        let goes_on = zone.following(last).next().is_some();
        Self(Some(Arc::new(Rules { name, first, turns, later: goes_on.then_some(zone) })))
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.0.as_ref().map_or("UTC", |rules| &rules.name)
    }

    /// Whether its clocks are always those of UTC.
    pub fn is_utc(&self) -> bool {
        self.0.is_none()
    }

    /// The stretch in which a moment lies.
    pub fn at(&self, at: i64) -> Stretch {
        let Some(rules) = &self.0 else { return Stretch { from: i64::MIN, until: i64::MAX, offset: 0 } };
        if at >= LISTED_UNTIL
            && let Some(zone) = &rules.later
        {
            return asked(zone, at);
        }
        let next = rules.turns.partition_point(|(turn, _)| *turn <= at);
        let (from, offset) = next
            .checked_sub(1)
            .and_then(|last| rules.turns.get(last))
            .copied()
            .unwrap_or((i64::MIN, rules.first));
        let until = match (rules.turns.get(next), &rules.later) {
            (Some((turn, _)), _) => *turn,
            (None, Some(zone)) => asked(zone, LISTED_UNTIL - 1).until,
            (None, None) => i64::MAX,
        };
        Stretch { from, until, offset }
    }

    /// How far its clocks are from UTC at a moment, in words: "+01:00", "UTC".
    pub fn distance_at(&self, at: i64) -> String {
        match i32::try_from(self.at(at).offset.div_euclid(MINUTE)).unwrap_or_default() {
            0 => "UTC".to_owned(),
            minutes => distance_name(minutes),
        }
    }

    /// The day of a moment.
    pub fn day_of(&self, at: i64) -> i64 {
        at.saturating_add(self.at(at).offset).div_euclid(DAY)
    }

    /// The moment at which a day begins: behind the last one of the days before. A day that the clocks leap over begins, and ends, with
    /// the leap. So the days follow each other without gap or overlap; where clocks are set back over midnight, what lies behind it
    /// before they are set back (in the zones that do it, a minute) counts to the day before.
    pub fn start_of_day(&self, day: i64) -> i64 {
        let midnight = day.saturating_mul(DAY);
        let mut stretch = self.at(midnight.saturating_add(FARTHEST));
        // From the end: the first stretch in which there is a moment of a day before.
        while stretch.from > i64::MIN && stretch.from.saturating_add(stretch.offset) >= midnight {
            stretch = self.at(stretch.from - 1);
        }
        midnight.saturating_sub(stretch.offset).min(stretch.until)
    }
}

/// The stretch of a moment, by the database.
fn asked(zone: &TimeZone, at: i64) -> Stretch {
    // Of what lies beyond the year 9999, the last is true.
    let moment =
        Timestamp::from_millisecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX });
    let next = zone.following(moment).next();
    let behind = moment.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX);
    let last = zone.preceding(behind).next();
    Stretch {
        from: last.map_or(i64::MIN, |turn| turn.timestamp().as_millisecond()),
        until: next.map_or(i64::MAX, |turn| turn.timestamp().as_millisecond()),
        offset: millis(zone.to_offset(moment)),
    }
}

fn millis(offset: jiff::tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1000
}

/// "+2", "+02:00", "-05:30": minutes east of UTC.
pub fn minutes(text: &str) -> Option<i32> {
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
    (minutes <= MAX_MINUTES).then_some(sign * minutes)
}

/// Minutes east of UTC as "+05:30".
fn distance_name(minutes: i32) -> String {
    let (sign, far) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
    format!("{sign}{:02}:{:02}", far / 60, far % 60)
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Tells the local times of many moments: those that lie near each other cost next to nothing.
pub struct Clocks {
    zone: Zone,
    last: Stretch,
}

impl Clocks {
    /// The clocks of a zone.
    pub fn of(zone: Zone) -> Self {
        Self { zone, last: Stretch::NONE }
    }

    /// What they show at a moment.
    pub fn local(&mut self, at: i64) -> i64 {
        if !self.last.holds(at) {
            self.last = self.zone.at(at);
        }
        at.saturating_add(self.last.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::dates::{civil, days};
    use proptest::prelude::*;

    const HOUR: i64 = 60 * MINUTE;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap_or_else(|| panic!("{name}"))
    }

    /// Hours of a day in UTC, since 1970.
    fn utc((year, month, day): (i64, i64, i64), hour: i64, minute: i64) -> i64 {
        days(year, month, day) * DAY + hour * HOUR + minute * MINUTE
    }

    #[test]
    fn names_are_known() {
        for (name, expected) in [
            ("utc", Some("UTC")),
            ("Etc/UTC", Some("UTC")),
            ("Etc/Unknown", Some("UTC")),
            ("europe/vienna", Some("Europe/Vienna")),
            (" America/Los_Angeles ", Some("America/Los_Angeles")),
            ("Asia/Calcutta", Some("Asia/Calcutta")),
            ("+2", Some("+02:00")),
            ("-05:30", Some("-05:30")),
            ("+00:00", Some("UTC")),
            ("-0", Some("UTC")),
            ("+18:00", Some("+18:00")),
            ("+18:01", None),
            ("+2:60", None),
            ("+123", None),
            ("Europe/Atlantis", None),
            ("fri", None),
            ("", None),
            ("../etc/passwd", None),
            (&"x".repeat(100), None),
        ] {
            assert_eq!(Zone::named(name).as_ref().map(Zone::name), expected, "{name:?}");
        }
        assert_eq!(Zone::named("SYSTEM"), Some(Zone::of_system()));
        assert_eq!(zone("Europe/Vienna"), zone("EUROPE/VIENNA"));
        assert_ne!(zone("Europe/Vienna"), Zone::default());
    }

    /// Minutes east of UTC, either side of turns.
    #[test]
    fn clocks_turn_when_they_did() {
        let check = |name: &str, at: i64, expected: i64| {
            let found = zone(name).at(at);
            assert_eq!(found.offset, expected * MINUTE, "{name} {at}");
            assert!(found.holds(at) && found.from < found.until, "{name} {at} {found:?}");
            assert_eq!(Clocks::of(zone(name)).local(at), at + expected * MINUTE, "{name} {at}");
        };
        for (name, at, before, after) in [
            // The last Sundays of March and October, at one o'clock of UTC.
            ("Europe/Vienna", utc((2001, 3, 25), 1, 0), 60, 120),
            ("Europe/Vienna", utc((2001, 10, 28), 1, 0), 120, 60),
            // Back for Ramadan, and from the twentieth of September 2026 for good.
            ("Africa/Casablanca", utc((2026, 2, 15), 2, 0), 60, 0),
            ("Africa/Casablanca", utc((2026, 3, 22), 2, 0), 0, 60),
            ("Africa/Casablanca", utc((2026, 9, 20), 1, 0), 60, 0),
            ("Africa/Casablanca", utc((2027, 3, 14), 2, 0), 0, 0),
            // Before 2007 from April to October, then from March to November; at two o'clock of the place.
            ("America/Chicago", utc((2006, 4, 2), 8, 0), -360, -300),
            ("America/Chicago", utc((2007, 3, 11), 8, 0), -360, -300),
            ("America/Chicago", utc((2007, 11, 4), 7, 0), -300, -360),
            // Summer is in December there.
            ("Australia/Sydney", utc((2001, 3, 24), 16, 0), 660, 600),
            ("Australia/Sydney", utc((2001, 10, 27), 16, 0), 600, 660),
            // Half an hour of summer time, and half an hour beside the whole ones.
            ("Australia/Lord_Howe", utc((2002, 3, 30), 15, 0), 660, 630),
            ("Asia/Kolkata", utc((1945, 10, 14), 17, 30), 390, 330),
            // Zones that moved: over the date line, and back to an old time.
            ("Pacific/Apia", utc((2011, 12, 30), 10, 0), -600, 840),
            ("Europe/Moscow", utc((2014, 10, 25), 22, 0), 240, 180),
            // Beyond what is listed.
            ("Europe/Vienna", utc((2203, 3, 27), 1, 0), 60, 120),
            ("Europe/Vienna", utc((9998, 10, 25), 1, 0), 120, 60),
        ] {
            check(name, at - 1, before);
            check(name, at, after);
        }
        for (name, month, expected) in
            [("UTC", 1, "UTC"), ("Europe/London", 1, "UTC"), ("Europe/London", 7, "+01:00")]
        {
            assert_eq!(zone(name).distance_at(utc((2001, month, 1), 0, 0)), expected, "{name} {month}");
        }
        check("Asia/Kolkata", utc((2001, 7, 1), 0, 0), 330);
        check("Asia/Kathmandu", utc((2001, 7, 1), 0, 0), 345);
        check("+05:30", i64::MAX - DAY, 330);
        check("UTC", i64::MIN, 0);
        // By the sun, before there were zones: told to the second.
        assert_eq!(zone("Europe/Vienna").at(utc((1850, 1, 1), 0, 0)).offset, (65 * 60 + 21) * 1000);
        for name in ["Europe/Vienna", "Africa/Casablanca", "Pacific/Apia"] {
            for at in [i64::MIN, i64::MAX, utc((10_000, 1, 1), 0, 0), LISTED_UNTIL, LISTED_UNTIL - 1] {
                let found = zone(name).at(at);
                assert!(found.holds(at), "{name} {at} {found:?}");
            }
        }
    }

    #[test]
    fn days_begin_when_the_clocks_show_it() {
        let check = |name: &str, day: (i64, i64, i64), expected: i64| {
            let zone = zone(name);
            let number = days(day.0, day.1, day.2);
            assert_eq!(zone.start_of_day(number), expected, "{name} {day:?}");
        };
        check("UTC", (2001, 11, 14), utc((2001, 11, 14), 0, 0));
        check("+05:30", (2001, 11, 14), utc((2001, 11, 13), 18, 30));
        check("Europe/Vienna", (2001, 7, 1), utc((2001, 6, 30), 22, 0));
        check("Europe/Vienna", (2001, 12, 1), utc((2001, 11, 30), 23, 0));
        // The days of 23 and 25 hours.
        check("Europe/Vienna", (2001, 3, 25), utc((2001, 3, 24), 23, 0));
        check("Europe/Vienna", (2001, 3, 26), utc((2001, 3, 25), 22, 0));
        check("Europe/Vienna", (2001, 10, 29), utc((2001, 10, 28), 23, 0));
        // There is no midnight: clocks leap from it to one o'clock.
        check("America/Sao_Paulo", (2001, 10, 14), utc((2001, 10, 14), 3, 0));
        // There are two: at the second one the clocks go back to eleven of the evening, so there is but the later.
        check("America/Sao_Paulo", (2002, 2, 17), utc((2002, 2, 17), 3, 0));
        // They went back a minute behind midnight.
        check("America/St_Johns", (2001, 10, 28), utc((2001, 10, 28), 3, 30));
        // A day that there was not.
        check("Pacific/Apia", (2011, 12, 30), utc((2011, 12, 30), 10, 0));
        check("Pacific/Apia", (2011, 12, 31), utc((2011, 12, 30), 10, 0));
    }

    fn any_zone() -> impl Strategy<Value = Zone> {
        let names = [
            "UTC",
            "+05:45",
            "-11:00",
            "Europe/Vienna",
            "Europe/London",
            "America/New_York",
            "America/Sao_Paulo",
            "America/St_Johns",
            "America/Juneau",
            "Africa/Casablanca",
            "Africa/Cairo",
            "Asia/Kolkata",
            "Asia/Tehran",
            "Asia/Manila",
            "Australia/Lord_Howe",
            "Australia/Sydney",
            "Pacific/Apia",
            "Pacific/Kwajalein",
            "Antarctica/Troll",
        ];
        prop::sample::select(names.to_vec()).prop_map(zone)
    }

    proptest! {
        /// The days of a zone are the time line: each moment is of one, and they come in order.
        #[test]
        fn days_tile_the_time_line(zone in any_zone(), day in -75_000..80_000_i64, within in 0.0..1.0_f64) {
            let (from, until) = (zone.start_of_day(day), zone.start_of_day(day + 1));
            prop_assert!(from <= until, "{zone:?} {:?}: {from}..{until}", civil(day));
            prop_assert!(until - from <= 2 * DAY, "{zone:?} {:?} lasts {}", civil(day), until - from);
            // Just before a day it is another one, by its clocks too.
            prop_assert!(zone.day_of(from - 1) < day);
            prop_assert!(zone.day_of(until) > day);
            let at = from + ((until - from) as f64 * within) as i64;
            if at < until {
                // Clocks that are set back over midnight show the later day for a while.
                let shown = zone.day_of(at);
                prop_assert!((day - 1..=day + 1).contains(&shown), "{zone:?} {at}: {shown} for {day}");
            }
        }

        /// Stretches hold what they are asked for, and end where the next begins.
        #[test]
        fn stretches_follow_each_other(zone in any_zone(), at in -6_000_000_000_000..8_000_000_000_000_i64) {
            let stretch = zone.at(at);
            prop_assert!(stretch.holds(at));
            if stretch.until < i64::MAX {
                prop_assert_eq!(zone.at(stretch.until).from, stretch.until);
            }
            if stretch.from > i64::MIN {
                prop_assert_eq!(zone.at(stretch.from), stretch);
                prop_assert_eq!(zone.at(stretch.from - 1).until, stretch.from);
            }
        }
    }
}
