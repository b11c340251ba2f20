//! Attachments of the kinds that mail carries, all of which open: made by code, from the text of the mail's language.

mod large;
mod office;
mod pictures;
mod zip;

use std::sync::Arc;

use mailscope_pst::write::{Content, NewAttachment};

use crate::letter::Letter;
use crate::random::Random;
use crate::words::Words;

/// An attachment and how many bytes it has.
pub type File = (NewAttachment, u64);

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn file(name: String, mime: &str, bytes: Vec<u8>) -> File {
    let size = bytes.len() as u64;
    let content = Content::Bytes(bytes);
    (NewAttachment { name, mime: mime.to_owned(), content, ..NewAttachment::default() }, size)
}

/// Rows of a table: a line of titles, then words and numbers.
pub fn table(words: &Words, random: &mut Random, rows: u64) -> Vec<Vec<String>> {
    let columns = random.between(3, 7);
    let title = |random: &mut Random| words.title(random, 1);
    let mut out = vec![(0..columns).map(|_| title(random)).collect::<Vec<_>>()];
    for _ in 0..rows {
        let number = |random: &mut Random| format!("{}.{:02}", random.power(1, 100_000), random.below(100));
        let mut row = vec![words.title(random, 2)];
        row.extend((1..columns).map(|_| number(random)));
        out.push(row);
    }
    out
}

fn csv(words: &Words, random: &mut Random) -> Vec<u8> {
    let rows = random.power(10, 1_000);
    let lines: Vec<String> = table(words, random, rows).iter().map(|row| row.join(",")).collect();
    (lines.join("\r\n") + "\r\n").into_bytes()
}

fn paragraphs(words: &Words, random: &mut Random, low: u64, high: u64) -> Vec<String> {
    let mut out = Vec::new();
    let count = random.power(low, high);
    words.paragraphs(random, count, |text| out.push(text.to_owned()));
    out
}

/// A name as people give it, with an end.
fn name(words: &Words, random: &mut Random, end: &str) -> String {
    let count = random.between(1, 3);
    let title = words.title(random, count).replace(' ', if random.chance(500) { "_" } else { " " });
    match random.below(4) {
        0 => format!("{title} v{}.{end}", random.between(1, 9)),
        1 => format!("{title}-{}.{end}", random.between(2016, 2024)),
        _ => format!("{title}.{end}"),
    }
}

/// A file of any kind.
pub fn any(words: &Words, random: &mut Random) -> File {
    // PDF, DOCX, XLSX, PNG, JPEG, TXT, CSV, EML, ZIP
    match random.weighted(&[26, 17, 13, 10, 16, 6, 5, 3, 4]) {
        0 => {
            let text = paragraphs(words, random, 200, 6_000);
            file(name(words, random, "pdf"), "application/pdf", office::pdf(&text))
        }
        1 => {
            let text = paragraphs(words, random, 200, 6_000);
            file(name(words, random, "docx"), WORD, office::docx(&text))
        }
        2 => {
            let rows = random.power(10, 800);
            let rows = table(words, random, rows);
            file(name(words, random, "xlsx"), SHEET, office::xlsx(&rows))
        }
        3 => {
            let (width, height) = (random.between(40, 400) as u32, random.between(30, 300) as u32);
            file(name(words, random, "png"), "image/png", pictures::png(random, width, height))
        }
        4 => {
            let side = random.power(20, 240) as u16;
            file(name(words, random, "jpg"), "image/jpeg", pictures::jpeg(random, side, side * 3 / 4))
        }
        5 => {
            let text = paragraphs(words, random, 100, 4_000).join("\r\n\r\n");
            file(name(words, random, "txt"), "text/plain", text.into_bytes())
        }
        6 => file(name(words, random, "csv"), "text/csv", csv(words, random)),
        7 => {
            let letter = Letter { paragraphs: paragraphs(words, random, 100, 600), ..Letter::default() };
            let message = format!(
                "From: archive@kept.example\r\nTo: all@kept.example\r\nSubject: =?utf-8?B?{}?=\r\n\
                 Date: Mon, 4 Mar 2019 09:30:00 +0000\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}",
                base64(words.title(random, 4).as_bytes()),
                letter.plain()
            );
            file(name(words, random, "eml"), "message/rfc822", message.into_bytes())
        }
        _ => {
            let text = paragraphs(words, random, 200, 3_000);
            let parts = [
                ("notes.txt", text.join("\n\n").into_bytes()),
                ("report.pdf", office::pdf(&text)),
                ("data/table.csv", csv(words, random)),
            ];
            file(name(words, random, "zip"), "application/zip", zip::zip(&parts))
        }
    }
}

