//! `readpst` and `pffexport` export what we write.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use mailscope_pst::write::{
    Content, Encryption, Format, RtfForm,
    sample::write_sample,
    small::{KnownItem, Variant, write_many, write_small},
};
use tempfile::tempdir;

/// Runs a program and gives what it said; `None`, by name, where it is not installed.
fn run<S: AsRef<OsStr>>(test: &str, program: &str, arguments: &[S]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            assert!(output.status.success(), "{program}: {said}");
            Some(said)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            eprintln!("{test}: not run with {program}, which is not installed");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { out.push(path) }
        }
    }
    out
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// `readpst` without helpers: with them it loses messages, as they share the place in the file.
fn readpst(test: &str, file: &Path, out: &Path) -> Option<Vec<PathBuf>> {
    fs::create_dir_all(out).unwrap();
    let arguments =
        [OsStr::new("-j"), OsStr::new("0"), OsStr::new("-e"), OsStr::new("-o"), out.as_ref(), file.as_ref()];
    run(test, "readpst", &arguments).map(|_| files(out))
}

fn pffexport(test: &str, file: &Path, out: &Path) -> Option<(String, Vec<PathBuf>)> {
    fs::create_dir_all(out).unwrap();
    let target = out.join("x");
    let arguments = [
        OsStr::new("-q"),
        OsStr::new("-m"),
        OsStr::new("all"),
        OsStr::new("-t"),
        target.as_ref(),
        file.as_ref(),
    ];
    run(test, "pffexport", &arguments).map(|said| (said, files(out)))
}

/// Lines in which a program complains.
fn complaints(said: &str) -> Vec<&str> {
    let words = ["unable", "corrupt", "mismatch", "invalid", "unsupported", "missing"];
    said.lines().filter(|line| words.iter().any(|word| line.contains(word))).collect()
}

/// Every attachment with content, by name, as it was written.
fn contents(items: &[KnownItem]) -> BTreeMap<String, Vec<u8>> {
    let all = items.iter().flat_map(|item| &item.message.attachments);
    all.filter_map(|attachment| match &attachment.content {
        Content::Bytes(bytes) if !bytes.is_empty() => Some((attachment.name.clone(), bytes.clone())),
        _ => None,
    })
    .collect()
}

#[test]
fn readpst_exports_small_files() {
    for variant in Variant::all().filter(|variant| variant.format != Format::Unicode4k) {
        let directory = tempdir().unwrap();
        let file = directory.path().join("small.pst");
        let items = write_small(&file, variant).unwrap();
        let Some(found) = readpst("readpst_exports_small_files", &file, &directory.path().join("out")) else {
            return;
        };
        let mails = items.iter().filter(|item| !item.hidden && item.message.class.is_empty());
        let mails: Vec<_> = mails.collect();
        let exported: Vec<_> = found.iter().filter(|path| name(path).ends_with(".eml")).collect();
        assert_eq!(exported.len(), mails.len(), "{variant:?}");
        let texts: Vec<String> = exported
            .iter()
            .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
            .collect();
        for item in mails.iter().filter(|item| item.message.subject.is_ascii()) {
            let subject = format!("Subject: {}", item.message.subject.trim_end());
            assert!(texts.iter().any(|text| text.contains(&subject)), "{variant:?}: {subject}");
        }
        assert!(texts.iter().any(|text| text.contains("plain text it is.")));
        assert!(texts.iter().any(|text| text.contains("<p>Hello <b>Bo</b></p>")));
    }
}

#[test]
fn pffexport_exports_small_files() {
    for variant in Variant::all() {
        let directory = tempdir().unwrap();
        let file = directory.path().join("small.pst");
        let items = write_small(&file, variant).unwrap();
        let out = directory.path().join("out");
        let Some((said, found)) = pffexport("pffexport_exports_small_files", &file, &out) else { return };
        for (name_wanted, bytes) in contents(&items) {
            let path = found.iter().find(|path| name(path).ends_with(&format!("_{name_wanted}")));
            let path = path.unwrap_or_else(|| panic!("{variant:?}: {name_wanted} is missing\n{said}"));
            assert!(fs::read(path).unwrap() == bytes, "{variant:?}: {name_wanted}");
        }
        let uncompressed = |item: &&KnownItem| {
            item.message.rtf.as_ref().is_some_and(|rtf| rtf.form == RtfForm::Uncompressed)
        };
        assert_eq!(items.iter().filter(uncompressed).count(), 1);
        // Of uncompressed RTF it wants the checksum that [MS-OXRTFCP] 2.1.3.1.1 has zero.
        let said = complaints(&said);
        let expected = |line: &&&str| {
            line.contains("rtf")
                || line.contains("RTF")
                || line.contains("lzfu")
                || line.contains("export message body")
                || line.contains("unable to decompress value data")
        };
        let other: Vec<_> = said.iter().filter(|line| !expected(line)).collect();
        // Of a permuted 4k file it cannot read a heap of two blocks; of the same file unencoded it can.
        let heap = variant.format == Format::Unicode4k && variant.encryption == Encryption::Permute;
        let heap_line = |line: &&&&str| heap && (line.contains("recipients") || line.contains("read table"));
        let other: Vec<_> = other.iter().filter(|line| !heap_line(line)).collect();
        assert!(other.is_empty(), "{variant:?}: {other:#?}");
    }
}

#[test]
fn both_export_a_large_folder() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("many.pst");
    write_many(&file, Variant::default(), 1_000).unwrap();
    if let Some(found) = readpst("both_export_a_large_folder", &file, &directory.path().join("readpst")) {
        assert_eq!(found.iter().filter(|path| name(path).ends_with(".eml")).count(), 1_000);
    }
    if let Some((said, found)) =
        pffexport("both_export_a_large_folder", &file, &directory.path().join("pffexport"))
    {
        assert_eq!(complaints(&said), Vec::<&str>::new());
        assert_eq!(found.iter().filter(|path| name(path) == "Message.txt").count(), 1_000);
    }
}

#[test]
fn both_export_the_sample() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("sample.pst");
    let count = write_sample(&file).unwrap();
    if let Some(found) = readpst("both_export_the_sample", &file, &directory.path().join("readpst")) {
        // It leaves out four tasks, three notes, the list and two deleted messages.
        assert_eq!(found.len() + 10, count);
    }
    if let Some((said, found)) =
        pffexport("both_export_the_sample", &file, &directory.path().join("pffexport"))
    {
        assert_eq!(complaints(&said), Vec::<&str>::new());
        let kinds = ["OutlookHeaders", "Contact", "Appointment", "Task", "Note", "DistributionList"];
        let is_item = |path: &&PathBuf| kinds.iter().any(|kind| name(path) == format!("{kind}.txt"));
        // Two of the messages are inside others.
        assert_eq!(found.iter().filter(is_item).count(), count + 2);
    }
}
