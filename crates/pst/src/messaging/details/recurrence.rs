//! How a series repeats ([MS-OXOCAL] 2.2.1.44).

use super::Front;
use crate::ltp::FileTime;
use crate::messaging::{Charset, utf16};

/// Minutes since the first of January 1601 in the time zone of the series; a date is its midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalMinutes(pub u32);

impl LocalMinutes {
    /// The same clock time as if it were UTC.
    pub fn as_utc(self) -> FileTime {
        FileTime(u64::from(self.0) * 600_000_000)
    }
}

/// `RecurFrequency`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Frequency {
    /// 0x200A
    Daily,
    /// 0x200B
    Weekly,
    /// 0x200C
    Monthly,
    /// 0x200D
    Yearly,
}

/// `PatternType` with what is specific to it. Days of the week are bits, Sunday the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecurrenceRule {
    /// Every so many days.
    Days,
    /// On these days of the week.
    Weekdays(u8),
    /// On this day of the month, or the last when the month has fewer.
    DayOfMonth(u32),
    /// On the n-th (1 to 4; 5 for the last) of these days of the week in the month.
    NthWeekday {
        /// Bits of the days.
        days: u8,
        /// Which of them.
        nth: u32,
    },
    /// On the last day of the month.
    MonthEnd,
}

/// `EndType`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecurrenceEnd {
    /// At the date that `ends` gives.
    Date,
    /// After so many times.
    Count(u32),
    /// Never.
    Never,
}

/// `RecurrencePattern` ([MS-OXOCAL] 2.2.1.44.1): on which days something recurs. Tasks have this alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrencePattern {
    /// How often.
    pub frequency: Frequency,
    /// On which days.
    pub rule: RecurrenceRule,
    /// Whether the days are of the Hijri calendar.
    pub hijri: bool,
    /// `CalendarType`; 0 and 1 are Gregorian.
    pub calendar: u16,
    /// Every how many days, weeks or months (a year is twelve).
    pub interval: u32,
    /// `SlidingFlag`: the next one of a task counts from when the last was done.
    pub from_completion: bool,
    /// When it ends.
    pub end: RecurrenceEnd,
    /// `FirstDOW`: on which day a week begins, Sunday being 0.
    pub week_begins: u32,
    /// Dates that were deleted or moved.
    pub deleted: Vec<LocalMinutes>,
    /// Dates to which others were moved.
    pub modified: Vec<LocalMinutes>,
    /// The date of the first one.
    pub starts: LocalMinutes,
    /// The date of the last one; far away when it never ends.
    pub ends: LocalMinutes,
}

/// What differs in one occurrence; `None` and empty where nothing does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OccurrenceChange {
    /// When it begins.
    pub starts: LocalMinutes,
    /// When it ends.
    pub ends: LocalMinutes,
    /// When it would have begun.
    pub original: LocalMinutes,
    /// `ARO_SUBJECT`
    pub subject: Option<String>,
    /// `ARO_MEETINGTYPE`
    pub state_flags: Option<u32>,
    /// `ARO_REMINDERDELTA`: minutes.
    pub reminder_minutes: Option<u32>,
    /// `ARO_REMINDER`
    pub reminder: Option<bool>,
    /// `ARO_LOCATION`
    pub location: Option<String>,
    /// `ARO_BUSYSTATUS`
    pub busy: Option<u32>,
    /// `ARO_ATTACHMENT`
    pub has_attachments: Option<bool>,
    /// `ARO_SUBTYPE`
    pub all_day: Option<bool>,
    /// `ARO_APPTCOLOR`
    pub color: Option<u32>,
    /// `ARO_EXCEPTIONAL_BODY`: its body lies in an embedded message.
    pub own_body: bool,
    flags: u16,
}

