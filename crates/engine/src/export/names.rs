//! Names of files and folders that every platform takes: no reserved names, no signs with a meaning, no trailing dots, short enough,
//! and different without regard to case.

use crate::text::letters::{Letters, Normal};
use std::collections::{HashMap, HashSet};

/// A name is cut to this many bytes of UTF-8: with its number and extension it stays below every file system's limit.
const MAX_NAME: usize = 100;
/// A folder's name is cut earlier, since folders nest.
const MAX_FOLDER: usize = 48;
/// Folders deeper than this are put into the one at this depth, and names below it cut hard.
const MAX_DEPTH: usize = 12;

/// Names of devices on Windows, with any extension.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// `text` as a name of at most `limit` bytes; never empty.
pub fn safe(text: &str, limit: usize) -> String {
    let mut name = String::new();
    for c in text.chars() {
        let c = match c {
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
            c if c.is_control() || is_unseen(c) => ' ',
            c => c,
        };
        if c.is_whitespace() && (name.is_empty() || name.ends_with(' ')) {
            continue;
        }
        let c = if c.is_whitespace() { ' ' } else { c };
        if name.len() + c.len_utf8() > limit {
            break;
        }
        name.push(c);
    }
    // Windows drops dots and spaces at the end; a dot at the beginning hides a file elsewhere.
    let end = name.trim_end_matches(['.', ' ']).len();
    name.truncate(end);
    if name.starts_with('.') {
        name.replace_range(..1, "_");
    }
    if name.is_empty() {
        name.push_str("Untitled");
    }
    if is_reserved(&name) {
        name.insert(0, '_');
    }
    name
}

/// Signs that change how others look or in which order they stand.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut chars = rest.chars();
            matches!((chars.next(), chars.next()), (Some('1'..='9' | '¹' | '²' | '³'), None))
        })
    };
    RESERVED.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// The name of an item's file without its extension: day, time and subject, and its number, which makes it different from all others.
pub fn item(subject: &str, date: Option<i64>, id: i64) -> String {
    let number = format!(" [{id}]");
    let when = date.map_or_else(|| "undated".to_owned(), |date| super::encode::stamp(date).replace(':', ""));
    let when = when.replace('T', " ");
    let when = when.get(..when.len().min(15)).unwrap_or(&when).to_owned();
    let subject = if subject.trim().is_empty() { "No subject" } else { subject };
    let name = safe(&format!("{when} {subject}"), MAX_NAME - number.len());
    format!("{name}{number}")
}

/// The name of an attachment's file, different from those in `taken`.
pub fn attachment(name: &str, taken: &mut HashSet<String>) -> String {
    // The extension says what it is: it must survive the cut.
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty() && extension.len() <= 12 && extension.contains(char::is_alphanumeric) =>
        {
            (stem, format!(".{}", safe(extension, 12)))
        }
        _ => (name, String::new()),
    };
    let stem = safe(stem, MAX_NAME - extension.len() - 8);
    unique(&stem, &extension, taken)
}

fn unique(stem: &str, extension: &str, taken: &mut HashSet<String>) -> String {
    let mut name = format!("{stem}{extension}");
    let mut number = 2;
    while !taken.insert(key(&name)) {
        name = format!("{stem} ({number}){extension}");
        number += 1;
    }
    name
}

/// What two names must differ in: file systems differ in which letters they take for the same, and some take an accent that stands by
/// itself for one that is part of its letter.
fn key(name: &str) -> String {
    let letters = Letters::get();
    let mut key = String::with_capacity(name.len());
    for c in name.to_lowercase().to_uppercase().chars().filter(|c| !letters.class(*c).is_combining()) {
        match letters.normal(c) {
            Normal::Text(text) => key.push_str(text),
            Normal::Itself => key.push(c),
        }
    }
    key
}

/// A folder to be named: id, that of the folder above, and its name.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its id.
    pub id: i64,
    /// The folder above.
    pub parent: Option<i64>,
    /// Its name in the source.
    pub name: String,
}

/// A folder's name that no file of an export has: those of items and mailboxes lie beside folders.
fn folder_name(text: &str, limit: usize) -> String {
    let mut name = safe(text, limit);
    let folded = name.to_lowercase();
    if [".mbox", ".eml", ".part", "]"].iter().any(|end| folded.ends_with(end)) {
        name.push('_');
    }
    name
}

