//! The account of a source in words and tables: what the file holds, what was read, and what became of the rest.

use crate::contents::TextCounts;
use crate::ingest::Account;
use crate::store::{Digests, FolderRow, LossRow, SourceCopies, SourceRow};
use crate::text::dates;
use std::fmt::Write as _;

/// What became of a source.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file.
    pub source: SourceRow,
    /// Digests of its bytes as they are now, or why they cannot be had.
    pub digests: Result<Digests, String>,
    /// Its folders, parents before children.
    pub folders: Vec<FolderRow>,
    /// Items that could not be read.
    pub failures: Vec<LossRow>,
    /// What was odd.
    pub anomalies: Vec<LossRow>,
    /// What became of the text of attached files.
    pub texts: TextCounts,
    /// Attached files whose text could not be read.
    pub unread: Vec<LossRow>,
    /// Items that say the same as others.
    pub copies: SourceCopies,
    /// When the report was made, in milliseconds since 1970 UTC.
    pub made_at: i64,
}

impl Report {
    /// The accounts of all folders together, and the items that are no longer in the file.
    pub fn sum(&self) -> (Account, u64) {
        let mut sum = Account::default();
        self.folders.iter().for_each(|folder| sum.add(&folder.account()));
        (sum, self.folders.iter().map(|folder| folder.gone).sum())
    }
}

const COLUMNS: [&str; 9] = [
    "expected",
    "read",
    "failed",
    "only in part",
    "recovered",
    "hidden",
    "attachments",
    "embedded messages",
    "no longer in the file",
];

fn row(account: &Account, gone: u64) -> [u64; 9] {
    let a = account;
    [a.expected, a.items, a.failed, a.partial, a.recovered, a.hidden, a.attachments, a.embedded, gone]
}

/// The report as CSV (RFC 4180): lines of the kinds "file", "folder", "failure", "anomaly" and "attachment", told apart by the first column.
pub fn csv(report: &Report) -> String {
    let mut out = String::new();
    let mut line = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    };
    line(&["kind", "name", "value"]);
    for (name, value) in facts(report) {
        line(&["file", name, &value]);
    }
    let mut header = vec!["kind", "folder"];
    header.extend(COLUMNS);
    line(&header);
    for folder in &report.folders {
        let numbers = row(&folder.account(), folder.gone).map(|n| n.to_string());
        let mut cells = vec!["folder", folder.path.as_str()];
        cells.extend(numbers.iter().map(String::as_str));
        line(&cells);
    }
    let (sum, gone) = report.sum();
    let numbers = row(&sum, gone).map(|n| n.to_string());
    let mut cells = vec!["sum", ""];
    cells.extend(numbers.iter().map(String::as_str));
    line(&cells);
    line(&["kind", "folder", "node", "reason"]);
    for (kind, losses) in
        [("failure", &report.failures), ("anomaly", &report.anomalies), ("attachment", &report.unread)]
    {
        for loss in losses {
            let node = loss.key.map_or_else(String::new, |key| format!("{key:#x}"));
            line(&[kind, &loss.folder, &node, &loss.reason]);
        }
    }
    out
}

