//! What is kept packed of the items of a file, for its next import.

use super::{Bench, write_numbered};

/// Packs, and the batch as of which they are.
fn packs(bench: &Bench) -> (i64, i64) {
    let database = rusqlite::Connection::open(bench.path("library/library.sqlite")).unwrap();
    let sql = "SELECT count(*), coalesce(max(batch), -1) FROM known";
    database.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn check(bench: &Bench) {
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}

#[test]
fn what_is_packed_is_what_the_rows_tell() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 40);
    bench.import_well(&path);
    let (first, as_of) = packs(&bench);
    assert_eq!(first, 1, "packed with the first import");
    for count in [45, 30, 38, 38, 60] {
        write_numbered(&path, count);
        let job = bench.import_well(&path);
        assert_eq!(job.account.items, count as u64);
        check(&bench);
    }
    let (again, later) = packs(&bench);
    assert_eq!(again, 1);
    assert!(later > as_of, "packed again when much had changed");
    // Another file has packs of its own, which go with it.
    bench.import_well(&bench.numbered("other.pst", 25));
    assert_eq!(packs(&bench).0, 2);
    check(&bench);
    let other = bench.library().sources().unwrap().into_iter().find(|source| source.name == "other.pst");
    bench.library().remove(other.unwrap().id).unwrap();
    assert_eq!(packs(&bench).0, 1);
    check(&bench);
}

#[test]
fn packs_that_cannot_be_read_or_are_wrong_are_told_and_mended() {
    for (change, is_told) in [
        ("DELETE FROM known", false),
        ("UPDATE known SET items = x'ff'", true),
        ("UPDATE known SET items = CAST(substr(items, 1, length(items) - 1) AS BLOB)", true),
        (
            "UPDATE item SET folder_id = (SELECT max(id) FROM folder) WHERE key = (SELECT min(key) FROM item)",
            true,
        ),
    ] {
        let mut bench = Bench::new();
        let path = bench.numbered("mail.pst", 40);
        bench.import_well(&path);
        bench.close();
        let database = rusqlite::Connection::open(bench.path("library/library.sqlite")).unwrap();
        assert!(database.execute(change, []).unwrap() > 0, "{change}");
        drop(database);
        bench.open();
        let told = bench.library().verify(false).unwrap().problems;
        let of_packs = |sentence: &str| sentence.contains("what was read of them last");
        assert_eq!(told.iter().any(|problem| of_packs(&problem.sentence)), is_told, "{change}: {told:?}");
        let left = bench.library().verify(true).unwrap().problems;
        assert!(!left.iter().any(|problem| of_packs(&problem.sentence)), "{change}: {left:?}");
        // Rows tell the same.
        write_numbered(&path, 41);
        let job = bench.import_well(&path);
        assert_eq!((job.new, job.removed, job.account.items), (1, 0, 41), "{change}");
    }
}

#[test]
fn an_import_that_was_stopped_is_packed_when_it_goes_on() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 3000);
    let job = bench.library().import(std::slice::from_ref(&path)).remove(0).1.unwrap();
    bench.library().cancel(job).unwrap();
    bench.library().wait_idle();
    bench.close();
    bench.open();
    let rest = bench.import_well(&path);
    assert_eq!(rest.account.items, 3000);
    check(&bench);
    write_numbered(&path, 3001);
    assert_eq!(bench.import_well(&path).new, 1);
    assert_eq!(packs(&bench).0, 1, "what the rows told is packed");
    check(&bench);
}
