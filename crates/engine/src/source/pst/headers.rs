//! Fields of transport headers (RFC 5322) that no property was made of.

/// Of transport headers, so many lines are looked at, …
const MAX_LINES: usize = 10_000;
/// … and so many bytes of one field.
const MAX_FIELD: usize = 64 * 1024;
/// A date is no longer than this, its comments included.
const MAX_DATE: usize = 512;
/// The zones that RFC 5322 knows by name (section 4.3), in minutes east of UTC. The others, letters of the military among them, tell
/// nothing.
const NAMED: [(&str, i16); 10] = [
    ("UT", 0),
    ("GMT", 0),
    ("EST", -5 * 60),
    ("EDT", -4 * 60),
    ("CST", -6 * 60),
    ("CDT", -5 * 60),
    ("MST", -7 * 60),
    ("MDT", -6 * 60),
    ("PST", -8 * 60),
    ("PDT", -7 * 60),
];
/// No clock is further from UTC than fifteen hours and fifty-nine minutes.
const MAX_HOURS: i16 = 15;

/// The value of the first field called `name`, in any case: its lines joined, at most 64 KB; empty where there is none.
pub fn field(headers: &str, name: &str) -> String {
    let mut lines = headers.lines().take(MAX_LINES);
    let of_field = |line: &str| {
        let (before, value) = line.split_once(':')?;
        before.trim_end().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    };
    let Some(mut value) = lines.find_map(of_field) else { return String::new() };
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        if value.len() + line.len() > MAX_FIELD {
            break;
        }
        value.push(' ');
        value.push_str(line.trim());
    }
    value
}

/// Minutes east of UTC of the clock by which a date was written (RFC 5322, sections 3.3 and 4.3). `None` where it says none, says that it
/// tells nothing ("-0000"), or is not understood.
pub fn zone_of_date(date: &str) -> Option<i16> {
    if date.len() > MAX_DATE {
        return None;
    }
    let plain = without_comments(date);
    let mut words = plain.split_whitespace();
    // The zone stands behind the time of day.
    words.find(|word| is_time(word))?;
    let zone = words.next()?;
    if let Some((_, minutes)) = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone)) {
        return Some(*minutes);
    }
    let (sign, digits) = match zone.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, zone.strip_prefix('+')?),
    };
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i16, i16) = (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    let known = hours <= MAX_HOURS && minutes < 60 && (sign > 0 || hours + minutes > 0);
    known.then_some(sign * (hours * 60 + minutes))
}

/// What stands outside of brackets.
fn without_comments(date: &str) -> String {
    let (mut depth, mut escaped) = (0_u32, false);
    let mut plain = String::with_capacity(date.len());
    for c in date.chars() {
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if depth > 0 => escaped = true,
            '(' => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                plain.push(' ');
            }
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// "8:20", "08:20:59".
fn is_time(word: &str) -> bool {
    let below = |part: &str, most: u32| {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        plain && part.parse::<u32>().is_ok_and(|number| number <= most)
    };
    let parts: Vec<&str> = word.split(':').collect();
    match parts.as_slice() {
        [hour, minute] => below(hour, 23) && below(minute, 59),
        // There are seconds that leap.
        [hour, minute, second] => below(hour, 23) && below(minute, 59) && below(second, 60),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_found_and_joined() {
        let headers = "Received: by x;\r\n\tWed, 1 Jan 2003\r\nDATE : Wed,\r\n 14 Nov 2001\r\nDate: no\r\n";
        assert_eq!(field(headers, "Date"), "Wed, 14 Nov 2001");
        assert_eq!(field(headers, "Received"), "by x; Wed, 1 Jan 2003");
        assert_eq!(field(headers, "To"), "");
        assert_eq!(field("", "Date"), "");
    }

    #[test]
    fn zones_of_dates() {
        let check = |date: &str, expected: Option<i16>| assert_eq!(zone_of_date(date), expected, "{date:?}");
        check("Wed, 14 Nov 2001 08:20:00 -0800", Some(-480));
        check("Wed, 14 Nov 2001 08:20:00 -0800 (PST)", Some(-480));
        check("14 Nov 2001 8:20 +0530", Some(330));
        check("14 Nov 01 8:20 +0545 (a (nested \\) one))", Some(345));
        check("Wed, 14 Nov 2001 (at 9:00 +0100) 08:20:00(x)+0200", Some(120));
        check("Wed, 14 Nov 2001 08:20:00 GMT", Some(0));
        check("Wed, 14 Nov 2001 08:20:00 ut", Some(0));
        check("Wed, 14 Nov 2001 08:20:00 EST", Some(-300));
        check("Wed, 14 Nov 2001 08:20:00 pdt", Some(-420));
        check("Wed Nov 14 08:20:00 CST 2001", Some(-360));
        check("Wed, 14 Nov 2001 08:20:60 +0000", Some(0));
        check("Wed, 14 Nov 2001 08:20:00 +1559", Some(959));
        check("Wed, 14 Nov 2001 08:20:00 -1559", Some(-959));
        for unknown in [
            "",
            "yesterday",
            "Wed, 14 Nov 2001 08:20:00",
            "Wed, 14 Nov 2001 08:20:00 -0000",
            "Wed, 14 Nov 2001 08:20:00 Z",
            "Wed, 14 Nov 2001 08:20:00 A",
            "Wed, 14 Nov 2001 08:20:00 CET",
            "Wed, 14 Nov 2001 08:20:00 +1600",
            "Wed, 14 Nov 2001 08:20:00 +0160",
            "Wed, 14 Nov 2001 08:20:00 +100",
            "Wed, 14 Nov 2001 08:20:00 +01:00",
            "Wed, 14 Nov 2001 08:20:00 +01é",
            "Wed, 14 Nov 2001 24:20:00 +0100",
            "Wed, 14 Nov 2001 +0100",
            "Wed Nov 14 08:20:00 2001",
            "Wed, 14 Nov 2001 08:20:00 (+0100",
        ] {
            check(unknown, None);
        }
        check(&format!("{}08:20 +0100", " ".repeat(MAX_DATE)), None);
    }

    proptest! {
        #[test]
        fn any_date_is_endured(date in "[-+0-9:() A-Z\\\\é]{0,40}") {
            let found = zone_of_date(&date);
            prop_assert!(found.is_none_or(|minutes| minutes.abs() < 16 * 60));
        }
    }
}
