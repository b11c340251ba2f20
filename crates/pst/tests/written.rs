//! Files that this crate writes, read again: every format and encryption, item by item.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::Read;

use common::{LIMIT, read_whole};
use mailscope_pst::write::small::{
    Variant, large_content, write_codepage, write_large, write_many, write_small,
};
use mailscope_pst::write::{Content, NewMessage, RecipientLine, RtfForm};
use mailscope_pst::{
    AttachmentMethod, Census, Consequence, Encryption, Format, Item, MemorySource, NodeId, Origin, PstFile,
    Reader, RecipientKind,
};

/// Compares what was read with what was written, embedded messages included.
fn same(reader: &mut Reader<'_>, node: NodeId, path: &[NodeId], item: &Item, known: &NewMessage) {
    let what = format!("{:?} at {node} {path:?}", known.subject);
    let class = if known.class.is_empty() { "IPM.Note" } else { &known.class };
    assert_eq!(item.class, class, "{what}");
    assert_eq!(item.subject, known.subject, "{what}");
    if let Some(sender) = &known.sender {
        assert_eq!(
            (&item.sender.name, &item.sender.smtp),
            (&sender.name, &Some(sender.address.clone())),
            "{what}"
        );
    }
    let kind = |line| match line {
        RecipientLine::To => RecipientKind::To,
        RecipientLine::Cc => RecipientKind::Cc,
        RecipientLine::Bcc => RecipientKind::Bcc,
    };
    let read: Vec<_> =
        item.recipients.iter().map(|to| (to.kind, &to.who.name, to.who.smtp.as_deref())).collect();
    let written: Vec<_> = known
        .recipients
        .iter()
        .map(|to| (kind(to.line), &to.person.name, Some(to.person.address.as_str())))
        .collect();
    assert_eq!(read, written, "{what}");
    assert_eq!(item.submitted.map(|time| time.0), known.sent.map(|time| time.0), "{what}");
    assert_eq!(item.message_id, known.message_id.clone().unwrap_or_default(), "{what}");
    assert_eq!(item.headers, known.headers.clone().unwrap_or_default(), "{what}");

    let bodies = reader.embedded_bodies(node, path, LIMIT).unwrap();
    assert_eq!(bodies.plain, known.text, "{what}");
    if let Some(html) = &known.html {
        assert_eq!(bodies.html.as_ref().map(|html| &html.raw), Some(html), "{what}");
    }
    if let Some(rtf) = known.rtf.as_ref().filter(|rtf| rtf.form != RtfForm::AsStored) {
        assert_eq!(bodies.rtf.as_ref(), Some(&rtf.bytes), "{what}");
        assert!(bodies.anomalies.is_empty(), "{what}: {:?}", bodies.anomalies);
    }

    assert_eq!(item.attachments.len(), known.attachments.len(), "{what}");
    for (attachment, known) in item.attachments.iter().zip(&known.attachments) {
        let what = format!("{what}: {:?}", known.name);
        if !known.name.is_empty() {
            assert_eq!(attachment.name, known.name, "{what}");
        }
        match &known.content {
            Content::Bytes(bytes) | Content::Ole(bytes) => {
                let ole = matches!(known.content, Content::Ole(_));
                let method = if ole { AttachmentMethod::Ole } else { AttachmentMethod::ByValue };
                if attachment.method != method {
                    // A property of the attachment said otherwise.
                    assert!(!known.properties.is_empty(), "{what}");
                    continue;
                }
                let mut read = Vec::new();
                reader.attachment(node, &attachment.path).unwrap().read_to_end(&mut read).unwrap();
                assert!(read == *bytes, "{what}: {} bytes of {}", read.len(), bytes.len());
                assert_eq!(attachment.size, bytes.len() as u64, "{what}");
            }
            Content::Message(message) => {
                let embedded = attachment.embedded.as_deref().unwrap_or_else(|| panic!("{what}"));
                same(reader, node, &attachment.path, embedded, message);
                let mut alone = reader.embedded(node, &attachment.path).unwrap();
                alone.anomalies.clear();
                assert_eq!(alone, *embedded, "{what}");
            }
            Content::Source(_) | Content::Absent => {}
        }
    }
}

#[test]
fn every_format_and_encryption() {
    let folder = tempfile::tempdir().unwrap();
    for variant in Variant::all() {
        let path = folder.path().join("small.pst");
        let known = write_small(&path, variant).unwrap();
        let file = PstFile::open(&path).unwrap();
        assert_eq!((file.format(), file.encryption()), (variant.format, variant.encryption));
        assert_eq!(file.anomalies(), [], "{variant:?}");
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        assert_eq!(census.expected(), known.iter().filter(|item| !item.hidden).count() as u64, "{variant:?}");
        assert_eq!(census.hidden(), known.iter().filter(|item| item.hidden).count() as u64, "{variant:?}");
        assert!(
            census.items.iter().all(|item| item.origin == Origin::Listed && item.file_offset > 0),
            "{variant:?}"
        );
        for hidden in [false, true] {
            // Nodes are numbered as they are written.
            let entries = census.items.iter().filter(|item| item.hidden == hidden);
            for (entry, known) in entries.zip(known.iter().filter(|item| item.hidden == hidden)) {
                let home = census.folders.iter().find(|folder| folder.id == entry.folder).unwrap();
                assert!(home.path.iter().map(|name| &**name).collect::<Vec<_>>().ends_with(known.folder));
                let item = reader.item(entry).unwrap();
                assert_eq!(item.anomalies, [], "{variant:?} {:?}", known.message.subject);
                same(&mut reader, entry.node, &[], &item, &known.message);
            }
        }
    }
}

