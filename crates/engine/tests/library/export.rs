//! What leaves the library is read again by others: messages by a parser of mail, data files by an import.

use super::Bench;
use mail_parser::{Address, MessageParser, MimeHeaders, PartType};
use mailscope_engine::export::{ExportRequest, ExportState, ExportView, Format, Which};
use mailscope_engine::search::Question;
use mailscope_engine::source::pst::write_sample;
use mailscope_engine::source::{AttachmentFacts, Role, SourceItem};
use mailscope_engine::{Change, Error, ItemId};
use mailscope_pst::write::{Content, NewAttachment, NewMessage, Options, Person, PstWriter};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A library with the sample mailbox.
pub fn sample() -> Bench {
    let bench = Bench::new();
    let path = bench.path("sample.pst");
    write_sample(&path).unwrap();
    bench.import_well(&path);
    bench
}

pub fn export(bench: &Bench, query: &str, format: Format) -> (ExportView, PathBuf) {
    let to = bench.path("out");
    let which = Which::Query(Question { query: query.into(), ..Question::default() });
    let view = bench.library().export(ExportRequest { which, format, to: to.clone() }).unwrap();
    (ended(bench, &view), to)
}

fn ended(bench: &Bench, view: &ExportView) -> ExportView {
    loop {
        let view = bench.library().export_of(view.id).unwrap();
        if view.state != ExportState::Running {
            return view;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

pub fn well(view: &ExportView, count: u64) {
    assert_eq!(view.state, ExportState::Done, "{:?}", view.error);
    assert_eq!(
        (view.written, view.partial, view.failed, view.skipped),
        (count, 0, 0, 0),
        "{:?}",
        view.failures
    );
}

/// The manifest's lines.
fn manifest(to: &Path, format: Format) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(to.join(format!("manifest-{}.jsonl", format.name()))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn file_of(entry: &serde_json::Value) -> (String, usize, usize) {
    let file = &entry["files"][0];
    let number = |name: &str| usize::try_from(file[name].as_u64().unwrap()).unwrap();
    (file["file"].as_str().unwrap().to_owned(), number("offset"), number("bytes"))
}

/// The file of each item.
fn messages(to: &Path) -> BTreeMap<i64, Vec<u8>> {
    let lines = manifest(to, Format::Eml);
    lines.iter().map(|e| (e["id"].as_i64().unwrap(), std::fs::read(to.join(file_of(e).0)).unwrap())).collect()
}

fn names(list: Option<&Address<'_>>) -> Vec<String> {
    let one = |a: &mail_parser::Addr<'_>| a.address().unwrap_or_default().to_lowercase();
    list.map(|list| list.iter().map(one).collect()).unwrap_or_default()
}

/// Compares a message, as a parser of mail reads it, with the item.
fn check(bench: &Bench, id: ItemId, path: &[u32], parsed: &mail_parser::Message<'_>) {
    let shown = bench.library().show(id, path, None).unwrap();
    let detail = shown.detail.as_ref().unwrap();
    let item: &SourceItem = detail.item.as_ref().unwrap();
    let at = format!("{} {path:?}", item.subject);
    let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(spaces(parsed.subject().unwrap_or_default()), spaces(&item.subject), "{at}");
    if let Some(date) = item.date {
        assert_eq!(
            parsed.date().map(mail_parser::DateTime::to_timestamp),
            Some(date.div_euclid(1000)),
            "{at}"
        );
    }
    for (role, list) in [(Role::To, parsed.to()), (Role::Cc, parsed.cc()), (Role::Bcc, parsed.bcc())] {
        let expected: Vec<String> = item
            .recipients
            .iter()
            .filter(|(r, person)| *r == role && person.address.contains('@'))
            .map(|(_, person)| person.address.to_lowercase())
            .collect();
        let found: Vec<String> = names(list).into_iter().filter(|a| a.contains('@')).collect();
        assert_eq!(found, expected, "{at} {role:?}");
    }
    let text = parsed.body_text(0).unwrap_or_default();
    assert_eq!(spaces(&text), spaces(&item.text), "{at}");
    if let Some(html) = &detail.html {
        assert_eq!(spaces(&parsed.body_html(0).unwrap()), spaces(html), "{at}");
    }
    let direct: Vec<&AttachmentFacts> =
        item.attachments.iter().filter(|a| a.path.len() == path.len() + 1).collect();
    let parts: Vec<_> = parsed.attachments().collect();
    assert_eq!(parts.len(), direct.len(), "{at}");
    for facts in direct {
        let wanted =
            if facts.method == "message" { format!("{}.eml", facts.name) } else { facts.name.clone() };
        let part = parts
            .iter()
            .find(|part| {
                part.attachment_name() == Some(wanted.as_str())
                    && (facts.content_id.is_empty() || part.content_id() == Some(facts.content_id.as_str()))
            })
            .unwrap_or_else(|| {
                panic!(
                    "{at}: {wanted} is not among {:?}",
                    parts.iter().map(|p| p.attachment_name()).collect::<Vec<_>>()
                )
            });
        if let PartType::Message(inner) = &part.body {
            assert_eq!(facts.method, "message");
            check(bench, id, &facts.path, inner);
        } else {
            let to = bench.path("one attachment");
            bench.library().save_attachment(id, &facts.path, &to).unwrap();
            assert!(part.contents() == std::fs::read(&to).unwrap(), "{at}: {wanted}");
        }
    }
}

#[test]
fn a_parser_of_mail_finds_every_part() {
    let bench = sample();
    let total = bench.find("").total;
    let (view, to) = export(&bench, "", Format::Eml);
    well(&view, total);
    let files = messages(&to);
    assert_eq!(files.len() as u64, total);
    for (id, bytes) in files {
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        check(&bench, ItemId(id), &[], &parsed);
    }
}

#[test]
fn a_second_run_goes_on() {
    let bench = sample();
    let total = bench.find("").total;
    for format in [Format::Eml, Format::Mbox, Format::Csv, Format::Jsonl, Format::Pst] {
        let some = bench.find("kind:mail").total;
        well(&export(&bench, "kind:mail", format).0, some);
        let before = snapshot(&bench.path("out"));
        let (again, to) = export(&bench, "kind:mail", format);
        assert_eq!((again.written, again.skipped, again.failed), (0, some, 0), "{format:?}");
        assert!(snapshot(&to) == before, "{format:?}: a run with nothing to do changed something");
        let (rest, to) = export(&bench, "", format);
        // A table and a data file are the answer to one question.
        let kept = if matches!(format, Format::Eml | Format::Mbox) { some } else { 0 };
        assert_eq!((rest.written, rest.skipped, rest.failed), (total - kept, kept, 0), "{format:?}");
        // Each part of each file is what the manifest says.
        for entry in
            manifest(&to, format).iter().filter(|e| e["files"].as_array().is_some_and(|f| !f.is_empty()))
        {
            let (file, offset, bytes) = file_of(entry);
            let content = std::fs::read(to.join(&file)).unwrap();
            let hash = blake3::hash(&content[offset..offset + bytes]).to_hex();
            assert_eq!(entry["files"][0]["blake3"].as_str().unwrap(), hash.as_str(), "{format:?} {file}");
            assert_eq!(entry["files"][0]["sha256"].as_str().unwrap().len(), 64);
        }
        std::fs::remove_dir_all(to).unwrap();
    }
}

/// Every file below a folder with its content.
pub fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn what_was_broken_off_is_cut_and_written_again() {
    let bench = sample();
    let total = bench.find("").total;
    for (format, file) in [(Format::Jsonl, "items.jsonl"), (Format::Csv, "items.csv")] {
        let (_, to) = export(&bench, "", format);
        let whole = std::fs::read(to.join(file)).unwrap();
        // As a crash leaves it: lines that the manifest does not know, and half a line in the manifest.
        let path = to.join(format!("manifest-{}.jsonl", format.name()));
        let lines = std::fs::read_to_string(&path).unwrap();
        let kept: String = lines.split_inclusive('\n').take(11).collect();
        std::fs::write(&path, format!("{kept}{}", &lines[kept.len()..kept.len() + 20])).unwrap();
        std::fs::rename(to.join(file), to.join(format!("{file}.part"))).unwrap();
        let (view, to) = export(&bench, "", format);
        assert_eq!((view.skipped, view.written), (10, total - 10));
        assert!(std::fs::read(to.join(file)).unwrap() == whole, "{file}");
    }
}

/// Body, properties and attachments of an item and of all messages in it, but for what is the file's own.
fn stored(bench: &Bench, id: ItemId, path: &[u32], item: &SourceItem) -> String {
    let detail = bench.library().show(id, path, None).unwrap().detail.unwrap();
    let mut out = format!("{:?}|{}", detail.html, detail.headers);
    // The ids of named properties are given out by each file; sizes depend on how it lays things down.
    let of_file = |tag: &str| tag.starts_with("0x0E08");
    let mut lines: Vec<String> = detail
        .properties
        .iter()
        .filter(|line| !of_file(&line.tag))
        .map(|line| {
            let tag = if line.tag.as_str() < "0x8" { line.tag.as_str() } else { "named" };
            format!("{tag} {} {} {}", line.name, line.kind, line.value)
        })
        .collect();
    lines.sort();
    out.push_str(&lines.join("\n"));
    for facts in item.attachments.iter().filter(|facts| facts.path.len() == path.len() + 1) {
        out.push_str(&format!(
            "|{} {} {}",
            facts.mime_type,
            facts.content_id,
            facts.size * u64::from(facts.method != "message")
        ));
        if facts.method == "message" {
            let inner = bench.library().show(id, &facts.path, None).unwrap().detail.unwrap().item.unwrap();
            out.push_str(&stored(bench, id, &facts.path, &inner));
        } else if facts.method != "reference" {
            let to = bench.path("one attachment");
            bench.library().save_attachment(id, &facts.path, &to).unwrap();
            out.push_str(&blake3::hash(&std::fs::read(&to).unwrap()).to_hex());
        }
    }
    out
}

#[test]
fn a_new_data_file_holds_the_same() {
    let bench = sample();
    let (view, to) = export(&bench, "", Format::Pst);
    well(&view, bench.find("").total);
    let files: Vec<_> =
        std::fs::read_dir(&to).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files.len(), 2, "only the file and the manifest: {files:?}");
    let other = Bench::new();
    let job = other.import_well(&to.join("Mailscope export.pst"));
    assert_eq!((job.account.items, job.account.failed, job.anomalies), (view.written, 0, 0));
    let facts = |bench: &Bench| -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for hit in bench.find("").hits {
            let shown = bench.library().show(hit.row.id, &[], None).unwrap();
            let item = bench.library().live_item(&shown).unwrap();
            let files: Vec<String> = item
                .attachments
                .iter()
                .map(|a| format!("{} {} {} {}", a.name, a.method, a.inline, a.path.len()))
                .collect();
            let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            all.push(format!(
                "{:?}|{}|{}|{:?}|{:?}|{:?}|{}|{:?}|{}|{}|{:?}|{:?}|{}",
                item.kind,
                item.class,
                item.subject,
                item.from,
                item.recipients,
                item.date.map(|date| date / 1000),
                item.message_id,
                files,
                spaces(&item.text),
                hit.row.folder.split('/').skip(1).collect::<Vec<_>>().join("/"),
                item.mail,
                item.details,
                stored(bench, hit.row.id, &[], item),
            ));
        }
        all.sort();
        all
    };
    let (before, after) = (facts(&bench), facts(&other));
    let differ: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).take(3).collect();
    assert!(before.len() == after.len() && differ.is_empty(), "{differ:#?}");
}

#[test]
fn tables_are_safe_and_whole() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "=Inbox()").unwrap();
    for subject in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "plain, \"quoted\"", "two\nlines"] {
        let sender = Some(Person::new("=HYPERLINK(\"http://x.example\")", "a@x.example"));
        let message = NewMessage { subject: subject.into(), sender, ..NewMessage::default() };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let (view, to) = export(&bench, "", Format::Csv);
    well(&view, 6);
    let table = std::fs::read_to_string(to.join("items.csv")).unwrap();
    let rows = cells(&table);
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[0][9], "subject");
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
    assert!(rows.iter().any(|row| row[9] == "plain, \"quoted\""));
    assert!(rows.iter().any(|row| row[9] == "'=cmd|' /C calc'!A0"));
    let (view, to) = export(&bench, "", Format::Jsonl);
    well(&view, 6);
    let lines = std::fs::read_to_string(to.join("items.jsonl")).unwrap();
    let subjects: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["subject"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!((subjects.len(), subjects[0].as_str()), (6, "=cmd|' /C calc'!A0"));
}

