//! Stops at bad moments: what SQLite holds is the truth, and the index follows.

use super::Bench;
use mailscope_pst::write::small::Variant;

/// Hits per query, to compare two states of a library.
fn answers(bench: &Bench) -> Vec<(String, u64)> {
    ["", "number7", "message", "body:words", "kind:mail", "kind:contact", "has:attachment", "in:Inbox"]
        .iter()
        .map(|query| ((*query).to_owned(), bench.find(query).total))
        .collect()
}

/// Waits until the index was brought up to date.
fn settle(bench: &Bench, expected: u64) {
    for _ in 0..500 {
        if bench.find("").total == expected {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the index holds {} of {expected}", bench.find("").total);
}

fn filled() -> Bench {
    let bench = Bench::new();
    bench.import_well(&bench.numbered("one.pst", 300));
    bench.import_well(&bench.small("two.pst", Variant::default()));
    bench
}

#[test]
fn a_lost_index_is_rebuilt() {
    let mut bench = filled();
    let before = answers(&bench);
    bench.close();
    bench.remove_index();
    bench.open();
    settle(&bench, before[0].1);
    assert_eq!(answers(&bench), before);
}

#[test]
fn a_settled_library_misses_nothing() {
    let mut bench = filled();
    let before = answers(&bench);
    for _ in 0..5 {
        bench.close();
        bench.remove_index();
        bench.open();
        bench.library().settle().unwrap();
        assert_eq!(answers(&bench), before);
    }
}

#[test]
fn a_broken_index_is_rebuilt() {
    for file in ["meta.json", "schema-7"] {
        let mut bench = filled();
        let before = answers(&bench);
        bench.close();
        let path = bench.path("library/index").join(file);
        if file == "meta.json" {
            std::fs::write(path, "{broken").unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
        bench.open();
        settle(&bench, before[0].1);
        assert_eq!(answers(&bench), before, "{file}");
    }
}

/// The parts of the index, by the files of their documents.
fn parts(bench: &Bench) -> Vec<(String, std::time::SystemTime)> {
    let entries = std::fs::read_dir(bench.path("library/index")).unwrap().map(Result::unwrap);
    let mut parts: Vec<_> = entries
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "store"))
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().modified().unwrap())
        })
        .collect();
    parts.sort();
    parts
}

#[test]
fn a_list_of_files_that_a_power_cut_spoiled_costs_nothing() {
    for list in ["", "[\"meta.js", "[]", "{}"] {
        let mut bench = filled();
        let before = (answers(&bench), parts(&bench));
        bench.close();
        let folder = bench.path("library/index");
        std::fs::write(folder.join(".managed.json"), list).unwrap();
        // What a merge left that did not come to its end.
        let left = folder.join("0123456789abcdef0123456789abcdef.idx");
        std::fs::write(&left, "left").unwrap();
        bench.open();
        bench.library().settle().unwrap();
        assert_eq!((answers(&bench), parts(&bench)), before, "{list:?}: not built anew");
        bench.import_well(&bench.numbered("more.pst", 20));
        assert_eq!(bench.find("").total, before.0[0].1 + 20, "{list:?}");
        assert!(!left.exists(), "{list:?}: what nobody needs goes with the next commit");
        assert_eq!(bench.library().verify(false).unwrap().problems, [], "{list:?}");
    }
}

/// More threads fill the index while a burst of items comes, and fewer again behind it.
#[test]
fn a_burst_of_items_and_what_follows_it_are_all_found() {
    let mut bench = Bench::new();
    bench.import_well(&bench.numbered("few.pst", 30));
    bench.open();
    bench.import_well(&bench.numbered("many.pst", 1200));
    bench.import_well(&bench.small("two.pst", Variant::default()));
    let before = answers(&bench);
    assert_eq!(bench.find("number1199").total, 1);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
    bench.open();
    bench.library().settle().unwrap();
    assert_eq!(answers(&bench), before);
}

#[test]
fn an_index_that_is_behind_catches_up() {
    let mut bench = Bench::new();
    bench.import_well(&bench.numbered("one.pst", 300));
    bench.close();
    let (index, kept) = (bench.path("library/index"), bench.path("kept"));
    copy(&index, &kept);
    bench.open();
    bench.import_well(&bench.small("two.pst", Variant::default()));
    let before = answers(&bench);
    bench.close();
    // As if the process had died between the two commits.
    bench.remove_index();
    std::fs::rename(&kept, &index).unwrap();
    bench.open();
    settle(&bench, before[0].1);
    assert_eq!(answers(&bench), before);
}

#[test]
fn an_index_that_missed_a_removal_catches_up() {
    let mut bench = filled();
    bench.close();
    let (index, kept) = (bench.path("library/index"), bench.path("kept"));
    copy(&index, &kept);
    bench.open();
    let first = bench.library().sources().unwrap()[0].id;
    bench.library().remove(first).unwrap();
    let before = answers(&bench);
    bench.close();
    bench.remove_index();
    std::fs::rename(&kept, &index).unwrap();
    bench.open();
    settle(&bench, before[0].1);
    assert_eq!(answers(&bench), before);
}

#[test]
fn an_index_that_is_ahead_is_rebuilt() {
    let mut bench = Bench::new();
    bench.import_well(&bench.numbered("one.pst", 300));
    bench.close();
    let (database, kept) = (bench.path("library/library.sqlite"), bench.path("kept.sqlite"));
    std::fs::copy(&database, &kept).unwrap();
    bench.open();
    bench.import_well(&bench.small("two.pst", Variant::default()));
    bench.close();
    // As if a copy of the database had been put back.
    std::fs::rename(&kept, &database).unwrap();
    for log in ["library.sqlite-wal", "library.sqlite-shm"] {
        let _ = std::fs::remove_file(bench.path("library").join(log));
    }
    bench.open();
    settle(&bench, 300);
    assert_eq!(bench.subjects("number7"), ["Message 7"]);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn both_stores_agree_and_a_broken_index_is_mended() {
    let mut bench = filled();
    let items = bench.find("").total;
    let well = bench.library().verify(false).unwrap();
    assert_eq!((well.items, well.indexed, well.problems.len()), (items, items, 0), "{:?}", well.problems);

    // An index of an older state that claims to be up to date: only a comparison can tell.
    bench.close();
    let database = rusqlite::Connection::open(bench.path("library/library.sqlite")).unwrap();
    database.execute("DELETE FROM item WHERE subject = 'Message 7'", []).unwrap();
    database.execute("UPDATE item SET batch = 0", []).unwrap();
    drop(database);
    bench.open();
    let broken = bench.library().verify(false).unwrap();
    assert!(
        broken.problems.iter().any(|p| p.repairable && p.sentence.contains("not in the library")),
        "{:?}",
        broken.problems
    );
    assert!(
        broken.problems.iter().any(|p| !p.repairable && p.sentence.contains("expected")),
        "the sums tell of it too"
    );
    let mended = bench.library().verify(true).unwrap();
    assert!(mended.problems.iter().all(|problem| !problem.repairable), "{:?}", mended.problems);
    assert_eq!((mended.items, mended.indexed), (items - 1, items - 1));
    assert_eq!(bench.find("").total, items - 1);
}