/// A folder's tables list its items and its hidden ones, each once.
#[test]
fn contents_of_folders() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    for variant in Variant::all() {
        write_small(&path, variant).unwrap();
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        assert_eq!(census.folders.iter().filter(|folder| folder.is_search).count(), 1, "{variant:?}");
        for folder in &census.folders {
            for hidden in [false, true] {
                let Ok(mut listed) = reader.contents(folder.id, hidden) else {
                    assert_eq!(if hidden { folder.hidden } else { folder.expected }, 0, "{:?}", folder.path);
                    continue;
                };
                listed.sort_unstable();
                let items =
                    census.items.iter().filter(|item| item.folder == folder.id && item.hidden == hidden);
                assert_eq!(listed, items.map(|item| item.node).collect::<Vec<_>>(), "{variant:?}");
            }
        }
        for entry in census.items.iter().filter(|entry| entry.hidden) {
            assert_eq!(reader.item(entry).unwrap().class, "IPM.Configuration.Known");
        }
    }
}

#[test]
fn code_pages_of_files() {
    let folder = tempfile::tempdir().unwrap();
    for (page, text) in [
        (1252, "Grüße für 5 €"),
        (1251, "Привет"),
        (932, "こんにちは"),
        (936, "你好"),
        (949, "안녕"),
        (1255, "שלום"),
        (874, "สวัสดี"),
        (20866, "Привет"),
    ] {
        let path = folder.path().join("text.pst");
        write_codepage(&path, page, text).unwrap();
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        let (item, bodies) = reader.item_with_bodies(&census.items[0], LIMIT).unwrap();
        assert_eq!((item.subject.as_str(), bodies.plain.as_deref()), (text, Some(text)), "{page}");
    }
}

#[test]
fn deep_trees() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Unicode, Format::Ansi, Format::Unicode4k] {
        let path = folder.path().join("many.pst");
        write_many(&path, Variant { format, ..Variant::default() }, 3_000).unwrap();
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader_with_cache(1 << 18);
        let census = reader.census().unwrap();
        assert_eq!(census.expected(), 3_000, "{format:?}");
        assert!(census.items.iter().all(|item| item.origin == Origin::Listed), "{format:?}");
        for (entry, number) in census.items.iter().zip(0..) {
            assert_eq!(reader.item(entry).unwrap().subject, format!("Message {number}"), "{format:?}");
        }
    }
}

#[test]
fn large_attachments() {
    let folder = tempfile::tempdir().unwrap();
    let size = 20_000_001;
    for variant in Variant::all().filter(|variant| variant.encryption != Encryption::None) {
        let path = folder.path().join("large.pst");
        write_large(&path, variant, size).unwrap();
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader_with_cache(1 << 16);
        let census = reader.census().unwrap();
        let item = reader.item(&census.items[0]).unwrap();
        assert_eq!(item.attachments[0].size, size);
        let mut content = reader.attachment(item.node, &item.attachments[0].path).unwrap();
        for want in large_content(size) {
            let mut part = vec![0; want.len()];
            content.read_exact(&mut part).unwrap();
            assert!(part == want, "{variant:?}");
        }
        assert_eq!(content.read(&mut [0; 1]).unwrap(), 0, "{variant:?}");
    }
}

fn census_of(data: Vec<u8>) -> (Vec<mailscope_pst::Anomaly>, Census, usize) {
    let file = PstFile::from_source(std::sync::Arc::new(MemorySource(data))).unwrap();
    let mut reader = file.reader();
    let census = reader.census().unwrap();
    let whole =
        census.items.iter().filter(|entry| read_whole(&mut reader, entry, u64::MAX).failures.is_empty());
    let whole = whole.count();
    (file.anomalies().to_vec(), census, whole)
}

/// Each page of either tree is destroyed in turn: what other pages and older copies hold is still read, the loss is
/// named, and nothing is counted twice.
#[test]
fn every_tree_page_may_break() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pst");
    write_many(&path, Variant::default(), 300).unwrap();
    let sound = std::fs::read(&path).unwrap();
    let pages: Vec<usize> = (0..sound.len() / 512)
        .map(|page| page * 512)
        .filter(|at| matches!(sound[at + 496..at + 498], [0x80, 0x80] | [0x81, 0x81]))
        .collect();
    assert!(pages.len() > 40);
    for at in pages {
        let level = sound[at + 491];
        let mut data = sound.clone();
        data[at..at + 512].fill(0xAA);
        let (anomalies, census, whole) = census_of(data);
        let lost = anomalies.iter().any(|anomaly| anomaly.consequence >= Consequence::Repaired);
        assert!(lost, "the page at {at:#x} was in use");
        if level > 0 {
            // Branches hold nothing of their own: the leaves are all found.
            assert_eq!((census.expected(), whole), (300, 300), "branch at {at:#x}");
        } else {
            assert!(
                census.expected() >= 280 && whole >= 250,
                "leaf at {at:#x}: {whole} of {}",
                census.expected()
            );
        }
    }
}
