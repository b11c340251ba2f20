//! What the library says of real mail, beside what pffexport exports of the same files: bodies, recipients, attachments.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mailscope_engine::search::Request;
use mailscope_engine::source::SourceItem;
use mailscope_engine::text::html::to_text;
use mailscope_engine::{Library, LibraryOptions};
use mailscope_tests::corpus_file;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Each file with the subjects of items that cannot be compared; everything else must agree.
const FILES: &[(&str, &[&str])] = &[
    ("enron.pst", &[]),
    ("tika.pst", &[]),
    ("support.pst", &[]),
    ("recipients-200.pst", &[]),
    ("inline-attachments.pst", &[]),
    ("passworded-reports.pst", &[]),
    ("outlook-embedded.pst", &[]),
    ("mixed-items.pst", &[]),
    ("nested-messages.pst", &[]),
    ("ost-unicode-ole.ost", &[]),
    ("series-1.pst", &[]),
    ("tika-body-types.pst", &[]),
    // Its HTML is exported as bytes of code page 1252, which this test does not decode.
    ("ost-4k-calendar.ost", &["Welcome to your new Outlook.com account"]),
];

/// What both can say of an item. Words instead of text: the two end lines differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Facts {
    subject: String,
    words: Vec<String>,
    recipients: Vec<String>,
    /// Name and size of each file that it carries.
    attachments: Vec<(String, u64)>,
}

#[test]
fn bodies_recipients_and_attachments_agree_with_pffexport() {
    const TEST: &str = "bodies_recipients_and_attachments_agree_with_pffexport";
    if Command::new("pffexport").arg("-V").output().is_err() {
        eprintln!("skipped: {TEST} (pffexport is not installed)");
        return;
    }
    let mut compared = 0;
    let mut differences = Vec::new();
    for (name, known) in FILES {
        let Some(path) = corpus_file(TEST, name) else { continue };
        let theirs = exported(&path);
        let mut ours = imported(&path);
        assert!(!theirs.is_empty(), "{name}: pffexport exported nothing");
        for item in &theirs {
            if known.contains(&item.subject.as_str()) {
                continue;
            }
            match ours.iter().position(|our| our == item) {
                Some(at) => {
                    ours.remove(at);
                }
                None => {
                    let near: Vec<_> = ours.iter().filter(|our| our.subject == item.subject).collect();
                    differences.push(format!("{name}: theirs {item:?}\n  ours {near:?}"));
                }
            }
        }
        compared += 1;
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    assert!(compared == 0 || compared >= 10, "only {compared} files were compared");
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// What the library says of every item.
fn imported(path: &Path) -> Vec<Facts> {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(LibraryOptions::new(folder.path())).unwrap();
    library.import(&[path.to_owned()]);
    library.wait_idle();
    let page = library.search(&Request { limit: 10_000, ..Request::default() }).unwrap();
    page.hits
        .iter()
        .map(|hit| {
            let shown = library.show(hit.row.id, &[], None).unwrap();
            let item: &SourceItem = library.live_item(&shown).unwrap();
            let mut recipients: Vec<String> =
                item.recipients.iter().map(|(_, person)| person.name.clone()).collect();
            recipients.sort();
            let direct = item.attachments.iter().filter(|a| a.path.len() == 1 && a.method == "file");
            let mut attachments: Vec<_> = direct.map(|a| (plain_name(&a.name), a.size)).collect();
            attachments.sort();
            Facts {
                subject: item.subject.trim().to_owned(),
                words: words(&item.text),
                recipients,
                attachments,
            }
        })
        .collect()
}

/// What pffexport writes of every item that has text: one folder each.
fn exported(path: &Path) -> Vec<Facts> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let status =
        Command::new("pffexport").args(["-q", "-m", "items", "-t"]).arg(&target).arg(path).output().unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    let mut found = Vec::new();
    walk(&folder.path().join("out.export"), &mut found);
    found
}

fn walk(folder: &Path, found: &mut Vec<Facts>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let read =
        |name: &str| std::fs::read(folder.join(name)).ok().map(|b| String::from_utf8_lossy(&b).into_owned());
    if let Some(headers) = read("OutlookHeaders.txt") {
        let from_html = || read("Message.html").map(|page| to_text(&page, usize::MAX));
        if let Some(text) = read("Message.txt").or_else(from_html) {
            found.push(facts(folder, &headers, &text, read("Recipients.txt").as_deref()));
        }
        return;
    }
    for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
        walk(&entry.path(), found);
    }
}

fn facts(folder: &Path, headers: &str, text: &str, recipients: Option<&str>) -> Facts {
    let fields: BTreeMap<&str, &str> = headers
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    let names = recipients.unwrap_or_default().lines().filter_map(|line| line.strip_prefix("Display name:"));
    let mut recipients: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
    recipients.sort();
    let mut attachments = Vec::new();
    for entry in std::fs::read_dir(folder.join("Attachments")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let facts = entry.metadata().unwrap();
        // "1_name": the number is pffexport's own.
        if let Some((number, name)) = name.split_once('_')
            && facts.is_file()
            && number.bytes().all(|b| b.is_ascii_digit())
        {
            attachments.push((plain_name(name), facts.len()));
        }
    }
    attachments.sort();
    let subject = fields.get("Subject").copied().unwrap_or_default().to_owned();
    Facts { subject, words: words(text), recipients, attachments }
}

/// pffexport replaces what file systems do not take.
fn plain_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '.' { c } else { '_' }).collect()
}