/// A table's cells (RFC 4180).
pub fn cells(table: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = table.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

#[test]
fn mailboxes_hold_each_message_once() {
    let bench = sample();
    let total = bench.find("").total;
    let (view, to) = export(&bench, "", Format::Mbox);
    well(&view, total);
    let mut found = 0;
    for (path, content) in snapshot(&to) {
        if path.extension().is_some_and(|extension| extension == "mbox") {
            let text = String::from_utf8_lossy(&content).into_owned();
            assert!(!text.contains('\r'), "{}", path.display());
            found += mail_parser::mailbox::mbox::MessageIterator::new(content.as_slice())
                .filter(Result::is_ok)
                .count();
        }
    }
    assert_eq!(found as u64, total);
}

/// The rows of a table of columns as lines of JSON.
pub fn columns(path: &Path) -> Vec<serde_json::Value> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().to_json_value()).collect()
}

#[test]
fn a_table_of_columns_says_what_the_lines_of_json_say() {
    let bench = sample();
    let total = bench.find("").total;
    bench
        .library()
        .review(
            &Which::Query(Question { query: "kind:contact".into(), ..Question::default() }),
            Change::Tag("hot".into()),
        )
        .unwrap();
    let (view, to) = export(&bench, "", Format::Parquet);
    well(&view, total);
    let rows = columns(&to.join("items.parquet"));
    well(&export(&bench, "", Format::Jsonl).0, total);
    let lines = std::fs::read_to_string(to.join("items.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        for name in [
            "id",
            "kind",
            "class",
            "subject",
            "folder",
            "source",
            "size",
            "recovered",
            "gone",
            "marked",
            "reviewed",
        ] {
            assert_eq!(row[name], line[name], "{name} of {line}");
        }
        for name in ["message_id", "mih", "note"] {
            assert_eq!(row[name].as_str().unwrap_or_default(), line[name], "{name} of {line}");
        }
        for name in ["to", "cc", "bcc", "attachments", "tags", "text"] {
            assert_eq!(row[name], line[name], "{name} of {line}");
        }
        assert_eq!(
            (&row["from_name"], &row["from_address"]),
            (&line["from"]["name"], &line["from"]["address"])
        );
        let seconds = |text: &str| text.get(..19).map(|text| text.replace(' ', "T"));
        assert_eq!(row["date"].as_str().and_then(seconds), line["date"].as_str().and_then(seconds), "{line}");
    }
    // A table of nothing has its columns and no rows.
    let none = export(&bench, "zzzznothing", Format::Parquet);
    well(&none.0, 0);
    assert!(columns(&to.join("items.parquet")).is_empty());
}