/// `AppointmentRecurrencePattern` ([MS-OXOCAL] 2.2.1.44.5): a series of appointments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// On which days.
    pub pattern: RecurrencePattern,
    /// Minutes from midnight to the start.
    pub starts_at: u32,
    /// Minutes from midnight to the end; more than a day has when it lasts longer.
    pub ends_at: u32,
    /// The occurrences that differ.
    pub changes: Vec<OccurrenceChange>,
    /// Whether the structure was whole.
    pub complete: bool,
}

const ARO_SUBJECT: u16 = 0x0001;
const ARO_LOCATION: u16 = 0x0010;

impl RecurrencePattern {
    /// Reads a pattern from the front of `data`. `None` when it is cut short or says what no pattern can.
    pub fn parse(data: &[u8]) -> Option<Self> {
        Self::take(&mut Front(data))
    }

    fn take(front: &mut Front<'_>) -> Option<Self> {
        // ReaderVersion and WriterVersion
        (front.u16()? == 0x3004).then_some(())?;
        front.u16()?;
        let frequency = match front.u16()? {
            0x200A => Frequency::Daily,
            0x200B => Frequency::Weekly,
            0x200C => Frequency::Monthly,
            0x200D => Frequency::Yearly,
            _ => return None,
        };
        let kind = front.u16()?;
        let calendar = front.u16()?;
        let _first = front.u32()?;
        let period = front.u32()?;
        let sliding = front.u32()?;
        let rule = match kind {
            0 => RecurrenceRule::Days,
            1 => RecurrenceRule::Weekdays(front.u32()? as u8 & 0x7F),
            2 | 0xA => RecurrenceRule::DayOfMonth(front.u32()?),
            3 | 0xB => RecurrenceRule::NthWeekday { days: front.u32()? as u8 & 0x7F, nth: front.u32()? },
            4 | 0xC => {
                front.u32()?;
                RecurrenceRule::MonthEnd
            }
            _ => return None,
        };
        let end = front.u32()?;
        let count = front.u32()?;
        let week_begins = front.u32()?;
        let deleted = dates(front)?;
        let modified = dates(front)?;
        Some(Self {
            frequency,
            rule,
            hijri: kind >= 0xA,
            calendar,
            // Days are counted in minutes, except where days of the week are given.
            interval: if kind == 0 { period / 1440 } else { period },
            from_completion: sliding != 0,
            end: match end {
                0x2021 => RecurrenceEnd::Date,
                0x2022 => RecurrenceEnd::Count(count),
                _ => RecurrenceEnd::Never,
            },
            week_begins,
            deleted,
            modified,
            starts: LocalMinutes(front.u32()?),
            ends: LocalMinutes(front.u32()?),
        })
    }
}

/// A count and so many dates; never more than there are bytes.
fn dates(front: &mut Front<'_>) -> Option<Vec<LocalMinutes>> {
    let count = usize::try_from(front.u32()?).ok()?;
    let data = front.take(count.checked_mul(4)?)?;
    Some(data.as_chunks::<4>().0.iter().map(|date| LocalMinutes(u32::from_le_bytes(*date))).collect())
}

impl Recurrence {
    /// Reads a series; `charset` is that of the message. `None` when its pattern cannot be read; what follows the
    /// pattern may be missing, which `complete` tells.
    pub fn parse(data: &[u8], charset: &Charset) -> Option<Self> {
        let front = &mut Front(data);
        let pattern = RecurrencePattern::take(front)?;
        let mut found = Self { pattern, starts_at: 0, ends_at: 0, changes: Vec::new(), complete: false };
        found.complete = found.rest(front, charset).is_some();
        Some(found)
    }

    fn rest(&mut self, front: &mut Front<'_>, charset: &Charset) -> Option<()> {
        // ReaderVersion2
        front.u32()?;
        let writer = front.u32()?;
        self.starts_at = front.u32()?;
        self.ends_at = front.u32()?;
        for _ in 0..front.u16()? {
            self.changes.push(change(front, charset)?);
        }
        // ReservedBlock1
        front.sized()?;
        for change in &mut self.changes {
            change.extend(front, writer)?;
        }
        // ReservedBlock2
        front.sized().map(|_| ())
    }
}

