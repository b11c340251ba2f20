//! What each reader finds in each file of a folder, side by side, and why they differ.

use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, run, say};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the readers found in one file. `None`: it could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    name: String,
    format: String,
    /// Normal message nodes of the node B-tree.
    nodes: u64,
    ours: Ours,
    libpff: Option<Libpff>,
    readpst: Option<Readpst>,
    outlook_pst: Result<OutlookPst, String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Ours {
    items: u64,
    /// Items of which only the row of a contents table is left.
    partial: u64,
    failed: u64,
    hidden: u64,
    /// Deleted items that are still in the file.
    recovered: u64,
    attachments: u64,
    embedded: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Libpff {
    items: u64,
    recovered: u64,
    /// Those of them that are former states of items that it exports, or rows of tables that list these.
    former: u64,
    attachments: u64,
    /// Items whose type it could not tell.
    untyped: u64,
    /// Whether it gave up.
    stopped: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Readpst {
    items: u64,
    /// By its own count.
    skipped: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct OutlookPst {
    items: u64,
    failed: u64,
    /// Items whose recipients it cannot read.
    incomplete: u64,
}

/// Reads every file of the folder of test mail, or `files`, with every reader; prints the table or writes it to the file
/// that follows `-o`.
///
/// # Errors
/// When something does not build or start; when one of the others finds an item that ours does not.
pub fn compare(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let (mut files, mut output) = (Vec::new(), None);
    let mut rest = arguments.iter();
    while let Some(&argument) = rest.next() {
        match argument {
            "-o" => output = Some(*rest.next().ok_or_else(|| Failure::new("-o wants the name of a file"))?),
            file => files.push(fs::canonicalize(file).context(file)?),
        }
    }
    if files.is_empty() {
        let corpus = project.corpus().ok_or_else(|| {
            Failure::new("There is no folder of test mail; set MAILSCOPE_CORPUS or name the files.")
        })?;
        files = mail_in(&corpus)?;
    }
    packages::ensure(&project.root, packages::COMPARISON)?;
    let build = [
        "build",
        "--release",
        "--locked",
        "--package",
        "mailscope-pst",
        "--example",
        "read_all",
        "--example",
    ];
    run(command(&project.root, "cargo", build).arg("outlook_pst_all"))?;
    let examples = project.target()?.join("release/examples");
    let scratch = project.target()?.join("compare");
    let mut all = Vec::new();
    for file in &files {
        headline(file.file_name().unwrap_or_default().to_string_lossy());
        all.push(look(&examples, file, &scratch)?);
    }
    let text = page(&all);
    match output {
        Some(path) => fs::write(path, &text).context(path)?,
        None => say(text),
    }
    let below: Vec<&str> =
        all.iter().filter(|found| !below(found).is_empty()).map(|f| f.name.as_str()).collect();
    if below.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("ours finds less than another in {}", below.join(", "))))
}

/// The Outlook data files of a folder, by name.
pub fn mail_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.extension().is_some_and(|end| end == "pst" || end == "ost") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn look(examples: &Path, file: &Path, scratch: &Path) -> Result<Found, Failure> {
    let said = |name: &str, more: &[&str]| -> Result<Output, Failure> {
        let program = examples.join(name).with_extension(std::env::consts::EXE_EXTENSION);
        Command::new(program).arg(file).args(more).stdin(Stdio::null()).output().context(name)
    };
    let read = said("read_all", &["--census"])?;
    let lines: Vec<Value> = String::from_utf8_lossy(&read.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let [file_facts, sums] = lines.as_slice() else {
        return Err(Failure::new(format!(
            "read_all cannot read {}: {}",
            file.display(),
            String::from_utf8_lossy(&read.stderr)
        )));
    };
    let number = |value: &Value, field: &str| value[field].as_u64().unwrap_or(0);
    let word = |field: &str| file_facts[field].as_str().unwrap_or_default().to_owned();
    let other = said("outlook_pst_all", &[])?;
    let outlook_pst = match serde_json::from_slice::<Value>(&other.stdout) {
        Ok(sums) => Ok(OutlookPst {
            items: number(&sums, "items"),
            failed: number(&sums, "failed"),
            incomplete: number(&sums, "incomplete"),
        }),
        Err(_) => Err(reason(&String::from_utf8_lossy(&other.stderr))),
    };
    Ok(Found {
        name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        format: format!("{} {}", word("format"), word("kind").to_uppercase()),
        nodes: number(file_facts, "message_nodes"),
        ours: Ours {
            items: number(sums, "items"),
            partial: number(sums, "partial"),
            failed: number(sums, "failed"),
            hidden: number(sums, "hidden"),
            recovered: number(sums, "recovered"),
            attachments: number(sums, "attachments"),
            embedded: number(sums, "embedded"),
        },
        libpff: libpff(file, scratch)?,
        readpst: readpst(file, scratch)?,
        outlook_pst,
    })
}

/// The innermost cause that a program names, without quotes.
fn reason(complaint: &str) -> String {
    let line = complaint.lines().find(|line| line.contains("rror")).unwrap_or("it ends early");
    let line = line.trim_start_matches("Error: ");
    let inner = line.rsplit_once("error: ").map_or(line, |(_, inner)| inner);
    inner.trim_end_matches([' ', '}', ')']).replace(['"', '|'], "").chars().take(80).collect()
}

fn fresh(scratch: &Path) -> Result<(), Failure> {
    if scratch.exists() {
        fs::remove_dir_all(scratch).context(scratch.display())?;
    }
    fs::create_dir_all(scratch).context(scratch.display())
}

fn text_of(output: &Output) -> String {
    [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat()
}

fn libpff(file: &Path, scratch: &Path) -> Result<Option<Libpff>, Failure> {
    fresh(scratch)?;
    let mut export = Command::new("pffexport");
    export.args(["-q", "-m", "all", "-t"]).arg(scratch.join("out")).arg(file).stdin(Stdio::null());
    let output = export.output().context("pffexport")?;
    let said = text_of(&output);
    let mut found = Libpff {
        untyped: said.matches("unable to retrieve item type").count() as u64,
        stopped: !output.status.success(),
        ..Libpff::default()
    };
    walk(&scratch.join("out.export"), false, &is_item, &mut found.items, &mut found.attachments);
    // Among what it recovers `Folder00001` is a folder; elsewhere it is an item whose class it does not know.
    let is_recovered = |name: &str| is_item(name) && !name.starts_with("Folder");
    for more in ["out.recovered", "out.orphans"] {
        walk(&scratch.join(more), false, &is_recovered, &mut found.recovered, &mut 0);
    }
    let (mut exported, mut recovered) = (Vec::new(), Vec::new());
    marks(&scratch.join("out.export"), false, &mut exported);
    for more in ["out.recovered", "out.orphans"] {
        marks(&scratch.join(more), false, &mut recovered);
    }
    found.former = recovered.iter().filter(|mark| exported.contains(mark)).count() as u64;
    Ok(scratch.join("out.export").exists().then_some(found))
}

/// Counts pffexport's folders of items (`Message00001`), those inside attachments left out, and its attachments.
fn walk(folder: &Path, inside: bool, is_item: &dyn Fn(&str) -> bool, items: &mut u64, attachments: &mut u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if folder.file_name().is_some_and(|name| name == "Attachments") {
            *attachments += 1;
        }
        if is_folder {
            let attached = inside || name == "Attachments";
            *items += u64::from(!attached && is_item(&name));
            walk(&entry.path(), attached, is_item, items, attachments);
        }
    }
}

/// Subject and time of delivery of pffexport's items, those inside attachments left out: what the states of one item have
/// in common.
fn marks(folder: &Path, inside: bool, all: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_one = folder.file_name().is_some_and(|name| is_item(&name.to_string_lossy()));
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            let attached = inside || path.file_name().is_some_and(|name| name == "Attachments");
            if !attached {
                marks(&path, attached, all);
            }
        } else if is_one && path.extension().is_some_and(|end| end == "txt") {
            let text = fs::read(&path).unwrap_or_default();
            all.extend(mark(&String::from_utf8_lossy(&text)));
        }
    }
}