/// docs/columns.md names each column of all three tables, and none besides.
#[test]
fn columns_are_told() {
    let bench = sample();
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/columns.md");
    let document = std::fs::read_to_string(document).unwrap();
    let names = document.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let told: BTreeSet<&str> = names
        .flat_map(|names| names.split(", "))
        .filter_map(|name| name.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    assert!(told.len() > 20, "{told:?}");
    for format in [Format::Csv, Format::Jsonl, Format::Parquet] {
        let (view, to) = export(&bench, "kind:contact", format);
        assert!(view.written > 0);
        let read = |name: &str| std::fs::read_to_string(to.join(name)).unwrap();
        let keys =
            |row: &serde_json::Value| row.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
        let mut found = match format {
            Format::Csv => cells(&read("items.csv"))[0].iter().cloned().collect(),
            Format::Jsonl => {
                keys(&serde_json::from_str(read("items.jsonl").lines().next().unwrap()).unwrap())
            }
            _ => keys(&columns(&to.join("items.parquet"))[0]),
        };
        // The two that differ are told with the columns: `from` is an object of JSON, and texts are not in CSV.
        if found.remove("from") {
            found.extend(["from_name".to_owned(), "from_address".to_owned()]);
        }
        if format == Format::Csv {
            found.insert("text".to_owned());
        }
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<&str>>(), told, "{}", format.name());
    }
}