/// A small text file: all that mail of text alone carries now and then.
pub fn small(words: &Words, random: &mut Random) -> File {
    if random.chance(500) {
        let text = paragraphs(words, random, 50, 400).join("\r\n\r\n");
        return file(name(words, random, "txt"), "text/plain", text.into_bytes());
    }
    let text = paragraphs(words, random, 50, 400);
    file(name(words, random, "pdf"), "application/pdf", office::pdf(&text))
}

/// A file of a hundred kilobytes to tens of megabytes, made while it is written.
pub fn large(words: &Words, random: &mut Random) -> File {
    let kinds = [
        (large::Kind::Wave, "wav", "audio/wav"),
        (large::Kind::Bitmap, "bmp", "image/bmp"),
        (large::Kind::Log, "log", "text/plain"),
    ];
    let (kind, end, mime) = kinds[random.below(3) as usize];
    let source = large::Large::new(kind, random.next(), random.power(100_000, 60_000_000));
    let size = source.size();
    let content = Content::Source(Arc::new(source));
    let name = name(words, random, end);
    (NewAttachment { name, mime: mime.to_owned(), content, ..NewAttachment::default() }, size)
}

/// A picture inside a page.
pub fn inline(random: &mut Random, id: &str) -> File {
    let (mut image, size) = file("image001.png".to_owned(), "image/png", pictures::png(random, 160, 48));
    image.content_id = Some(id.to_owned());
    (image, size)
}

/// Base64 without line breaks.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let value =
            part.iter().fold(0u32, |value, &byte| value << 8 | u32::from(byte)) << (8 * (3 - part.len()));
        for place in 0..4 {
            let letter = LETTERS[(value >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= part.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;
    use std::io::Read as _;
    use std::process::Command;

    #[test]
    fn base64_of_every_length() {
        let check = |text: &str, want: &str| assert_eq!(base64(text.as_bytes()), want);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foob", "Zm9vYg==");
    }

    /// Runs a program of the system over a file; `None` where it is not installed.
    fn accepts(program: &str, arguments: &[&str], file: &std::path::Path) -> Option<(bool, String)> {
        let output = Command::new(program).args(arguments).arg(file).output().ok()?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        Some((output.status.success(), said))
    }

    #[test]
    fn files_open() {
        let folder = tempfile::tempdir().unwrap();
        let words = Words::all();
        let mut random = Random::new(5, Purpose::Files, 0);
        let mut ends = std::collections::BTreeSet::new();
        for number in 0..120 {
            let (attachment, size) = any(&words[number % words.len()], &mut random);
            let Content::Bytes(bytes) = &attachment.content else { panic!("small files are in memory") };
            assert_eq!(bytes.len() as u64, size);
            let end = attachment.name.rsplit('.').next().unwrap().to_owned();
            let path = folder.path().join(format!("{number}.{end}"));
            std::fs::write(&path, bytes).unwrap();
            let (begins, known_as): (&[u8], &str) = match end.as_str() {
                "pdf" => (b"%PDF-1.4", "PDF document"),
                "docx" => (b"PK\x03\x04", "Microsoft Word 2007+"),
                "xlsx" => (b"PK\x03\x04", "Microsoft Excel 2007+"),
                "png" => (b"\x89PNG", "PNG image data"),
                "jpg" => (b"\xFF\xD8\xFF\xE0", "JPEG image data"),
                "zip" => (b"PK\x03\x04", "Zip archive data"),
                _ => (b"", "text"),
            };
            assert!(bytes.starts_with(begins), "{end}");
            if let Some((_, said)) = accepts("file", &["-b"], &path) {
                assert!(said.contains(known_as), "{end}: {said}");
            }
            if begins.starts_with(b"PK")
                && let Some((fine, said)) = accepts("unzip", &["-tq"], &path)
            {
                assert!(fine, "{end}: {said}");
            }
            ends.insert(end);
        }
        assert_eq!(ends.len(), 9, "{ends:?}");
    }

    #[test]
    fn large_files_have_the_size_they_say() {
        let words = Words::all();
        let mut random = Random::new(6, Purpose::Files, 0);
        for _ in 0..6 {
            let (attachment, size) = large(&words[0], &mut random);
            let Content::Source(source) = &attachment.content else { panic!("large files are streams") };
            let read = |most: u64| {
                let mut out = Vec::new();
                source.open().unwrap().take(most).read_to_end(&mut out).unwrap();
                out
            };
            assert_eq!(std::io::copy(&mut source.open().unwrap(), &mut std::io::sink()).unwrap(), size);
            assert_eq!(read(100_000), read(100_000));
        }
    }
}