/// The mark in the file of facts that pffexport writes for an item; its other files have none.
fn mark(facts: &str) -> Option<(String, String)> {
    let field = |name: &str| {
        let line = facts.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_matches(['\t', ' ', '\r', '\0']).to_owned())
    };
    Some((field("Subject:").unwrap_or_default(), field("Delivery time:")?))
}

fn is_item(name: &str) -> bool {
    const KINDS: &[&str] = &[
        "Message",
        "Appointment",
        "Meeting",
        "Contact",
        "Task",
        "Note",
        "DistributionList",
        "Activity",
        "Document",
        "Folder",
        "RSSFeed",
        "Report",
        "Sharing",
        "Post",
        "Journal",
        "Conflict",
    ];
    name.split_at_checked(name.len().saturating_sub(5)).is_some_and(|(kind, digits)| {
        KINDS.contains(&kind) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn readpst(file: &Path, scratch: &Path) -> Result<Option<Readpst>, Failure> {
    fresh(scratch)?;
    let mut export = Command::new("readpst");
    // Without helpers: with them it loses messages, as they share the place in the file.
    export.args(["-j", "0", "-e", "-D", "-o"]).arg(scratch).arg(file).stdin(Stdio::null());
    let output = export.output().context("readpst")?;
    let skipped = text_of(&output).lines().filter_map(skipped_in).sum();
    let mut items = 0;
    count_files(scratch, &mut items);
    Ok((output.status.success()).then_some(Readpst { items, skipped }))
}

/// Out of `"Inbox" - 13 items done, 2 items skipped.`
fn skipped_in(line: &str) -> Option<u64> {
    line.rsplit_once("items done, ")?.1.split_whitespace().next()?.parse().ok()
}

fn count_files(folder: &Path, count: &mut u64) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            count_files(&path, count);
        } else if path.extension().is_some_and(|end| ["eml", "ics", "vcf"].iter().any(|kind| end == *kind)) {
            *count += 1;
        }
    }
}