#[test]
fn an_export_that_is_stopped_is_gone_on_with() {
    const ITEMS: usize = 3000;
    let bench = Bench::new();
    bench.import_well(&bench.numbered("mail.pst", ITEMS));
    let start = |format, to: &str| {
        let which = Which::Query(Question::default());
        bench.library().export(ExportRequest { which, format, to: bench.path(to) }).unwrap()
    };
    for format in [Format::Eml, Format::Mbox, Format::Csv, Format::Parquet, Format::Pst] {
        let (once, stopped) = (format!("once-{}", format.name()), format!("stopped-{}", format.name()));
        well(&ended(&bench, &start(format, &once)), ITEMS as u64);
        let view = start(format, &stopped);
        while bench.library().export_of(view.id).unwrap().written == 0 {
            std::thread::yield_now();
        }
        bench.library().cancel_export(view.id).unwrap();
        let view = ended(&bench, &view);
        // A machine that was busy with other things may hear of it too late.
        assert!(matches!(view.state, ExportState::Cancelled | ExportState::Done), "{:?}", view.error);
        let whole = matches!(format, Format::Pst | Format::Parquet);
        if view.state == ExportState::Cancelled && whole {
            // Such a file is whole or not there.
            let kept = snapshot(&bench.path(&stopped));
            assert!(kept.values().all(Vec::is_empty), "{format:?}: {:?}", kept.keys());
        }
        let rest = ended(&bench, &start(format, &stopped));
        assert_eq!(rest.state, ExportState::Done, "{:?}", rest.error);
        assert_eq!((rest.skipped, rest.written), (view.written, ITEMS as u64 - view.written), "{format:?}");
        // A data file has a key of its own each time.
        if format != Format::Pst {
            let files = |folder: &str| -> BTreeMap<PathBuf, Vec<u8>> {
                let root = bench.path(folder);
                let below =
                    |(path, bytes): (PathBuf, Vec<u8>)| (path.strip_prefix(&root).unwrap().to_owned(), bytes);
                snapshot(&root).into_iter().map(below).collect()
            };
            assert!(files(&once) == files(&stopped), "{format:?}");
        }
    }
}

