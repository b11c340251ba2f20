//! Exports into a folder that holds something already, and the folders that they make.

use super::Bench;
use super::export::{cells, columns, export, sample, snapshot, well};
use mailscope_engine::export::{ExportState, Format, Which};
use mailscope_engine::search::Question;
use mailscope_engine::{Change, Error};
use mailscope_pst::write::{Content, NewAttachment, NewMessage, Options, PstWriter};
use std::path::Path;

/// A folder that holds the answer to one question gets the answer to another, and what is said of items since.
#[test]
fn a_file_holds_the_answer_to_its_own_question() {
    let bench = sample();
    let (all, some) = (bench.find("").total, bench.find("kind:contact").total);
    assert!(0 < some && some < all);
    let rows = |format, to: &Path| match format {
        Format::Csv => cells(&std::fs::read_to_string(to.join("items.csv")).unwrap()).len() as u64 - 1,
        Format::Jsonl => std::fs::read_to_string(to.join("items.jsonl")).unwrap().lines().count() as u64,
        Format::Parquet => columns(&to.join("items.parquet")).len() as u64,
        _ => {
            let other = Bench::new();
            other.import_well(&to.join("Mailscope export.pst"));
            other.find("").total
        }
    };
    for format in [Format::Csv, Format::Jsonl, Format::Parquet, Format::Pst] {
        for (query, count) in [("", all), ("kind:contact", some), ("", all), ("zzzznothing", 0)] {
            let (view, to) = export(&bench, query, format);
            well(&view, count);
            assert_eq!(rows(format, &to), count, "{format:?} {query}");
            let written: usize = snapshot(&to).values().map(Vec::len).sum();
            assert!(view.bytes <= written as u64, "{format:?} {query}: {} bytes", view.bytes);
        }
    }
    export(&bench, "", Format::Csv);
    let contacts = Which::Query(Question { query: "kind:contact".into(), ..Question::default() });
    bench.library().review(&contacts, Change::Tag("hot".into())).unwrap();
    let (_, to) = export(&bench, "", Format::Csv);
    let table = std::fs::read_to_string(to.join("items.csv")).unwrap();
    assert_eq!(cells(&table).iter().filter(|row| row[20] == "hot").count() as u64, some);
}

/// Of what the record names, that alone counts which is there.
#[test]
fn what_was_cut_or_taken_away_is_written_again() {
    let bench = sample();
    let total = bench.find("").total;
    for format in [Format::Mbox, Format::Csv, Format::Jsonl, Format::Eml, Format::Attachments] {
        let (_, to) = export(&bench, "", format);
        let whole = snapshot(&to);
        let is_record = |path: &Path| {
            path.extension().is_some_and(|extension| extension == "jsonl" && path != to.join("items.jsonl"))
        };
        for keep in [0, 1, 3000] {
            for (path, content) in whole.iter().filter(|(path, _)| !is_record(path)) {
                match keep {
                    0 => std::fs::remove_file(path).unwrap(),
                    keep => std::fs::write(path, &content[..content.len().min(keep)]).unwrap(),
                }
            }
            // A question in between must not hide what is missing.
            if format == Format::Mbox {
                export(&bench, "kind:contact", format);
            }
            let (view, to) = export(&bench, "", format);
            assert_eq!((view.state, view.failed), (ExportState::Done, 0), "{:?}", view.error);
            for (path, content) in snapshot(&to).iter().filter(|(path, _)| !is_record(path)) {
                if format == Format::Mbox {
                    assert!(!content.contains(&0), "{keep}: {}", path.display());
                    assert_eq!(content.len(), whole[path].len(), "{keep}: {}", path.display());
                } else {
                    assert!(content == &whole[path], "{format:?} {keep}: {}", path.display());
                }
            }
        }
        let (view, to) = export(&bench, "", format);
        assert_eq!((view.written, view.partial), (0, 0), "{format:?}");
        if format != Format::Attachments {
            assert_eq!(view.skipped, total, "{format:?}");
        }
        std::fs::remove_dir_all(to).unwrap();
    }
}

