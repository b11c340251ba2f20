//! Items of which a file has lost all but what their folder repeats of them.

use super::Bench;
use mailscope_pst::PstFile;
use std::path::Path;

/// Overwrites the beginning of the block that holds the properties of an item.
fn damage(path: &Path, subject: &str) {
    let place = {
        let file = PstFile::open(path).unwrap();
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        let mut is_it = |entry: &&mailscope_pst::ItemEntry| reader.item(*entry).unwrap().subject == subject;
        census.items.iter().filter(|entry| !entry.hidden).find(&mut is_it).unwrap().file_offset as usize
    };
    let mut data = std::fs::read(path).unwrap();
    data[place..place + 64].fill(0xAA);
    std::fs::write(path, data).unwrap();
}

#[test]
fn a_damaged_item_is_what_its_folder_says_of_it() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 5);
    let whole = std::fs::read(&path).unwrap();
    damage(&path, "Message 2");
    let job = bench.import_well(&path);
    assert_eq!((job.account.expected, job.account.items, job.account.failed), (5, 5, 0));
    assert_eq!((job.anomalies, job.account.partial), (1, 1), "what is missing is said");
    let report = bench.library().report(job.source.unwrap(), &|_, _| {}).unwrap();
    let page = mailscope_engine::report::html(&report);
    assert!(
        page.contains("but of 1 no more than a row") && !page.contains("items that the file names was read")
    );
    assert_eq!(bench.account().partial, 1, "it is told of its folder");
    let tree = mailscope_engine::tree(&path, &|_, _| {}).unwrap();
    let told: Vec<_> = tree.folders.iter().filter(|f| f.partial > 0).map(|f| (f.found, f.partial)).collect();
    assert_eq!(told, [(5, 1)], "and without a library too");
    assert_eq!((bench.find("subject:\"message 2\"").total, bench.find("number2").total), (1, 0));
    let id = bench.find("subject:\"message 2\"").hits[0].row.id;
    let shown = bench.library().show(id, &[], None).unwrap();
    assert_eq!(shown.away, None);
    let item = bench.library().live_item(&shown).unwrap();
    assert_eq!((item.subject.as_str(), item.text.as_str(), item.partial), ("Message 2", "", true));
    assert!(item.anomalies.iter().any(|odd| odd.contains("only its row")), "{:?}", item.anomalies);

    // It is tried again with every import, and is what it was.
    bench.open();
    let again = bench.import_well(&path);
    assert_eq!(
        (again.account.items, again.account.failed, again.unchanged, again.account.partial),
        (5, 0, 4, 1)
    );
    assert_eq!(bench.library().verify(false).unwrap().problems, []);

    // A sound copy of the file has the rest of it.
    std::fs::write(&path, &whole).unwrap();
    let mended = bench.import_well(&path);
    assert_eq!(
        (mended.account.items, mended.account.failed, mended.updated, mended.account.partial),
        (5, 0, 1, 0)
    );
    assert_eq!(bench.account().partial, 0);
    assert_eq!((bench.find("number2").total, bench.find("").total), (1, 5));

    // What the library holds whole, no later damage takes away.
    damage(&path, "Message 2");
    let later = bench.import_well(&path);
    assert_eq!((later.account.items, later.unchanged), (5, 5));
    assert_eq!(bench.find("number2").total, 1);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}

#[test]
fn trees_count_what_a_row_is_left_of() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 5);
    damage(&path, "Message 4");
    let tree = mailscope_engine::tree(&path, &|_, _| ()).unwrap();
    let inbox = tree.folders.iter().find(|folder| folder.path.ends_with("Inbox")).unwrap();
    assert_eq!((inbox.expected, inbox.found, inbox.failed), (5, 5, 0));
    assert_eq!(tree.failures, []);
    assert!(tree.anomalies.iter().any(|odd| odd.contains("only its row")), "{:?}", tree.anomalies);
}
