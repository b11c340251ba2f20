//! What is generated, read again: by our reader, item by item against what the generator says, and by others.
// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Cursor};
use std::path::Path;
use std::process::Command;

use mailscope_generate::{Profile, Recipe, Share, Written, write};
use mailscope_pst::{AttachmentMethod, Item, ItemEntry, MemorySource, NodeId, Origin, PstFile, Reader};

const LIMIT: usize = 16 << 20;

fn recipe(profile: Profile) -> Recipe {
    let items = if profile == Profile::Attachments { 4 } else { 400 };
    Recipe { items, seed: 7, profile, changed: None }
}

fn generate(recipe: Recipe) -> (Vec<u8>, Written) {
    let (file, written) = write(recipe, Cursor::new(Vec::new())).unwrap();
    (file.into_inner(), written)
}

fn open(bytes: Vec<u8>) -> PstFile {
    PstFile::from_source(std::sync::Arc::new(MemorySource(bytes))).unwrap()
}

/// Reads all that an item holds and counts it.
fn read(reader: &mut Reader<'_>, node: NodeId, path: &[NodeId], item: &Item, count: &mut Written) {
    assert_eq!(item.anomalies, [], "{:?}", item.subject);
    let bodies = reader.embedded_bodies(node, path, LIMIT).unwrap();
    assert_eq!(bodies.anomalies, [], "{:?}", item.subject);
    for attachment in &item.attachments {
        count.attachments += 1;
        if let Some(inner) = &attachment.embedded {
            count.embedded += 1;
            read(reader, node, &attachment.path, inner, count);
            continue;
        }
        assert_eq!(attachment.method, AttachmentMethod::ByValue, "{:?}", attachment.name);
        let mut content = reader.attachment(node, &attachment.path).unwrap();
        let size = io::copy(&mut content, &mut io::sink()).unwrap();
        assert_eq!(size, attachment.size, "{:?}", attachment.name);
        count.attachment_bytes += size;
    }
}

#[test]
fn the_same_recipe_gives_the_same_bytes() {
    for (profile, _) in Profile::ALL {
        let (first, second) = (generate(recipe(profile)), generate(recipe(profile)));
        assert!(first.0 == second.0, "{profile}");
        assert_eq!(first.1, second.1);
        let other = generate(Recipe { seed: 8, ..recipe(profile) });
        assert!(first.0 != other.0, "{profile}");
    }
}

#[test]
fn our_reader_finds_what_was_written() {
    for (profile, _) in Profile::ALL {
        let (bytes, written) = generate(recipe(profile));
        let file = open(bytes);
        assert_eq!(file.anomalies(), [], "{profile}");
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        assert!(census.items.iter().all(|entry| entry.origin == Origin::Listed), "{profile}");
        let mut found = Written {
            items: census.expected(),
            hidden: census.hidden(),
            // Beside them the root, the two tops, and the search folder.
            folders: census.folders.len() as u64 - 4,
            ..Written::default()
        };
        for entry in &census.items {
            let item = reader.item(entry).unwrap();
            read(&mut reader, entry.node, &[], &item, &mut found);
            reader.properties(entry, LIMIT).unwrap();
        }
        assert_eq!(found, written, "{profile}");
        assert_eq!(written.items, recipe(profile).items);
    }
}

/// What a mailbox of letters is like: long enough, answered, in many tongues, some of it unread.
#[test]
fn mail_is_like_mail() {
    let (bytes, _) = generate(Recipe { items: 3_000, ..recipe(Profile::Mail) });
    let file = open(bytes);
    let mut reader = file.reader();
    let census = reader.census().unwrap();
    let (mut words, mut letters, mut answers, mut known, mut unread) = (0, 0, 0, 0, 0);
    let (mut html, mut plain, mut rtf) = (0, 0, 0);
    let mut ids: HashMap<String, u64> = HashMap::new();
    let mut senders: BTreeMap<String, u64> = BTreeMap::new();
    let mut letters_of = [0u64; 5];
    for entry in census.items.iter().filter(|entry| !entry.hidden) {
        let (item, bodies) = reader.item_with_bodies(entry, LIMIT).unwrap();
        if item.class != "IPM.Note" {
            continue;
        }
        letters += 1;
        *ids.entry(item.message_id.clone()).or_default() += 1;
        *senders.entry(item.sender.address.clone()).or_default() += 1;
        unread += u64::from(item.flags & 1 == 0);
        if !item.in_reply_to.is_empty() {
            answers += 1;
            known += u64::from(ids.contains_key(&item.in_reply_to));
            assert!(item.references.ends_with(&item.in_reply_to), "{}", item.references);
            assert!(item.conversation_index.len() >= 27, "{:?}", item.conversation_index);
        }
        html += u64::from(bodies.html.is_some());
        rtf += u64::from(bodies.rtf.is_some());
        if let Some(text) = &bodies.plain {
            plain += 1;
            words += text.split_whitespace().count() as u64;
            for (count, script) in
                letters_of.iter_mut().zip(['а'..='я', 'α'..='ω', '一'..='鿿', 'א'..='ת', 'ا'..='ي'])
            {
                *count += u64::from(text.chars().any(|letter| script.contains(&letter)));
            }
        }
    }
    assert!((200..300).contains(&(words / plain)), "{} words", words / plain);
    assert!(answers * 3 > letters && known * 10 > answers * 9, "{known} of {answers} of {letters}");
    assert!(html > 0 && rtf > 0 && plain > html, "{html} {rtf} {plain}");
    assert!(unread * 50 > letters && unread * 3 < letters, "{unread} of {letters}");
    assert!(ids.values().any(|&count| count > 1), "some letters are there twice");
    assert!(letters_of.iter().all(|&count| count > 5), "{letters_of:?}");
    let mut active: Vec<u64> = senders.into_values().collect();
    active.sort_unstable();
    assert!(active.len() > 200 && active.iter().rev().take(10).sum::<u64>() * 4 > letters);
}

