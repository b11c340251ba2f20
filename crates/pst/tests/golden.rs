//! All that the reader gives of the files that this crate writes, as text, compared with what it gave before. Of real files,
//! whose mail belongs to others, only the length and checksum of that text are kept; the texts themselves are written
//! below `target/tmp`, where two states of them can be compared.
//! `MAILSCOPE_BLESS=1 cargo test -p mailscope-pst --test golden` writes all of them anew; read the difference.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use mailscope_pst::ndb::crc::crc;
use mailscope_pst::write::sample::write_sample;
use mailscope_pst::write::small::{Variant, write_small};
use mailscope_pst::{
    Address, Attachment, CensusOptions, Encryption, FileTime, Format, Item, NodeId, PstFile, Reader, Value,
};

const LIMIT: usize = 16 << 20;

/// Short text as it is, long text by its beginning, length and checksum.
fn shown(text: &str) -> String {
    let start: String = text.chars().take(72).collect();
    if start.len() == text.len() {
        return format!("{text:?}");
    }
    format!("{start:?}… {} bytes, {:08x}", text.len(), crc(text.as_bytes()))
}

fn millis(time: Option<FileTime>) -> String {
    time.map_or("-".to_owned(), |time| time.unix_millis().to_string())
}

fn who(address: &Address) -> String {
    format!("{:?} <{}> {}", address.name, address.address, address.address_type)
}

struct Dump<'a> {
    out: String,
    reader: Reader<'a>,
}

impl Dump<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        writeln!(self.out, "{:1$}{line}", "", depth * 2).unwrap();
    }

    fn item(&mut self, item: &Item, node: NodeId, path: &[NodeId], depth: usize) {
        self.line(depth, &format!("{} {:?} {}", item.class, item.kind, shown(&item.subject)));
        let depth = depth + 1;
        if !item.sender.is_empty() {
            self.line(depth, &format!("from {}", who(&item.sender)));
        }
        if item.representing != item.sender && !item.representing.is_empty() {
            self.line(depth, &format!("for {}", who(&item.representing)));
        }
        for recipient in item.recipients.iter().take(10) {
            self.line(depth, &format!("{:?} {}", recipient.kind, who(&recipient.who)));
        }
        if item.recipients.len() > 10 {
            self.line(depth, &format!("{} recipients", item.recipients.len()));
        }
        let times = [item.submitted, item.delivered, item.created, item.modified].map(millis);
        self.line(depth, &format!("times {}", times.join(" ")));
        self.line(
            depth,
            &format!("flags {:#x}, importance {}, size {:?}", item.flags, item.importance, item.size),
        );
        for (name, text) in [
            ("topic", &item.topic),
            ("id", &item.message_id),
            ("reply", &item.in_reply_to),
            ("references", &item.references),
            ("headers", &item.headers),
        ] {
            if !text.is_empty() && *text != item.subject {
                self.line(depth, &format!("{name} {}", shown(text)));
            }
        }
        self.bodies(node, path, depth);
        let (details, anomalies) = self.reader.embedded_details(node, path).unwrap();
        if details != mailscope_pst::Details::None {
            self.line(depth, &format!("{details:?}"));
        }
        for anomaly in item.anomalies.iter().chain(&anomalies) {
            self.line(depth, &format!("anomaly: {anomaly}"));
        }
        self.properties(node, path, depth);
        for attachment in &item.attachments {
            self.attachment(attachment, node, depth);
        }
    }

    fn bodies(&mut self, node: NodeId, path: &[NodeId], depth: usize) {
        let bodies = self.reader.embedded_bodies(node, path, LIMIT).unwrap();
        let rtf = bodies.rtf.as_deref().map(String::from_utf8_lossy);
        for (name, text) in [
            ("plain", bodies.plain.as_deref()),
            ("html", bodies.html.as_ref().map(|html| html.text.as_str())),
            ("rtf", rtf.as_deref()),
            ("text", bodies.best_text().as_deref().filter(|_| bodies.plain.is_none())),
        ] {
            if let Some(text) = text {
                self.line(depth, &format!("{name} {}", shown(text)));
            }
        }
        for anomaly in &bodies.anomalies {
            self.line(depth, &format!("anomaly: {anomaly}"));
        }
    }

    /// Which properties there are, and a checksum of their values.
    fn properties(&mut self, node: NodeId, path: &[NodeId], depth: usize) {
        let properties = self.reader.embedded_properties(node, path, LIMIT).unwrap();
        let mut line = format!("{} properties", properties.len());
        for property in &properties {
            match &property.value {
                Ok(Value::Object { .. }) => write!(line, " {:04x}:object", property.id).unwrap(),
                // Where a large value lies is of no interest.
                Ok(value) => {
                    let sum = crc(format!("{value:?}").as_bytes()) & 0xFFFF;
                    write!(line, " {:04x}:{sum:04x}", property.id).unwrap();
                }
                Err(error) => write!(line, " {:04x}:{error}", property.id).unwrap(),
            }
        }
        self.line(depth, &line);
    }

    fn attachment(&mut self, attachment: &Attachment, node: NodeId, depth: usize) {
        self.line(
            depth,
            &format!(
                "attachment {} {:?} {:?} {:?} {:?} inline {} {:?}",
                attachment.number,
                attachment.name,
                attachment.mime_type,
                attachment.method,
                attachment.content_id,
                attachment.inline,
                attachment.reference
            ),
        );
        if let Some(item) = &attachment.embedded {
            self.item(item, node, &attachment.path, depth + 1);
            return;
        }
        let content = match self.reader.attachment(node, &attachment.path) {
            Ok(mut content) => {
                let mut data = Vec::new();
                content.read_to_end(&mut data).unwrap();
                format!("{} bytes, {:08x}", data.len(), crc(&data))
            }
            Err(_) => "no content".to_owned(),
        };
        self.line(depth + 1, &content);
    }
}

