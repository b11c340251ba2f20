//! Items as a table (CSV) and as lines of JSON, from what the library keeps: the files need not be at hand.

use super::encode::stamp;
use crate::source::{ItemKind, Person, Role};
use crate::store::ItemRow;
use serde::Serialize;

/// The first line of the table.
pub const COLUMNS: &str = "id,date,kind,class,from_name,from_address,to,cc,bcc,subject,folder,source,size,attachments,message_id,recovered,gone,mih,marked,reviewed,tags,note\r\n";

/// A row of the table. A spreadsheet takes no cell for a formula.
pub fn csv(row: &ItemRow) -> String {
    let hit = &row.hit;
    let people = |role| people(row, role).map(shown).collect::<Vec<_>>().join("; ");
    let files: Vec<&str> = direct(row).map(|facts| facts.name.as_str()).collect();
    let cells = [
        hit.id.0.to_string(),
        hit.date.map_or_else(String::new, stamp),
        kind(hit.kind).to_owned(),
        row.class.clone(),
        hit.from.name.clone(),
        hit.from.address.clone(),
        people(Role::To),
        people(Role::Cc),
        people(Role::Bcc),
        hit.subject.clone(),
        hit.folder.clone(),
        hit.source.clone(),
        hit.size.to_string(),
        files.join("; "),
        row.message_id.clone(),
        hit.recovered.to_string(),
        hit.gone.to_string(),
        mih(row),
        hit.review.flagged.to_string(),
        hit.review.reviewed.to_string(),
        hit.review.tags.join("; "),
        hit.review.note.clone(),
    ];
    let mut line = cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A cell in quotes where need be (RFC 4180), with an apostrophe before what a spreadsheet would compute.
fn quoted(cell: &str) -> String {
    let cell: String = cell.chars().filter(|c| *c != '\0').collect();
    let begins = cell.trim_start_matches([' ', '\u{a0}', '\u{feff}', '\u{3000}']).chars().next();
    let computed = matches!(
        begins,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '%' | '＝' | '＋' | '－' | '＠')
    );
    let cell = if computed { format!("'{cell}") } else { cell };
    if cell.contains(['"', ',', ';', '\n', '\r', '\t', '\'']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// An item as one line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    kind: &'a str,
    class: &'a str,
    date: Option<String>,
    from: Whom<'a>,
    to: Vec<Whom<'a>>,
    cc: Vec<Whom<'a>>,
    bcc: Vec<Whom<'a>>,
    subject: &'a str,
    folder: &'a str,
    source: &'a str,
    size: u64,
    message_id: &'a str,
    attachments: Vec<File<'a>>,
    recovered: bool,
    gone: bool,
    /// EDRM message identification hash; empty where there is no Message-ID.
    mih: String,
    /// Flagged in Mailscope.
    marked: bool,
    reviewed: bool,
    tags: &'a [String],
    note: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Whom<'a> {
    name: &'a str,
    address: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    size: u64,
    mime_type: &'a str,
    method: &'a str,
    inline: bool,
}

fn whom(person: &Person) -> Whom<'_> {
    Whom { name: &person.name, address: &person.address }
}

/// A line of JSON.
///
/// # Errors
/// serde's; plain data has none.
pub fn json(row: &ItemRow) -> serde_json::Result<String> {
    let hit = &row.hit;
    let list = |role| people(row, role).map(whom).collect::<Vec<_>>();
    let mut line = serde_json::to_string(&Line {
        id: hit.id.0,
        kind: kind(hit.kind),
        class: &row.class,
        date: hit.date.map(stamp),
        from: whom(&hit.from),
        to: list(Role::To),
        cc: list(Role::Cc),
        bcc: list(Role::Bcc),
        subject: &hit.subject,
        folder: &hit.folder,
        source: &hit.source,
        size: hit.size,
        message_id: &row.message_id,
        attachments: direct(row)
            .map(|facts| File {
                name: &facts.name,
                size: facts.size,
                mime_type: &facts.mime_type,
                method: facts.method,
                inline: facts.inline,
            })
            .collect(),
        recovered: hit.recovered,
        gone: hit.gone,
        mih: mih(row),
        marked: hit.review.flagged,
        reviewed: hit.review.reviewed,
        tags: &hit.review.tags,
        note: &hit.review.note,
        text: &hit.text,
    })?;
    line.push('\n');
    Ok(line)
}

/// The EDRM message identification hash in hexadecimal.
pub(super) fn mih(row: &ItemRow) -> String {
    let hash = crate::relations::mih(&row.message_id);
    hash.map_or_else(String::new, |hash| hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn kind(kind: ItemKind) -> &'static str {
    ItemKind::ALL.get(kind as usize).map_or("other", |(_, name)| name)
}

pub(super) fn people(row: &ItemRow, role: Role) -> impl Iterator<Item = &Person> {
    row.recipients.iter().filter(move |recipient| recipient.role == role).map(|recipient| &recipient.person)
}

pub(super) fn direct(row: &ItemRow) -> impl Iterator<Item = &crate::source::AttachmentFacts> {
    row.attachments.iter().filter(|facts| facts.path.len() == 1)
}

pub(super) fn shown(person: &Person) -> String {
    match (person.name.is_empty(), person.address.is_empty()) {
        (false, false) if person.name != person.address => format!("{} <{}>", person.name, person.address),
        (true, _) => person.address.clone(),
        _ => person.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells() {
        for (cell, expected) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+49 30", "\"'+49 30\""),
            ("-x", "\"'-x\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            (" =1", "\"' =1\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "\"'＝1\""),
            ("two\nlines", "\"two\nlines\""),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), expected, "{cell:?}");
        }
    }
}