/// `ExceptionInfo` ([MS-OXOCAL] 2.2.1.44.2)
fn change(front: &mut Front<'_>, charset: &Charset) -> Option<OccurrenceChange> {
    let mut change = OccurrenceChange {
        starts: LocalMinutes(front.u32()?),
        ends: LocalMinutes(front.u32()?),
        original: LocalMinutes(front.u32()?),
        flags: front.u16()?,
        ..OccurrenceChange::default()
    };
    let flags = change.flags;
    let has = |flag: u16| flags & flag != 0;
    // The first of the two lengths counts a NUL that is not there.
    let narrow = |front: &mut Front<'_>| {
        front.u16()?;
        let length = front.u16()?;
        front.take(length.into()).map(|text| charset.decode(text))
    };
    if has(ARO_SUBJECT) {
        change.subject = Some(narrow(front)?);
    }
    if has(0x0002) {
        change.state_flags = Some(front.u32()?);
    }
    if has(0x0004) {
        change.reminder_minutes = Some(front.u32()?);
    }
    if has(0x0008) {
        change.reminder = Some(front.u32()? != 0);
    }
    if has(ARO_LOCATION) {
        change.location = Some(narrow(front)?);
    }
    if has(0x0020) {
        change.busy = Some(front.u32()?);
    }
    if has(0x0040) {
        change.has_attachments = Some(front.u32()? != 0);
    }
    if has(0x0080) {
        change.all_day = Some(front.u32()? != 0);
    }
    if has(0x0100) {
        change.color = Some(front.u32()?);
    }
    change.own_body = has(0x0200);
    Some(change)
}

impl OccurrenceChange {
    /// `ExtendedException` ([MS-OXOCAL] 2.2.1.44.4): the same texts in UTF-16.
    fn extend(&mut self, front: &mut Front<'_>, writer: u32) -> Option<()> {
        if writer >= 0x3009 {
            // ChangeHighlight
            front.sized()?;
        }
        // ReservedBlockEE1
        front.sized()?;
        if self.flags & (ARO_SUBJECT | ARO_LOCATION) == 0 {
            return Some(());
        }
        // The three times once more.
        front.take(12)?;
        let wide = |front: &mut Front<'_>| {
            let length = usize::from(front.u16()?);
            front.take(2 * length).map(utf16)
        };
        if self.flags & ARO_SUBJECT != 0 {
            self.subject = Some(wide(front)?);
        }
        if self.flags & ARO_LOCATION != 0 {
            self.location = Some(wide(front)?);
        }
        // ReservedBlockEE2
        front.sized().map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn halves(halves: &[u16]) -> Vec<u8> {
        halves.iter().flat_map(|half| half.to_le_bytes()).collect()
    }

    fn pattern(frequency: u16, kind: u16, period: u32, specific: &[u32], tail: &[u32]) -> Vec<u8> {
        let head = halves(&[0x3004, 0x3004, frequency, kind, 0]);
        [head, words(&[0, period, 0]), words(specific), words(tail)].concat()
    }

    /// End after 5, weeks begin on Monday, nothing deleted or changed, two dates.
    const TAIL: &[u32] = &[0x2022, 5, 1, 0, 0, 1440, 2880];