#[test]
fn attachments_alone() {
    let bench = sample();
    let (view, to) = export(&bench, "", Format::Attachments);
    assert_eq!((view.failed, view.state), (0, ExportState::Done), "{:?}", view.failures);
    assert!(view.written > 0);
    let files = snapshot(&to).len();
    let named: usize =
        manifest(&to, Format::Attachments).iter().map(|entry| entry["files"].as_array().unwrap().len()).sum();
    assert_eq!(files, named + 1, "the files and the manifest");
}

#[test]
fn a_file_that_is_away_is_told_and_its_text_written() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 3);
    bench.import_well(&path);
    std::fs::rename(&path, bench.path("away.pst")).unwrap();
    for format in [Format::Eml, Format::Mbox, Format::Pst] {
        let (view, _) = export(&bench, "", format);
        let found = (view.state, view.written, view.partial, view.failed);
        assert_eq!(found, (ExportState::Done, 0, 3, 0), "{format:?}");
    }
    let texts: Vec<String> = messages(&bench.path("out"))
        .values()
        .map(|bytes| MessageParser::default().parse(bytes).unwrap().body_text(0).unwrap().into_owned())
        .collect();
    assert!(texts.iter().any(|text| text.contains("number1")), "{texts:?}");
    // When the file is back, what was not whole is written again.
    std::fs::rename(bench.path("away.pst"), &path).unwrap();
    well(&export(&bench, "", Format::Eml).0, 3);
    let (view, _) = export(&bench, "", Format::Csv);
    well(&view, 3);
}

#[test]
fn ids_instead_of_a_query_and_what_is_refused() {
    let bench = sample();
    let ids: Vec<ItemId> = bench.find("").hits.iter().take(5).map(|hit| hit.row.id).collect();
    let which = Which::Ids(ids.iter().copied().chain([ItemId(999_999)]).collect());
    let to = bench.path("some");
    let view = bench.library().export(ExportRequest { which, format: Format::Eml, to }).unwrap();
    well(&ended(&bench, &view), 5);
    let which = Which::Query(Question { query: "(".into(), ..Question::default() });
    let wrong = bench.library().export(ExportRequest { which, format: Format::Eml, to: bench.path("x") });
    assert!(matches!(wrong, Err(Error::BadQuery(_))));
    std::fs::write(bench.path("file"), "x").unwrap();
    let which = Which::Query(Question::default());
    let onto = bench.library().export(ExportRequest { which, format: Format::Eml, to: bench.path("file") });
    assert!(matches!(onto, Err(Error::Io { .. })));
}

#[test]
fn a_large_attachment_passes_through() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let bytes: Vec<u8> =
        (0..3_000_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    let attachment = NewAttachment {
        name: "large.bin".into(),
        content: Content::Bytes(bytes.clone()),
        ..NewAttachment::default()
    };
    let message =
        NewMessage { subject: "Large".into(), attachments: vec![attachment], ..NewMessage::default() };
    writer.add_message(inbox, &message).unwrap();
    writer.finish().unwrap();
    bench.import_well(&path);
    let (view, to) = export(&bench, "", Format::Eml);
    well(&view, 1);
    let files = messages(&to);
    let parsed = MessageParser::default().parse(files.values().next().unwrap()).unwrap();
    assert!(parsed.attachment(0).unwrap().contents() == bytes);
    let (view, to) = export(&bench, "", Format::Pst);
    well(&view, 1);
    let other = Bench::new();
    other.import_well(&to.join("Mailscope export.pst"));
    let id = other.find("").hits[0].row.id;
    let shown = other.library().show(id, &[], None).unwrap();
    let facts = &other.library().live_item(&shown).unwrap().attachments[0];
    other.library().save_attachment(id, &facts.path, &other.path("saved")).unwrap();
    assert!(std::fs::read(other.path("saved")).unwrap() == bytes);
}