/// The readers that find more than ours.
fn below(found: &Found) -> Vec<&'static str> {
    let ours = found.ours;
    let mut more = Vec::new();
    if ours.items + ours.partial + ours.failed < found.nodes {
        more.push("the node tree");
    }
    if found.libpff.is_some_and(|theirs| theirs.items > ours.items || theirs.attachments > ours.attachments) {
        more.push("libpff");
    }
    if found.libpff.is_some_and(|theirs| theirs.recovered - theirs.former > ours.recovered) {
        more.push("what libpff recovers");
    }
    if found.readpst.is_some_and(|theirs| theirs.items > ours.items) {
        more.push("libpst");
    }
    if found.outlook_pst.as_ref().is_ok_and(|theirs| theirs.items > ours.items) {
        more.push("outlook-pst");
    }
    more
}

/// Why the numbers of a file differ, by rule.
fn differences(found: &Found) -> Vec<String> {
    let ours = found.ours;
    let mut why = Vec::new();
    match ours.items.cmp(&found.nodes) {
        std::cmp::Ordering::Greater => {
            why.push(format!("{} more are known by a folder's table alone", ours.items - found.nodes));
        }
        std::cmp::Ordering::Less => why.push(format!("ours cannot read {}", found.nodes - ours.items)),
        std::cmp::Ordering::Equal => {}
    }
    if ours.partial > 0 {
        why.push(format!("of {} no more is left than the row of a table", ours.partial));
    }
    if ours.failed > 0 {
        why.push(format!("{} items or parts of them cannot be read and are counted as failed", ours.failed));
    }
    match found.libpff {
        None => why.push("libpff cannot open it".into()),
        Some(theirs) => {
            let missing = ours.items.saturating_sub(theirs.items);
            if missing > 0 && theirs.stopped {
                why.push(format!("libpff stops at damage, {missing} short"));
            } else if missing > 0 && theirs.untyped > 0 {
                why.push(format!("libpff leaves out {missing} whose class it cannot tell"));
            } else if missing > 0 {
                why.push(format!("libpff leaves out {missing} without a word"));
            }
            let deleted = theirs.recovered - theirs.former;
            if theirs.former > 0 {
                why.push(format!(
                    "{} of what libpff recovers are former states of items in use, or rows of tables that list them",
                    theirs.former
                ));
            }
            if deleted > ours.recovered {
                why.push(format!("libpff recovers {} more deleted ones", deleted - ours.recovered));
            }
            if theirs.attachments < ours.attachments {
                why.push(format!(
                    "libpff does not export {} attachments: references, objects, and those of what it leaves out",
                    ours.attachments - theirs.attachments
                ));
            }
        }
    }
    match found.readpst {
        None => why.push("libpst cannot open it".into()),
        Some(theirs) => {
            let missing = ours.items.saturating_sub(theirs.items);
            let silent = missing.saturating_sub(theirs.skipped);
            if missing > 0 && theirs.items == 0 && theirs.skipped == 0 {
                why.push("libpst finds no folder in it".into());
            } else {
                if missing > silent {
                    why.push(format!(
                        "libpst skips {}: it writes letters, appointments and contacts alone",
                        missing - silent
                    ));
                }
                if silent > 0 {
                    why.push(format!("libpst leaves out {silent} without counting them"));
                }
            }
        }
    }
    match &found.outlook_pst {
        Err(_) if found.format.ends_with("OST") => why.push("outlook-pst refuses OST".into()),
        Err(reason) => why.push(format!("outlook-pst stops: {reason}")),
        Ok(theirs) => {
            let missing = ours.items.saturating_sub(theirs.items);
            if theirs.failed > 0 {
                why.push(format!(
                    "outlook-pst fails on {} items or folders, hidden ones among them",
                    theirs.failed
                ));
            }
            if theirs.incomplete > 0 {
                why.push(format!("outlook-pst cannot read the recipients of {}", theirs.incomplete));
            }
            if missing > theirs.failed {
                why.push(format!("outlook-pst does not see {}", missing - theirs.failed));
            }
        }
    }
    for other in below(found) {
        why.push(format!("**ours is below {other}**"));
    }
    why
}

