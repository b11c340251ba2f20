//! Items of which a file has lost all but what their folder repeats of them.

use super::Bench;
use mailscope_pst::PstFile;
use mailscope_pst::write::{
    Content, Encryption, NewAttachment, NewMessage, Options, PropertyKey, PropertyName, PropertySet,
    PstWriter, Value,
};
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

/// What the first state of a file lacks, as a copy that is still being written does, is read when it has come. `absent` lies at the
/// beginning of what is zeros at first.
fn check_arrival(absent: &[u8], word: &str) {
    let mut bench = Bench::new();
    let path = bench.path("mail.pst");
    let options = Options { encryption: Encryption::None, ..Options::default() };
    let mut writer = PstWriter::create(&path, options).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let place = PropertyKey::Named(PropertySet::APPOINTMENT, PropertyName::Number(0x8208));
    let file = NewAttachment {
        name: "plan.txt".into(),
        content: Content::Bytes([b"blueprint".to_vec(), vec![b'.'; 20_000]].concat()),
        ..NewAttachment::default()
    };
    let message = NewMessage {
        class: "IPM.Appointment".into(),
        subject: "Plans".into(),
        text: Some(format!("heliotrope {}", "late ".repeat(10_000))),
        attachments: vec![file],
        ..NewMessage::default()
    };
    writer.add_message(inbox, &message.with(place, Value::Text("The boathouse".into()))).unwrap();
    let other = NewMessage { subject: "Plain".into(), ..NewMessage::default() };
    writer.add_message(inbox, &other).unwrap();
    writer.finish().unwrap();

    let whole = std::fs::read(&path).unwrap();
    let mut data = whole.clone();
    let at = data.windows(absent.len()).position(|bytes| bytes == absent).unwrap();
    data[at..at + 64].fill(0);
    std::fs::write(&path, &data).unwrap();
    let first = bench.import_well(&path);
    assert_eq!((first.new, first.account.failed), (2, 0));
    assert!(first.anomalies > 0, "what is odd is said");
    assert_eq!(bench.find(word).total, 0, "it is not there yet");

    // As long as nothing changes, nothing is read again.
    bench.open();
    let again = bench.import_well(&path);
    assert_eq!((again.planned, again.unchanged), (0, 2));

    std::fs::write(&path, &whole).unwrap();
    let mended = bench.import_well(&path);
    assert_eq!((mended.account.items, mended.anomalies), (2, 0), "nothing is odd any more");
    assert!(mended.updated > 0);
    assert_eq!(bench.find(word).total, 1);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
    let later = bench.import_well(&path);
    assert_eq!((later.planned, later.unchanged), (0, 2));
}

#[test]
fn a_text_that_comes_later() {
    // UTF-16, in a block of its own.
    let absent: Vec<u8> = "heliotrope".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_arrival(&absent, "heliotrope");
}

/// What properties with names mean is told for all items of a file at one place.
#[test]
fn names_that_come_later() {
    // PSETID_Appointment
    let absent = [0x02, 0x20, 0x06, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
    check_arrival(&absent, "boathouse");
}