/// (Node, data, sub-nodes, folder) of every item.
fn entries(bytes: Vec<u8>) -> BTreeMap<NodeId, ItemEntry> {
    let file = open(bytes);
    let census = file.reader().census().unwrap();
    census.items.into_iter().map(|entry| (entry.node, entry)).collect()
}

#[test]
fn the_second_state_differs_as_it_says() {
    let first = Recipe { items: 2_000, ..recipe(Profile::Mail) };
    let second = Recipe { changed: Some(Share(1_000)), ..first };
    let (before, _) = generate(first);
    let (after, said) = generate(second);
    let (key, later_key) = (open(before.clone()), open(after.clone()));
    assert_eq!(key.store().record_key, later_key.store().record_key);
    let (before, after) = (entries(before), entries(after));
    let mut found = Written::default();
    for (node, entry) in &after {
        match before.get(node) {
            None => found.new += 1,
            Some(old) if (old.data, old.sub) != (entry.data, entry.sub) => found.changed += 1,
            Some(old) if old.folder != entry.folder => found.moved += 1,
            Some(_) => {}
        }
    }
    found.deleted = before.keys().filter(|node| !after.contains_key(node)).count() as u64;
    assert_eq!(
        (found.new, found.changed, found.moved, found.deleted),
        (said.new, said.changed, said.moved, said.deleted)
    );
    let all = said.new + said.changed + said.moved + said.deleted;
    assert!((150..250).contains(&all), "{said:?}");
    assert_eq!(after.values().filter(|entry| !entry.hidden).count() as u64, said.items);
}

/// Runs a program and gives what it said; `None`, by name, where it is not installed.
fn run(program: &str, arguments: &[&Path]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            assert!(output.status.success(), "{program}: {said}");
            Some(said)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            eprintln!("not run with {program}, which is not installed");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

fn count(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> usize {
    let mut found = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let is_folder = entry.file_type().unwrap().is_dir();
        if is_folder {
            found += count(&entry.path(), wanted);
        } else if wanted(&entry.file_name().to_string_lossy()) {
            found += 1;
        }
    }
    found
}

/// What programs say when something is wrong with a file.
const COMPLAINTS: [&str; 6] = ["unable", "corrupt", "mismatch", "invalid", "unsupported", "missing"];

#[test]
fn pffexport_reads_every_item() {
    for (profile, _) in Profile::ALL {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made.pst");
        let (bytes, written) = generate(recipe(profile));
        fs::write(&file, bytes).unwrap();
        let target = folder.path().join("out");
        let arguments =
            [Path::new("-q"), Path::new("-m"), Path::new("items"), Path::new("-t"), &target, &file];
        let Some(said) = run("pffexport", &arguments) else { return };
        assert!(!COMPLAINTS.iter().any(|word| said.contains(word)), "{profile}: {said}");
        let kinds = [
            "OutlookHeaders.txt",
            "Contact.txt",
            "Appointment.txt",
            "Meeting.txt",
            "Task.txt",
            "Note.txt",
            "DistributionList.txt",
            "Activity.txt",
        ];
        let found = count(&folder.path().join("out.export"), &|name| kinds.contains(&name));
        assert_eq!(found as u64, written.items + written.embedded, "{profile}");
    }
}

#[test]
fn readpst_reads_every_letter() {
    for (profile, _) in Profile::ALL {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made.pst");
        let (bytes, _) = generate(recipe(profile));
        let reader = open(bytes.clone());
        let mut reader = reader.reader();
        let census = reader.census().unwrap();
        let visible = census.items.iter().filter(|entry| !entry.hidden);
        let letters = visible.filter(|entry| reader.item(*entry).unwrap().class == "IPM.Note").count();
        fs::write(&file, bytes).unwrap();
        let target = folder.path().join("out");
        fs::create_dir(&target).unwrap();
        let arguments = [
            Path::new("-j"),
            Path::new("0"),
            Path::new("-e"),
            Path::new("-D"),
            Path::new("-o"),
            &target,
            &file,
        ];
        let Some(said) = run("readpst", &arguments) else { return };
        assert!(!COMPLAINTS.iter().any(|word| said.contains(word)), "{profile}: {said}");
        let found = count(&target, &|name| name.ends_with(".eml"));
        // Reports and invitations become letters too.
        assert!(found >= letters, "{profile}: {found} of {letters}");
    }
}