/// What somebody else has put into the folder stays as it is, however often it is tried.
#[test]
fn files_of_others_stay() {
    let bench = sample();
    let check = |format, name: &str| {
        let path = bench.path("out").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "mine").unwrap();
        for _ in 0..2 {
            let (view, _) = export(&bench, "", format);
            let error = view.error.unwrap();
            assert!(matches!(&*error, Error::WouldOverwrite { .. }), "{name}: {error:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine", "{name}");
        }
        std::fs::remove_file(&path).unwrap();
        let (view, _) = export(&bench, "", format);
        assert_eq!(view.state, ExportState::Done, "{name}: {:?}", view.error);
    };
    check(Format::Csv, "items.csv");
    check(Format::Jsonl, "items.jsonl");
    check(Format::Parquet, "items.parquet");
    check(Format::Pst, "Mailscope export.pst");
    let (_, to) = export(&bench, "", Format::Mbox);
    let boxes = snapshot(&to);
    let one = boxes.keys().find(|path| path.extension().is_some_and(|e| e == "mbox")).unwrap();
    let name = one.strip_prefix(&to).unwrap().to_str().unwrap().to_owned();
    std::fs::remove_dir_all(&to).unwrap();
    check(Format::Mbox, &name);
}

/// A slash is part of a folder's name like any other sign.
#[test]
fn folders_keep_their_names_in_a_new_data_file() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let top = writer.top();
    let clients = writer.add_folder(top, "Clients").unwrap();
    for (parent, name) in [(clients, "A/B"), (top, "Clients/A"), (clients, "A"), (top, "x\\y"), (top, "..")] {
        let folder = writer.add_folder(parent, name).unwrap();
        let message = NewMessage { subject: name.into(), ..NewMessage::default() };
        writer.add_message(folder, &message).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let folders = |bench: &Bench| -> Vec<(String, u64)> {
        let rows = bench.library().folders(None).unwrap();
        let with_items = rows.into_iter().filter(|row| row.account().items > 0);
        let mut found: Vec<_> = with_items.map(|row| (row.name.clone(), row.account().items)).collect();
        found.sort();
        found
    };
    let (view, to) = export(&bench, "", Format::Pst);
    well(&view, 5);
    let other = Bench::new();
    other.import_well(&to.join("Mailscope export.pst"));
    assert_eq!(folders(&other), folders(&bench));
}

/// Two exports at once do not write into each other's files.
#[test]
fn one_export_at_a_time_in_a_folder() {
    let bench = sample();
    for format in [Format::Eml, Format::Mbox, Format::Csv, Format::Pst] {
        let (_, to) = export(&bench, "", format);
        let before = snapshot(&to);
        let record = std::fs::File::open(to.join(format!("manifest-{}.jsonl", format.name()))).unwrap();
        record.try_lock().unwrap();
        let (view, _) = export(&bench, "kind:contact", format);
        let error = view.error.unwrap();
        assert!(matches!(&*error, Error::BeingExported { path } if *path == to), "{format:?}: {error:?}");
        assert!(snapshot(&to) == before, "{format:?}");
        drop(record);
        assert_eq!(export(&bench, "kind:contact", format).0.state, ExportState::Done, "{format:?}");
        std::fs::remove_dir_all(to).unwrap();
    }
}

/// Folders with names as files of an export have them, and files as folders have them.
#[test]
fn folders_called_like_files() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let mut count = 0;
    for name in [
        "Inbox",
        "Inbox.mbox",
        "INBOX.MBOX",
        "undated Hello [1].eml",
        "undated Hello [1]",
        "con",
        "a/../..",
        "..",
        "\u{202e}x",
        "caf\u{e9}",
        "cafe\u{301}",
        ".mailscope-part",
    ] {
        let folder = writer.add_folder(writer.top(), name).unwrap();
        let below = writer.add_folder(folder, "Below.").unwrap();
        for folder in [folder, below] {
            let attachment = NewAttachment {
                name: "undated Hello [1]".into(),
                content: Content::Bytes(b"x".to_vec()),
                ..NewAttachment::default()
            };
            let message = NewMessage {
                subject: "Hello".into(),
                attachments: vec![attachment],
                ..NewMessage::default()
            };
            writer.add_message(folder, &message).unwrap();
            count += 1;
        }
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    for format in [Format::Eml, Format::Mbox, Format::Attachments] {
        well(&export(&bench, "", format).0, count);
    }
    let boxes = snapshot(&bench.path("out"));
    assert_eq!(
        boxes.keys().filter(|path| path.extension().is_some_and(|e| e == "mbox")).count() as u64,
        count
    );
}