/// Relative paths for folders, parts joined by "/". Parents must come before children; the same list always gives the same paths.
pub fn folders(list: &[Named], root: &str) -> HashMap<i64, String> {
    let mut paths: HashMap<i64, (String, usize)> = HashMap::new();
    let mut taken: HashMap<String, HashSet<String>> = HashMap::new();
    for folder in list {
        let above = folder.parent.and_then(|parent| paths.get(&parent)).cloned();
        let (above, depth) = above.unwrap_or_else(|| (root.to_owned(), 0));
        // The nameless top of a mailbox needs no folder of its own.
        let path = if depth == 0 && folder.parent.is_none() && folder.name.trim().is_empty() {
            (above, 0)
        } else if depth >= MAX_DEPTH {
            (above, depth)
        } else {
            let limit = if depth > 4 { MAX_FOLDER / 2 } else { MAX_FOLDER };
            let name = unique(&folder_name(&folder.name, limit), "", taken.entry(key(&above)).or_default());
            (if above.is_empty() { name } else { format!("{above}/{name}") }, depth + 1)
        };
        paths.insert(folder.id, path);
    }
    paths.into_iter().map(|(id, (path, _))| (id, path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names() {
        for (text, expected) in [
            ("RE: a/b\\c <d> \"e\" | f? *", "RE_ a_b_c _d_ _e_ _ f_ _"),
            ("", "Untitled"),
            ("..", "Untitled"),
            (" . ", "Untitled"),
            (".hidden", "_hidden"),
            ("ends. ", "ends"),
            ("con", "_con"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("LPT9 .x", "_LPT9 .x"),
            ("com10", "com10"),
            ("context", "context"),
            ("a\r\n\tb\u{0}c", "a b c"),
            ("\u{202e}fdp.exe", "fdp.exe"),
            ("会議の件", "会議の件"),
        ] {
            assert_eq!(safe(text, 100), expected, "{text:?}");
        }
        assert_eq!(safe(&"é".repeat(100), 7), "ééé");
    }

    #[test]
    fn items_and_attachments() {
        assert_eq!(item("Hello: you", Some(1_005_754_800_000), 7), "2001-11-14 1620 Hello_ you [7]");
        assert_eq!(item("", None, 7), "undated No subject [7]");
        assert!(item(&"x".repeat(500), None, i64::MAX).len() <= MAX_NAME);
        let mut taken = HashSet::new();
        let names: Vec<String> =
            ["a.PDF", "A.pdf", "a.pdf", "b", ".x", "file. ", "e\u{301}.txt", "\u{e9}.txt"]
                .iter()
                .map(|name| attachment(name, &mut taken))
                .collect();
        assert_eq!(
            names,
            ["a.PDF", "A (2).pdf", "a (3).pdf", "b", "_x", "file", "e\u{301}.txt", "\u{e9} (2).txt"]
        );
    }

    #[test]
    fn folders_differ_without_case() {
        let named = |id, parent, name: &str| Named { id, parent, name: name.into() };
        let list = [
            named(1, None, ""),
            named(2, Some(1), "Inbox"),
            named(3, Some(1), "INBOX"),
            named(4, Some(2), "a/b"),
            named(5, Some(2), "a:b"),
            named(6, Some(3), "aux"),
            named(7, Some(2), "caf\u{e9}"),
            named(8, Some(2), "cafe\u{301}"),
            named(9, Some(1), "Inbox.MBOX"),
            named(10, Some(2), "2001-11-14 1620 Hello [7]"),
        ];
        let paths = folders(&list, "mail.pst");
        let shown: Vec<&str> = (1..=10).map(|id| paths[&id].as_str()).collect();
        let expected = [
            "mail.pst",
            "mail.pst/Inbox",
            "mail.pst/INBOX (2)",
            "mail.pst/Inbox/a_b",
            "mail.pst/Inbox/a_b (2)",
            "mail.pst/INBOX (2)/_aux",
            "mail.pst/Inbox/caf\u{e9}",
            "mail.pst/Inbox/cafe\u{301} (2)",
            "mail.pst/Inbox.MBOX_",
            "mail.pst/Inbox/2001-11-14 1620 Hello [7]_",
        ];
        assert_eq!(shown, expected);
        let deep: Vec<Named> =
            (0..500).map(|n| named(n, (n > 0).then(|| n - 1), &"long name ".repeat(20))).collect();
        let longest = folders(&deep, "x").values().map(String::len).max().unwrap();
        assert!(longest < 600, "{longest}");
    }

    proptest! {
        #[test]
        fn no_name_breaks_out(text in "\\PC*|[./\\\\: ]*|(?i)(con|nul|com1)[. ]?[a-z]*") {
            let name = safe(&text, 60);
            prop_assert!(!name.is_empty() && name.len() <= 61);
            prop_assert!(!name.contains(['/', '\\', ':', '\0']) && name != "." && name != "..");
            prop_assert!(!name.ends_with(['.', ' ']) && !is_reserved(&name));
        }
    }
}
