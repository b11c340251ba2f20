//! When things happen: over eight years, more in the later ones, by the hours and days of office work.

use mailscope_pst::write::FileTime;

/// Monday, 4 January 2016, in seconds of Unix.
const START: u64 = 1_451_865_600;
const WEEKS: u128 = 417;
const WEEK: u128 = 7 * 24 * 3600;
/// How busy each hour of the day is.
const HOURS: [u64; 24] =
    [2, 1, 1, 1, 1, 3, 9, 25, 70, 100, 105, 95, 60, 75, 98, 92, 80, 55, 30, 20, 18, 14, 9, 4];
/// How busy each day of the week is, from Monday.
const DAYS: [u64; 7] = [98, 106, 104, 100, 84, 14, 10];
/// One, in fractions of the whole time.
const ONE: u128 = 1 << 40;

/// The time of moment `index` + `part` / 2^32 of `count`. Rises with both; moments beyond `count` go on.
pub fn moment(index: u64, part: u32, count: u64) -> FileTime {
    let place = (u128::from(index) << 8 | u128::from(part >> 24)) * (ONE >> 8) / u128::from(count.max(1));
    // Density rises: the time passes half as fast again at the beginning, and half as fast at the end.
    let time = if place <= ONE { place * 3 / 2 - place * place / ONE / 2 } else { ONE + (place - ONE) / 2 };
    let weeks = time * WEEKS;
    let (week, rest) = (weeks / ONE, weeks % ONE);
    FileTime::from_unix_millis(((u128::from(START) + week * WEEK) * 1000 + within_week(rest)) as i64)
        .unwrap_or(FileTime(0))
}

/// Milliseconds from the beginning of the week, for `rest` of [`ONE`] of its mail.
fn within_week(rest: u128) -> u128 {
    const HOUR: u128 = 3_600_000;
    let total: u64 = DAYS.iter().sum::<u64>() * HOURS.iter().sum::<u64>();
    let wanted = rest * u128::from(total);
    let mut before = 0u128;
    for (day, busy) in (0..).zip(DAYS) {
        for (hour, busy_hour) in (0..).zip(HOURS) {
            let weight = u128::from(busy * busy_hour);
            let next = before + weight * ONE;
            if wanted < next {
                return (day * 24 + hour) * HOUR + (wanted - before) / weight * HOUR / ONE;
            }
            before = next;
        }
    }
    7 * 24 * HOUR - 1
}

/// A time some minutes away from another.
pub fn minutes_from(time: FileTime, minutes: i64) -> FileTime {
    FileTime(time.0.saturating_add_signed(minutes.saturating_mul(600_000_000)))
}

/// The date in a message's header ([RFC 5322] 3.3), in UTC.
///
/// [RFC 5322]: https://www.rfc-editor.org/rfc/rfc5322
pub fn header_date(time: FileTime) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let seconds = time.unix_millis() / 1000;
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{}, {day} {} {year} {:02}:{:02}:{:02} +0000",
        NAMES[days.rem_euclid(7) as usize],
        MONTHS[(month - 1) as usize],
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    )
}

/// Year, month and day of a number of days after 1 January 1970.
pub fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March put the leap day last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day = shifted.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_rise_and_keep_office_hours() {
        let count = 20_000;
        let (mut before, mut weekend, mut night) = (FileTime(0), 0, 0);
        for index in 0..count + 500 {
            let time = moment(index, (index as u32).wrapping_mul(0x9E37_79B9), count);
            assert!(time.0 >= before.0, "{index}");
            before = time;
            let seconds = time.unix_millis() / 1000;
            weekend += u64::from((seconds / 86_400 + 3) % 7 >= 5);
            night += u64::from(seconds / 3600 % 24 < 6);
        }
        assert!((600..1400).contains(&weekend), "{weekend}");
        assert!((50..400).contains(&night), "{night}");
    }

    #[test]
    fn dates_of_headers() {
        let check = |seconds: i64, want: &str| {
            let time = FileTime::from_unix_millis(seconds * 1000).unwrap();
            assert_eq!(header_date(time), want);
        };
        check(0, "Thu, 1 Jan 1970 00:00:00 +0000");
        check(1_709_208_000, "Thu, 29 Feb 2024 12:00:00 +0000");
        check(1_735_689_599, "Tue, 31 Dec 2024 23:59:59 +0000");
    }
}
