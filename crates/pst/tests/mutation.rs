//! Damaged files: flipped bytes, cuts and swapped pages, always the same ones. Nothing may panic, hang or ask for
//! memory beyond what the file can hold; and the accounts still add up.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{corpus, read_whole, tiny};
use mailscope_pst::write::small::{Variant, write_small};
use mailscope_pst::{CensusOptions, Format, MemorySource, PstFile};

/// A small generator of numbers, so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn mutate(data: &mut Vec<u8>, numbers: &mut Numbers) {
    let size = data.len();
    match numbers.below(8) {
        0 => data.truncate(numbers.below(size)),
        1 => {
            let page = numbers.below(size / 512) * 512;
            let other = numbers.below(size / 512) * 512;
            data.copy_within(page..page + 512, other);
        }
        2 => {
            let start = numbers.below(size);
            let end = (start + 1 + numbers.below(4096)).min(size);
            data[start..end].fill(numbers.below(256) as u8);
        }
        3 => {
            // The header, whose fields matter most.
            let at = 8 + numbers.below(520);
            data[at] ^= 1 << numbers.below(8);
        }
        _ => {
            for _ in 0..1 + numbers.below(400) {
                let at = numbers.below(size);
                data[at] = numbers.below(256) as u8;
            }
        }
    }
}

/// Reads all that `data` gives, as a file, by choice with deleted items. Returns how many items were read.
fn survives(data: Vec<u8>, recover: bool, what: &str) -> usize {
    let started = Instant::now();
    let size = data.len() as u64;
    let mut read = 0;
    if let Ok(file) = PstFile::from_source(Arc::new(MemorySource(data))) {
        let mut reader = file.reader_with_cache(1 << 20);
        let census = reader.census_with(CensusOptions { recover }).unwrap();
        let folders: u64 = census.folders.iter().map(|folder| u64::from(folder.expected)).sum();
        assert_eq!(folders, census.expected(), "{what}: the sums agree");
        for entry in &census.items {
            let outcome = read_whole(&mut reader, entry, 2 * size);
            read += usize::from(outcome.failures.is_empty());
        }
    }
    let limit = if size < 1 << 18 { 2 } else { 20 };
    assert!(started.elapsed() < Duration::from_secs(limit), "{what} took {:?}", started.elapsed());
    read
}

fn rounds(default: usize) -> usize {
    std::env::var("MAILSCOPE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(default)
}

/// Damages `whole` in `rounds` ways. Returns how many items were read of all the results together.
fn damaged(whole: &[u8], rounds: usize, name: &str) -> usize {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ whole.len() as u64);
    let mut read = 0;
    for round in 0..rounds {
        let mut data = whole.to_vec();
        for _ in 0..1 + round % 3 {
            if data.len() >= 1024 {
                mutate(&mut data, &mut numbers);
            }
        }
        read += survives(data, round % 2 == 0, &format!("{name}, round {round}"));
    }
    read
}

#[test]
fn damage_to_real_files_is_survived() {
    let Some(folder) = corpus() else { return };
    let names = [
        "ansi-appointment.pst",
        "ansi-contact-iso2022jp.pst",
        "nested-messages.pst",
        "dist-list.pst",
        "contacts-72.pst",
        "tika-body-types.pst",
        "passworded-reports.pst",
        "recipients-200.pst",
    ];
    for name in names {
        let whole = fs::read(folder.join(name)).unwrap();
        assert!(damaged(&whole, rounds(40), name) > 0, "{name}: most of the damage leaves mail");
    }
}

#[test]
fn damage_to_written_files_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    for variant in Variant::all() {
        write_small(&path, variant).unwrap();
        let whole = fs::read(&path).unwrap();
        let name = format!("{variant:?}");
        assert!(damaged(&whole, rounds(20), &name) > 0, "{name}: most of the damage leaves mail");
    }
}

/// The most memory that this process ever had, in bytes, where the system says it.
fn peak_memory() -> u64 {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}

/// Damages small files of one format in thousands of ways.
fn thousands(format: Format, rounds: usize) {
    let variants: Vec<_> = Variant::all().filter(|variant| variant.format == format).collect();
    for variant in &variants {
        let whole = tiny(*variant);
        let sound = survives(whole.clone(), true, "whole");
        assert_eq!(sound, common::TINY_ITEMS, "{variant:?}");
        let rounds = rounds.div_ceil(variants.len());
        let read = damaged(&whole, rounds, &format!("{variant:?}"));
        assert!(read > rounds, "{variant:?}: most of the damage leaves mail");
        let peak = peak_memory();
        assert!(peak < 256 << 20, "{variant:?}: {peak} bytes of memory");
    }
}

#[test]
fn thousands_of_unicode_files() {
    thousands(Format::Unicode, 8_000);
}

#[test]
fn thousands_of_ansi_files() {
    thousands(Format::Ansi, 6_000);
}

#[test]
fn thousands_of_4k_files() {
    thousands(Format::Unicode4k, 6_000);
}

/// Without its root, a tree's leaves are found by the scan of the file.
#[test]
fn broken_roots_are_rebuilt() {
    let Some(folder) = corpus() else { return };
    for (name, root) in [
        ("contacts-72.pst", 224),
        ("contacts-72.pst", 240),
        ("ansi-appointment.pst", 188),
        ("ansi-appointment.pst", 196),
    ] {
        let mut data = fs::read(folder.join(name)).unwrap();
        let expected = PstFile::open(folder.join(name)).unwrap().reader().census().unwrap().expected();
        // The root reference now points at the header.
        data[root..root + 4].fill(0);
        let file = PstFile::from_source(Arc::new(MemorySource(data))).unwrap();
        assert!(!file.anomalies().is_empty(), "{name}");
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        assert!(census.expected() >= expected, "{name}: {} of {expected}", census.expected());
        let good = census.items.iter().filter(|entry| reader.item(*entry).is_ok()).count() as u64;
        assert!(good >= expected, "{name}: {good} of {expected}");
    }
}
