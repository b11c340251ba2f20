//! Libraries that earlier versions made.

use super::Bench;
use std::path::Path;

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
fn check(version: u32, items: u64) {
    let bench = stored(version);
    bench.library().settle().unwrap();
    assert_eq!(bench.find("").total, items, "what it holds is found");
    assert_eq!(bench.account().items, items);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);

    // The same mailbox, in another place: what was read in an earlier way is read again, and becomes what is read today.
    let path = bench.path("sample.pst");
    mailscope_engine::source::pst::write_sample(&path).unwrap();
    let job = bench.import_well(&path);
    assert!(job.known_before);
    assert_eq!((job.account.items, job.new, job.removed), (items, 0, 0));
    assert_eq!(job.updated, items, "all was read again");
    let fresh = Bench::new();
    fresh.import_well(&path);
    assert_eq!(bench.account(), fresh.account());
    for query in ["", "kind:contact", "kind:appointment", "has:attachment"] {
        assert_eq!(bench.subjects(query), fresh.subjects(query), "{query}");
    }
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
    assert_eq!(bench.import_well(&path).unchanged, items);
}

#[test]
fn the_first_schema() {
    check(1, 71);
}
