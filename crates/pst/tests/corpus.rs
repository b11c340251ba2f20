//! Real files, where they are at hand: every item that the file names is read, and the sums agree.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use common::{corpus, read_whole};
use mailscope_pst::{Census, OpenError, Origin, PstFile};

/// `name=count` pairs of the reference's column of node types.
fn counts(cell: &str) -> HashMap<String, u64> {
    let pair = |pair: &str| {
        let (name, count) = pair.split_once('=')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    cell.split(',').filter_map(pair).collect()
}

/// The rows of the reference as maps from column to cell.
fn reference(folder: &Path) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(folder.join("REFERENCE.tsv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| {
            names
                .iter()
                .zip(line.split('\t'))
                .map(|(name, cell)| (name.to_string(), cell.to_owned()))
                .collect()
        })
        .collect()
}

/// The accounts of a census have to add up whatever the file.
fn sums_agree(census: &Census) {
    let of = |hidden| census.items.iter().filter(|item| item.hidden == hidden).count() as u64;
    assert_eq!(census.folders.iter().map(|folder| u64::from(folder.expected)).sum::<u64>(), of(false));
    assert_eq!(census.folders.iter().map(|folder| u64::from(folder.hidden)).sum::<u64>(), of(true));
    assert_eq!((census.expected(), census.hidden()), (of(false), of(true)));
    assert!(census.items.is_sorted_by(|a, b| a.node < b.node), "each item is counted once");
    for (index, folder) in census.folders.iter().enumerate() {
        let above =
            folder.parent.map(|parent| census.folders[..index].iter().any(|other| other.id == parent));
        assert_ne!(above, Some(false), "{}: a parent comes before its children", folder.id);
    }
}

#[test]
fn every_item_is_read() {
    let Some(folder) = corpus() else { return };
    for row in reference(&folder) {
        let name = &row["file"];
        let file = PstFile::open(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        sums_agree(&census);
        let nodes = counts(&row["nbt_nodes"]);
        let count = |kind: &str| nodes.get(kind).copied().unwrap_or(0);
        let with_node = |hidden| {
            let counted =
                |item: &&mailscope_pst::ItemEntry| item.hidden == hidden && item.origin != Origin::RowOnly;
            census.items.iter().filter(counted).count() as u64
        };
        assert_eq!(with_node(false), count("msg"), "{name}: messages");
        assert_eq!(with_node(true), count("assocmsg"), "{name}: hidden messages");
        let real =
            census.folders.iter().filter(|folder| !folder.is_synthetic && !folder.is_search).count() as u64;
        // The template of folders is a node like any other.
        assert_eq!(real, count("folder"), "{name}: folders");
        assert_eq!(row["size"], file.size().to_string(), "{name}: size");
        assert_eq!(row["format"].to_lowercase(), format!("{:?}", file.format()).to_lowercase(), "{name}");
        assert_eq!(row["crypt"].to_lowercase(), format!("{:?}", file.encryption()).to_lowercase(), "{name}");

        let (mut read, mut failed, mut attachments, mut embedded) = (0u64, 0u64, 0u64, 0u64);
        for entry in &census.items {
            let outcome = read_whole(&mut reader, entry, u64::MAX);
            assert_eq!(outcome.failures, Vec::<String>::new(), "{name}: {}", entry.node);
            if !entry.hidden {
                *if outcome.failures.is_empty() { &mut read } else { &mut failed } += 1;
                attachments += outcome.attachments;
                embedded += outcome.embedded;
            }
        }
        assert_eq!(read + failed, census.expected(), "{name}");
        let least = |column: &str| row.get(column).and_then(|cell| cell.parse::<u64>().ok()).unwrap_or(0);
        let (known, messages) = (least("libpff_attachments"), least("libpff_embedded"));
        assert!(attachments >= known && embedded >= messages, "{name}: {attachments}, {embedded}");
    }
}

#[test]
fn threads_read_the_same() {
    let Some(folder) = corpus() else { return };
    for name in
        ["enron.pst", "ost-4k-calendar.ost", "damaged-btree-backpointer.pst", "passworded-reports.pst"]
    {
        let file = PstFile::open(folder.join(name)).unwrap();
        let census = file.reader().census().unwrap();
        let read = |cache: usize, backwards: bool| {
            let mut reader = file.reader_with_cache(cache);
            let mut all: Vec<_> = census.items.iter().collect();
            if backwards {
                all.reverse();
            }
            let mut outcomes: Vec<_> =
                all.into_iter().map(|entry| (entry.node, read_whole(&mut reader, entry, u64::MAX))).collect();
            outcomes.sort_by_key(|(node, _)| *node);
            outcomes
        };
        let alone = read(1 << 20, false);
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|number| scope.spawn(move || read(number << 16, number % 2 == 1))).collect();
            for thread in threads {
                assert!(thread.join().unwrap() == alone, "{name}");
            }
        });
        assert_eq!(file.reader().census().unwrap(), census, "{name}");
    }
}

#[test]
fn wrong_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let check = |data: &[u8], want: fn(&OpenError) -> bool| {
        let path = folder.path().join("file.pst");
        fs::write(&path, data).unwrap();
        let error = PstFile::open(&path).unwrap_err();
        assert!(want(&error), "{error:?}");
    };
    check(b"", |error| *error == OpenError::Empty);
    check(b"PK\x03\x04 and more", |error| {
        matches!(error, OpenError::NotOutlook { magic: [b'P', b'K', 3, 4] })
    });
    check(b"!BDN", |error| matches!(error, OpenError::Truncated { size: 4, .. }));
    let mut header = vec![0u8; 600];
    header[..4].copy_from_slice(b"!BDN");
    check(&header, |error| matches!(error, OpenError::UnsupportedVersion(0)));
    header[10] = 23;
    check(&header, |error| matches!(error, OpenError::Unreadable(_)));
    header[513] = 0x10;
    check(&header, |error| matches!(error, OpenError::UnsupportedEncryption(0x10)));
    let missing = PstFile::open(folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, OpenError::Io { kind: std::io::ErrorKind::NotFound, .. }));
    assert!(matches!(PstFile::open(folder.path()).unwrap_err(), OpenError::Io { .. }));

    if let Some(corpus) = corpus() {
        let whole = fs::read(corpus.join("tika.pst")).unwrap();
        check(&whole[..100], |error| matches!(error, OpenError::Truncated { .. }));
        check(&whole[..0x4600], |error| matches!(error, OpenError::Truncated { .. }));
    }
}
