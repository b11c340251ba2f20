//! Structures inside properties: recurrences, time zones, entry ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailscope_pst::Charset;
use mailscope_pst::messaging::details::{EntryId, Recurrence, RecurrencePattern, TimeZone};

fuzz_target!(|data: &[u8]| {
    let charset = Charset::default();
    if let Some(series) = Recurrence::parse(data, &charset) {
        assert_eq!(RecurrencePattern::parse(data), Some(series.pattern));
        // Each change takes fourteen bytes at least, and each date four.
        assert!(series.changes.len() <= data.len() / 14);
    }
    let zone = TimeZone::parse_definition(data);
    assert!(zone.is_none_or(|zone| zone.rules.len() <= data.len() / 66));
    TimeZone::parse_struct(data);
    if let Some(id) = EntryId::parse(data, &charset) {
        let _ = (id.name(), id.address());
    }
});