fn dump(file: &PstFile) -> String {
    let mut dump = Dump { out: String::new(), reader: file.reader() };
    let kind = file.kind();
    dump.line(0, &format!("{:?} {kind:?} wVer {}", file.format(), file.version()));
    let store = file.store();
    dump.line(0, &format!("{:?}, code page {:?}", store.display_name, store.code_page));
    for anomaly in file.anomalies() {
        dump.line(0, &format!("anomaly: {anomaly}"));
    }
    let census = dump.reader.census_with(CensusOptions { recover: true }).unwrap();
    let (expected, hidden) = (census.expected(), census.hidden());
    dump.line(0, &format!("expected {expected}, hidden {hidden}, recovered {}", census.recovered()));
    for folder in &census.folders {
        let search = if folder.is_search { " (search)" } else { "" };
        dump.line(
            0,
            &format!(
                "folder {:?} {:?}{search}: expected {}, hidden {}, listed {}, claims {:?} and {:?} unread",
                folder.path.join("/"),
                folder.class.as_deref().unwrap_or_default(),
                folder.expected,
                folder.hidden,
                folder.listed,
                folder.content_count,
                folder.unread_count
            ),
        );
        for entry in census.items.iter().filter(|entry| entry.folder == folder.id) {
            let hidden = if entry.hidden { " hidden" } else { "" };
            dump.line(1, &format!("{:?}{hidden}", entry.origin));
            let item = dump.reader.item(entry).unwrap();
            dump.item(&item, entry.node, &[], 1);
        }
    }
    dump.out
}

/// Compares `text` with the file of this name, or writes it when that is asked for.
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("MAILSCOPE_BLESS").is_some_and(|bless| bless == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    // Git may have given it other ends of lines.
    let known = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let mut lines = known.lines().zip(text.lines()).enumerate();
    if let Some((number, (known, found))) = lines.find(|(_, (known, found))| known != found) {
        panic!("{name}, line {}:\n was {known}\n now {found}\nsee the top of this test", number + 1);
    }
    assert_eq!(known.lines().count(), text.lines().count(), "{name}: see the top of this test");
}

#[test]
fn small_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    for format in [Format::Unicode, Format::Ansi, Format::Unicode4k] {
        let mut texts = [Encryption::Permute, Encryption::Cyclic, Encryption::None].map(|encryption| {
            write_small(&path, Variant { format, encryption }).unwrap();
            dump(&PstFile::open(&path).unwrap())
        });
        texts.iter_mut().for_each(|text| *text = text.replace("\\r\\n", "\\n"));
        let [text, rest @ ..] = texts;
        assert!(rest.iter().all(|other| *other == text), "{format:?}: the encryption makes no difference");
        check(&format!("small-{}.txt", format!("{format:?}").to_lowercase()), &text);
    }
}

#[test]
fn the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.pst");
    write_sample(&path).unwrap();
    check("sample.txt", &dump(&PstFile::open(&path).unwrap()));
}

#[test]
fn real_files() {
    let Some(corpus) = common::corpus() else { return };
    let blessed = std::env::var_os("MAILSCOPE_BLESS").is_some_and(|bless| bless == "1");
    let texts = Path::new(env!("CARGO_TARGET_TMPDIR")).join(if blessed { "golden" } else { "golden-now" });
    fs::create_dir_all(&texts).unwrap();
    let mut paths: Vec<_> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "pst" || end == "ost"));
    paths.sort();
    let mut sums = String::from("file\tlines\tbytes\tchecksum\n");
    for path in paths {
        let text = dump(&PstFile::open(&path).unwrap());
        let name = path.file_name().unwrap().to_string_lossy();
        let (lines, sum) = (text.lines().count(), crc(text.as_bytes()));
        writeln!(sums, "{name}\t{lines}\t{}\t{sum:08x}", text.len()).unwrap();
        fs::write(texts.join(format!("{name}.txt")), text).unwrap();
    }
    eprintln!("the texts are in {}", texts.display());
    check("real-files.tsv", &sums);
}