/// A cell that no spreadsheet takes for a formula, quoted where it must be.
fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The report as a page that needs nothing beside it.
pub fn html(report: &Report) -> String {
    let mut page = String::from(HEAD);
    let name = escape(&report.source.name);
    let _ = write!(page, "<title>Report on {name}</title></head><body><h1>Report on {name}</h1>");
    let (sum, gone) = report.sum();
    let verdict = match (report.source.complete, sum.failed) {
        (false, _) => {
            "The file was not read to its end; the numbers are those of what was read so far.".to_owned()
        }
        (true, 0) if report.anomalies.is_empty() => {
            format!("Every one of the {} items that the file names was read.", sum.expected)
        }
        (true, 0) if sum.partial > 0 => format!(
            "Something was read of every one of the {} items that the file names, but of {} no more than a row of their folder's list.",
            sum.expected, sum.partial
        ),
        (true, 0) => format!(
            "Something was read of every one of the {} items that the file names. Not all is as it should be: see the oddities below.",
            sum.expected
        ),
        (true, failed) => {
            format!(
                "Of the {} items that the file names, {failed} could not be read. They are listed below.",
                sum.expected
            )
        }
    };
    let _ = write!(page, "<p class=verdict>{verdict}</p><table class=facts>");
    for (name, value) in facts(report) {
        let _ = write!(page, "<tr><th>{name}</th><td>{}</td></tr>", escape(&value));
    }
    page.push_str("</table><h2>Folders</h2><table class=numbers><thead><tr><th>folder</th>");
    for column in COLUMNS {
        let _ = write!(page, "<th>{column}</th>");
    }
    page.push_str("</tr></thead><tbody>");
    let mut numbers = |class: &str, name: &str, numbers: [u64; 9]| {
        let _ = write!(page, "<tr class=\"{class}\"><td>{}</td>", escape(name));
        for (column, number) in numbers.into_iter().enumerate() {
            let bad = if matches!(column, 2 | 3) && number > 0 { " class=bad" } else { "" };
            let _ = write!(page, "<td{bad}>{number}</td>");
        }
        page.push_str("</tr>");
    };
    for folder in &report.folders {
        numbers("", &folder.path, row(&folder.account(), folder.gone));
    }
    numbers("sum", "All", row(&sum, gone));
    page.push_str("</tbody></table>");
    for (title, losses) in [
        ("Items that could not be read", &report.failures),
        ("Oddities", &report.anomalies),
        ("Attached files whose text could not be read", &report.unread),
    ] {
        let _ = write!(page, "<h2>{title}</h2>");
        if losses.is_empty() {
            page.push_str("<p>None.</p>");
            continue;
        }
        page.push_str(
            "<table class=losses><thead><tr><th>folder</th><th>node</th><th>reason</th></tr></thead><tbody>",
        );
        for loss in losses {
            let node = loss.key.map_or_else(String::new, |key| format!("{key:#x}"));
            let (folder, reason) = (escape(&loss.folder), escape(&loss.reason));
            let _ = write!(page, "<tr><td>{folder}</td><td>{node}</td><td>{reason}</td></tr>");
        }
        page.push_str("</tbody></table>");
    }
    page.push_str(
        "<p class=note>\u{201c}Expected\u{201d} are the items that the file names: messages of its node B-tree, and rows that only a \
         contents table lists. Expected = read + failed. Recovered items were deleted and are still in the file; hidden ones are \
         settings that programs keep in folders. Neither is among the expected.</p></body></html>\n",
    );
    page
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let source = &report.source;
    let mut facts = vec![
        ("file", source.name.clone()),
        ("path", source.path.to_string_lossy().into_owned()),
        ("size in bytes", source.size.to_string()),
        ("format", format!("{} {}, encoding {}", source.format, source.kind, source.encryption)),
        ("changed", time(source.modified)),
        ("imported", time(source.imported_at)),
        ("read to the end", if source.complete { "yes" } else { "no" }.to_owned()),
    ];
    facts.push(("items that say the same as an earlier one of this file", report.copies.within.to_string()));
    facts.push(("items that another file of the library has too", report.copies.across.to_string()));
    for (what, count) in [
        ("attached files whose text is searchable", report.texts.read),
        ("attached files without text, or embedded messages", report.texts.nothing),
        ("attached files whose text could not be read", report.texts.failed),
        ("attached files not yet looked into", report.texts.waiting),
    ] {
        facts.push((what, count.to_string()));
    }
    match &report.digests {
        Ok(digests) => {
            facts.push(("BLAKE3", hex(&digests.blake3)));
            facts.push(("SHA-256", hex(&digests.sha256)));
        }
        Err(reason) => facts.push(("digests", format!("none: {reason}"))),
    }
    facts.push(("report made", time(report.made_at)));
    facts.push(("report made by", concat!("Mailscope ", env!("CARGO_PKG_VERSION")).to_owned()));
    facts
}

/// "2024-03-05 14:30:00 UTC"
fn time(millis: i64) -> String {
    let seconds = millis.div_euclid(1000);
    let (year, month, day) = dates::civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const HEAD: &str = "<!doctype html><html lang=en><head><meta charset=utf-8>\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
<style>body{font:15px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}.verdict{font-size:1.1rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #d8dee6;overflow-wrap:anywhere}\
.facts th{width:12rem}.numbers td+td,.numbers th+th{text-align:right;font-variant-numeric:tabular-nums}.sum td{font-weight:600}\
.bad{color:#b3261e;font-weight:600}.note{color:#556070;margin-top:2rem}@media print{body{margin:0}}</style>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text() {
        let check = |text: &str, cell: &str| assert_eq!(csv_cell(text), cell);
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("=cmd()", "'=cmd()");
        check("-5", "-5");
        check("-x", "'-x");
        check("two\nlines", "\"two\nlines\"");
    }

    #[test]
    fn times_and_bytes() {
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(time(1_709_649_001_500), "2024-03-05 14:30:01 UTC");
        assert_eq!(time(-1), "1969-12-31 23:59:59 UTC");
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }
}