fn page(all: &[Found]) -> String {
    let mut text = String::from(
        "# What each reader finds\n\nWritten by `cargo xtask compare`. Items are counted, hidden (associated) messages and \
         embedded ones apart. Node tree: message nodes of the node B-tree. Ours: items read in full, by `read_all --census`. \
         libpff: folders of items that `pffexport -m all` exports. libpst: files that `readpst -e -D` writes. outlook-pst: \
         messages that its `Message::read` gives. Deleted: items that ours and libpff recover beyond that; what \
         libpff recovers with the subject and time of delivery of an item that it exports is a former state of that, or a row of \
         a table that lists it, and nothing that was deleted: ours leaves it out. The last column follows from the numbers by rule.\n\n\
         | File | Format | Node tree | Ours | libpff | libpst | outlook-pst | Hidden | Deleted, ours | Deleted, libpff | \
         Attachments, ours | Attachments, libpff | Embedded | Why they differ |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for found in all {
        let or_dash = |value: Option<u64>| value.map_or("–".to_owned(), |value| value.to_string());
        let ours = found.ours;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            found.name,
            found.format,
            found.nodes,
            ours.items,
            or_dash(found.libpff.map(|theirs| theirs.items)),
            or_dash(found.readpst.map(|theirs| theirs.items)),
            or_dash(found.outlook_pst.as_ref().ok().map(|theirs| theirs.items)),
            ours.hidden,
            ours.recovered,
            or_dash(found.libpff.map(|theirs| theirs.recovered)),
            ours.attachments,
            or_dash(found.libpff.map(|theirs| theirs.attachments)),
            ours.embedded,
            differences(found).join("; ")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found {
        Found {
            name: "a.pst".into(),
            format: "Unicode PST".into(),
            nodes: 5,
            ours: Ours { items: 5, ..Ours::default() },
            libpff: Some(Libpff { items: 5, ..Libpff::default() }),
            readpst: Some(Readpst { items: 5, skipped: 0 }),
            outlook_pst: Ok(OutlookPst { items: 5, ..OutlookPst::default() }),
        }
    }

    #[test]
    fn differences_have_reasons() {
        let check = |change: fn(&mut Found), want: &[&str]| {
            let mut found = found();
            change(&mut found);
            assert_eq!(differences(&found), want);
        };
        check(|_| {}, &[]);
        check(|f| f.nodes = 4, &["1 more are known by a folder's table alone"]);
        check(|f| f.libpff = None, &["libpff cannot open it"]);
        check(
            |f| f.libpff = Some(Libpff { items: 3, untyped: 1, ..Libpff::default() }),
            &["libpff leaves out 2 whose class it cannot tell"],
        );
        check(
            |f| f.readpst = Some(Readpst { items: 2, skipped: 2 }),
            &[
                "libpst skips 2: it writes letters, appointments and contacts alone",
                "libpst leaves out 1 without counting them",
            ],
        );
        check(|f| f.readpst = Some(Readpst::default()), &["libpst finds no folder in it"]);
        check(
            |f| {
                f.format = "Unicode4k OST".into();
                f.outlook_pst = Err("no".into());
            },
            &["outlook-pst refuses OST"],
        );
        check(
            |f| f.outlook_pst = Ok(OutlookPst { items: 6, ..OutlookPst::default() }),
            &["**ours is below outlook-pst**"],
        );
        check(
            |f| f.libpff = Some(Libpff { items: 5, recovered: 3, former: 2, ..Libpff::default() }),
            &[
                "2 of what libpff recovers are former states of items in use, or rows of tables that list them",
                "libpff recovers 1 more deleted ones",
                "**ours is below what libpff recovers**",
            ],
        );
        check(
            |f| (f.nodes, f.ours.partial) = (6, 1),
            &["ours cannot read 1", "of 1 no more is left than the row of a table"],
        );
        check(|f| f.nodes = 6, &["ours cannot read 1", "**ours is below the node tree**"]);
    }

    #[test]
    fn folders_of_items_are_known_by_their_names() {
        let check = |name: &str, want: bool| assert_eq!(is_item(name), want, "{name}");
        check("Message00001", true);
        check("DistributionList00012", true);
        check("Messages", false);
        check("Inbox00001", false);
        check("é0000", false);
        check("", false);
    }

    #[test]
    fn items_are_known_by_subject_and_time() {
        let facts = "Message:\nDelivery time:\t\t\t\tJun 21, 2011\nSubject:\t\t\tTea\n";
        assert_eq!(mark(facts), Some(("Tea".into(), "Jun 21, 2011".into())));
        assert_eq!(mark("Delivery time:\tx"), Some((String::new(), "x".into())));
        assert_eq!(mark("Recipients:\nSubject: x"), None);
    }

    #[test]
    fn what_programs_say_is_understood() {
        assert_eq!(skipped_in("\t\"Inbox\" - 13 items done, 2 items skipped."), Some(2));
        assert_eq!(skipped_in("Processing Folder \"Inbox\""), None);
        assert_eq!(reason("Error: Custom { kind: InvalidData, error: \"bad\" }"), "bad");
        assert_eq!(reason(""), "it ends early");
    }
}