    #[test]
    fn patterns() {
        let check = |data: Vec<u8>, want: Option<(Frequency, RecurrenceRule, u32)>| {
            let found = RecurrencePattern::parse(&data);
            assert_eq!(found.as_ref().map(|it| (it.frequency, it.rule, it.interval)), want, "{data:02x?}");
            if let Some(found) = found {
                assert_eq!((found.end, found.week_begins), (RecurrenceEnd::Count(5), 1));
                assert_eq!((found.starts, found.ends), (LocalMinutes(1440), LocalMinutes(2880)));
                for cut in 0..data.len() {
                    assert_eq!(RecurrencePattern::parse(&data[..cut]), None, "{cut} bytes");
                }
            }
        };
        check(pattern(0x200A, 0, 3 * 1440, &[], TAIL), Some((Frequency::Daily, RecurrenceRule::Days, 3)));
        let weekdays = RecurrenceRule::Weekdays(0x3E);
        check(pattern(0x200A, 1, 1, &[0x3E], TAIL), Some((Frequency::Daily, weekdays, 1)));
        check(pattern(0x200B, 1, 2, &[0x3E], TAIL), Some((Frequency::Weekly, weekdays, 2)));
        let day = RecurrenceRule::DayOfMonth(31);
        check(pattern(0x200C, 2, 1, &[31], TAIL), Some((Frequency::Monthly, day, 1)));
        let last = RecurrenceRule::NthWeekday { days: 2, nth: 5 };
        check(pattern(0x200D, 3, 12, &[2, 5], TAIL), Some((Frequency::Yearly, last, 12)));
        check(pattern(0x200C, 4, 1, &[31], TAIL), Some((Frequency::Monthly, RecurrenceRule::MonthEnd, 1)));
        check(pattern(0x200C, 0xA, 1, &[31], TAIL), Some((Frequency::Monthly, day, 1)));
        check(pattern(0x200E, 0, 1, &[], TAIL), None);
        check(pattern(0x200A, 7, 1, &[], TAIL), None);
        check(pattern(0x200A, 0, 1, &[], &[0x2022, 5, 1, u32::MAX, 0, 0, 0]), None);
        check(Vec::new(), None);
    }

    fn series(writer: u32) -> Vec<u8> {
        let tail = [0x2023, 10, 0, 1, 1440, 1, 1440, 1440, 0x5AE9_80DF];
        let mut data = pattern(0x200B, 1, 1, &[2], &tail);
        data.extend(words(&[0x3006, writer, 600, 630]));
        data.extend(halves(&[1]));
        data.extend(words(&[2100, 2160, 2040]));
        // Subject, reminder, location, all day
        data.extend(halves(&[0x0001 | 0x0008 | 0x0010 | 0x0080]));
        data.extend(halves(&[4, 3]));
        data.extend(b"K\xF6t");
        data.extend(words(&[1]));
        data.extend(halves(&[3, 2]));
        data.extend(b"R?");
        data.extend(words(&[1, 0]));
        if writer >= 0x3009 {
            data.extend(words(&[4, 0x53]));
        }
        data.extend(words(&[0, 2100, 2160, 2040]));
        data.extend(halves(&[3, 0x4B, 0xF6, 0x74, 2, 0x52, 0x2116]));
        data.extend(words(&[0, 0]));
        data
    }

    #[test]
    fn series_with_changes() {
        for writer in [0x3008, 0x3009] {
            let data = series(writer);
            let found = Recurrence::parse(&data, &Charset::default()).unwrap();
            assert!(found.complete);
            assert_eq!((found.starts_at, found.ends_at), (600, 630));
            assert_eq!((found.pattern.end, found.pattern.deleted.len()), (RecurrenceEnd::Never, 1));
            let [change] = &found.changes[..] else { panic!("{:?}", found.changes) };
            assert_eq!((change.subject.as_deref(), change.location.as_deref()), (Some("Köt"), Some("R№")));
            assert_eq!((change.reminder, change.all_day, change.busy), (Some(true), Some(true), None));
            assert_eq!((change.starts.0, change.ends.0, change.original.0), (2100, 2160, 2040));
            let pattern = 22 + 4 + TAIL.len() * 4 + 8;
            for cut in 0..data.len() {
                let part = Recurrence::parse(&data[..cut], &Charset::default());
                assert_eq!(part.is_some(), cut >= pattern, "{cut} bytes");
                assert!(part.is_none_or(|part| !part.complete), "{cut} bytes");
            }
            // Without the UTF-16 texts those of the code page stay.
            let part = Recurrence::parse(&data[..data.len() - 30], &Charset::default()).unwrap();
            assert_eq!(part.changes[0].subject.as_deref(), Some("Köt"));
        }
    }
}
