//! Time zones of appointments ([MS-OXOCAL] 2.2.1.39, 2.2.1.41).

use super::Front;
use crate::messaging::utf16;

/// A moment that comes every year, `SYSTEMTIME`. Month zero: never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct YearlyTime {
    /// 1 to 12.
    pub month: u16,
    /// Sunday is 0.
    pub weekday: u16,
    /// Which of these days of the month, 5 for the last; the day itself when `year` is not zero.
    pub day: u16,
    /// Zero for every year.
    pub year: u16,
    /// 0 to 23.
    pub hour: u16,
    /// 0 to 59.
    pub minute: u16,
}

/// The rules of a time zone from some year on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TimeZoneRule {
    /// From which year.
    pub year: u16,
    /// Whether the appointment was made by this rule (`TZRULE_FLAG_EFFECTIVE_TZREG`).
    pub effective: bool,
    /// Minutes from local time to UTC.
    pub bias: i32,
    /// Minutes that are added to it in standard time.
    pub standard_bias: i32,
    /// Minutes that are added to it in daylight saving time.
    pub daylight_bias: i32,
    /// When standard time begins.
    pub standard: YearlyTime,
    /// When daylight saving time begins.
    pub daylight: YearlyTime,
}

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TimeZone {
    /// Its name in the Windows registry; empty when it is not stored.
    pub key: String,
    /// Its rules, oldest first.
    pub rules: Vec<TimeZoneRule>,
}

impl TimeZone {
    /// Reads a `PidLidAppointmentTimeZoneDefinition*`. `None` when its head is not one; rules that are cut off are
    /// left out.
    pub fn parse_definition(data: &[u8]) -> Option<Self> {
        let front = &mut Front(data);
        // bMajorVersion and bMinorVersion
        let [major, _] = front.array::<2>()?;
        (major == 2).then_some(())?;
        let head = front.u16()?;
        let head = &mut Front(front.take(head.into())?);
        // wReserved
        head.u16()?;
        let length = usize::from(head.u16()?);
        let key = utf16(head.take(length.checked_mul(2)?)?);
        let count = usize::from(head.u16()?);
        let rules = (0..count).map_while(|_| definition_rule(front)).collect();
        Some(Self { key, rules })
    }

    /// Reads a `PidLidTimeZoneStruct`, which holds one rule.
    pub fn parse_struct(data: &[u8]) -> Option<Self> {
        let front = &mut Front(data);
        let mut rule = TimeZoneRule::default();
        biases(front, &mut rule)?;
        // wStandardYear
        rule.year = front.u16()?;
        rule.standard = yearly(front)?;
        front.u16()?;
        rule.daylight = yearly(front)?;
        Some(Self { key: String::new(), rules: vec![rule] })
    }

    /// The rule that the appointment was made by, or else the last.
    pub fn effective(&self) -> Option<&TimeZoneRule> {
        self.rules.iter().find(|rule| rule.effective).or(self.rules.last())
    }
}

/// `TZRule`
fn definition_rule(front: &mut Front<'_>) -> Option<TimeZoneRule> {
    // Versions and size.
    front.take(4)?;
    let flags = front.u16()?;
    let mut rule = TimeZoneRule { year: front.u16()?, effective: flags & 2 != 0, ..TimeZoneRule::default() };
    front.take(14)?;
    biases(front, &mut rule)?;
    rule.standard = yearly(front)?;
    rule.daylight = yearly(front)?;
    Some(rule)
}

fn biases(front: &mut Front<'_>, rule: &mut TimeZoneRule) -> Option<()> {
    for bias in [&mut rule.bias, &mut rule.standard_bias, &mut rule.daylight_bias] {
        *bias = front.u32()? as i32;
    }
    Some(())
}

fn yearly(front: &mut Front<'_>) -> Option<YearlyTime> {
    let (year, month, weekday, day) = (front.u16()?, front.u16()?, front.u16()?, front.u16()?);
    let (hour, minute) = (front.u16()?, front.u16()?);
    // Seconds and milliseconds.
    front.take(4)?;
    Some(YearlyTime { month, weekday, day, year, hour, minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(halves: &[u16]) -> Vec<u8> {
        halves.iter().flat_map(|half| half.to_le_bytes()).collect()
    }

    const OCTOBER: [u16; 8] = [0, 10, 0, 5, 3, 0, 0, 0];
    const MARCH: [u16; 8] = [0, 3, 0, 5, 2, 0, 0, 0];

    fn bias() -> Vec<u8> {
        [-60i32, 0, -60].iter().flat_map(|bias| bias.to_le_bytes()).collect()
    }

    fn rule(year: u16, flags: u16) -> Vec<u8> {
        let head = [&[2, 1, 0x3E, 0][..], &halves(&[flags, year]), &[0; 14]].concat();
        [head, bias(), halves(&OCTOBER), halves(&MARCH)].concat()
    }

    fn definition(rules: &[(u16, u16)]) -> Vec<u8> {
        let mut data = vec![2, 1];
        data.extend(halves(&[2 + 2 + 6 + 2, 2, 3]));
        data.extend(halves(&[0x43, 0x45, 0x54, rules.len() as u16]));
        data.extend(rules.iter().flat_map(|&(year, flags)| rule(year, flags)));
        data
    }

    #[test]
    fn definitions() {
        let check = |data: &[u8], want: Option<(&str, usize, Option<u16>)>| {
            let found = TimeZone::parse_definition(data);
            let found = found
                .as_ref()
                .map(|zone| (zone.key.as_str(), zone.rules.len(), zone.effective().map(|rule| rule.year)));
            assert_eq!(found, want, "{data:02x?}");
        };
        let two = definition(&[(1601, 0), (1996, 2)]);
        check(&two, Some(("CET", 2, Some(1996))));
        check(&two[..two.len() - 1], Some(("CET", 1, Some(1601))));
        check(&definition(&[]), Some(("CET", 0, None)));
        check(&two[..12], None);
        check(&[1; 30], None);
        check(&[2, 1, 255, 255, 2, 0], None);
        check(&[], None);
        let rule = TimeZone::parse_definition(&two).unwrap().rules[0];
        assert_eq!((rule.bias, rule.standard_bias, rule.daylight_bias), (-60, 0, -60));
        assert_eq!((rule.standard.month, rule.standard.hour), (10, 3));
        assert_eq!((rule.daylight.month, rule.daylight.day), (3, 5));
    }

    #[test]
    fn structs() {
        let data = [bias(), halves(&[0]), halves(&OCTOBER), halves(&[0]), halves(&MARCH)].concat();
        let zone = TimeZone::parse_struct(&data).unwrap();
        assert_eq!((zone.rules[0].bias, zone.rules[0].daylight.month), (-60, 3));
        for cut in 0..data.len() {
            assert_eq!(TimeZone::parse_struct(&data[..cut]), None, "{cut} bytes");
        }
    }
}
