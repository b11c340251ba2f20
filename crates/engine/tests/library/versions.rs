//! Libraries that earlier versions made.

use super::Bench;
use mailscope_engine::search::{Fold, Request, Sort};
use std::path::Path;

/// The hash of a letter of the sample mailbox.
const HASH: &str = "mih:fb47da0f4f865cab9667710cbc669478";

/// Puts the stored library of a schema version in the place of the bench's own.
fn stored(version: u32) -> Bench {
    let mut bench = Bench::new();
    bench.close();
    let folder = bench.path("library");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/schema-{version}.sqlite"));
    std::fs::copy(&fixture, folder.join("library.sqlite")).unwrap();
    bench.open();
    bench
}

/// Each is of the sample mailbox, with everything in it as of its time.
fn check(version: u32, items: u64, read_again: u64) {
    let bench = stored(version);
    bench.library().settle().unwrap();
    assert_eq!(bench.find("").total, items, "what it holds is found");
    assert_eq!(bench.account().items, items);
    assert_eq!(bench.find(HASH).total, 1, "a letter is found by its hash");
    assert_eq!(bench.library().verify(false).unwrap().problems, []);

    // The same mailbox, in another place: what was read in an earlier way is read again, and becomes what is read today.
    let path = bench.path("sample.pst");
    mailscope_engine::source::pst::write_sample(&path).unwrap();
    let job = bench.import_well(&path);
    assert!(job.known_before);
    assert_eq!((job.account.items, job.new, job.removed), (items, 0, 0));
    assert_eq!(job.updated, read_again, "what was read in an earlier way was read again");
    let fresh = Bench::new();
    fresh.import_well(&path);
    assert_eq!(bench.account(), fresh.account());
    for query in ["", "kind:contact", "kind:appointment", "has:attachment", HASH] {
        assert_eq!(bench.subjects(query), fresh.subjects(query), "{query}");
    }
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
    assert_eq!(bench.import_well(&path).unchanged, items);
}

#[test]
fn the_first_schema() {
    check(1, 71, 71);
}

#[test]
fn the_fifth_schema() {
    check(5, 71, 71);
}

#[test]
fn the_sixth_schema() {
    check(6, 71, 71);
}

#[test]
fn the_seventh_schema() {
    check(7, 71, 71);
}

#[test]
fn the_eighth_schema() {
    check(8, 71, 71);
}

#[test]
fn the_ninth_schema() {
    check(9, 71, 0);
}

#[test]
fn the_tenth_schema() {
    check(10, 71, 0);
}

#[test]
fn the_eleventh_schema() {
    check(11, 71, 0);
}

#[test]
fn the_twelfth_schema() {
    check(12, 71, 0);
}

/// What belongs together is found in what earlier versions kept, before anything is read again.
#[test]
fn what_belongs_together_is_found_afterwards() {
    let path = |bench: &Bench| bench.path("sample.pst");
    let fresh = Bench::new();
    mailscope_engine::source::pst::write_sample(&path(&fresh)).unwrap();
    fresh.import_well(&path(&fresh));
    let counts = |bench: &Bench| {
        let request =
            Request { limit: 500, fold: Fold::Conversations, sort: Sort::Oldest, ..Request::default() };
        let hits = bench.library().search(&request).unwrap().hits;
        hits.into_iter().map(|hit| (hit.row.subject, hit.stands_for)).collect::<Vec<_>>()
    };
    let bench = stored(5);
    bench.library().settle().unwrap();
    assert!(counts(&bench).iter().any(|(_, count)| *count > 2));
    assert_eq!(counts(&bench), counts(&fresh));
    assert_eq!(bench.find("is:duplicate").total, fresh.find("is:duplicate").total);
    // What the first version kept tells less.
    let bench = stored(1);
    bench.library().settle().unwrap();
    assert_eq!(bench.find("is:duplicate").total, 0);
}
