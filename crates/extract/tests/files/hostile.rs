//! Files that mean harm, or are torn: each costs itself, and what can be read of it is.

use super::found;
use super::make::*;
use super::office::{self, Cell};
use mailscope_extract::{Limits, Reason, text_of};
use proptest::prelude::*;

#[test]
fn bombs_unpack_to_no_more_than_is_allowed() {
    let limits = Limits { unpacked: 1 << 20, ..Limits::default() };
    let nothing = vec![b' '; 50 << 20];
    let bomb = zip(&[("first.txt", b"kept words"), ("bomb.txt", &nothing), ("last.txt", b"never")]);
    let read = text_of("a.zip", "", &bomb, &limits).unwrap();
    assert!(read.text.contains("kept words") && !read.text.contains("never"), "{}", &read.text[..100]);
    assert!(read.notes.iter().any(|note| note.contains("unpacks to more")), "{:?}", read.notes);

    let sheet = format!("<sheetData>{}</sheetData>", "<row><c t='s'><v>0</v></c></row>".repeat(20_000));
    let shared = format!("<sst><si><t>{}</t></si></sst>", "word ".repeat(2_000));
    let huge = office(&[("xl/sharedStrings.xml", &shared), ("xl/worksheets/sheet1.xml", &sheet)]);
    let limits = Limits { text: 1 << 20, ..Limits::default() };
    let read = text_of("a.xlsx", "", &huge, &limits).unwrap();
    assert!(read.cut && read.text.len() <= 1 << 20, "{} bytes", read.text.len());
}

#[test]
fn nests_end() {
    let mut archive = zip(&[("core.txt", b"the core")]);
    for _ in 0..30 {
        archive = zip(&[("inner.zip", &archive)]);
    }
    let read = found("a.zip", &archive).unwrap();
    assert!(!read.text.contains("the core"));
    assert!(read.notes.iter().any(|note| note.contains("too deep")), "{:?}", read.notes);

    let mut mail = b"Subject: core\r\nMIME-Version: 1.0\r\n\r\nthe core".to_vec();
    for _ in 0..200 {
        mail = [b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n".to_vec(), mail].concat();
    }
    // Whatever is read of it: it ends.
    let _ = found("a.eml", &mail);
    let _ = found("a.html", "<div>".repeat(1_000_000).as_bytes());
    let _ = found("a.xml", format!("<?xml version='1.0'?>{}", "<a>".repeat(1_000_000)).as_bytes());
    let _ = found("a.rtf", format!("{{\\rtf1 {}", "{".repeat(1_000_000)).as_bytes());
    let deep = format!("<w:document>{}deep words", "<w:p><w:t>".repeat(100_000));
    assert!(found("a.docx", &office(&[("word/document.xml", &deep)])).unwrap().text.contains("deep words"));
}

#[test]
fn entities_are_never_expanded() {
    let mut doctype = "<!ENTITY l0 'lollollol'>".to_owned();
    for n in 1..30 {
        doctype.push_str(&format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10)));
    }
    let bomb = format!("<?xml version='1.0'?><!DOCTYPE x [{doctype}]><x>before &l29; after</x>");
    let text = found("a.xml", bomb.as_bytes()).unwrap().text;
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["before", "after"]);
    let document = format!("<!DOCTYPE x [{doctype}]><w:p><w:t>before &l29; after</w:t></w:p>");
    assert_eq!(found("a.docx", &office(&[("word/document.xml", &document)])).unwrap().text, "before   after");
    // What lies elsewhere is not fetched.
    let outside =
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><x>in &f; out</x>";
    assert_eq!(found("a.xml", outside.as_bytes()).unwrap().text.split_whitespace().count(), 2);
}

#[test]
fn pages_that_go_round_end() {
    // A page tree that holds itself, a form that draws itself, and contents that are an array of themselves.
    let tree = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"];
    let _ = found("a.pdf", &pdf_of(&tree.map(str::to_owned)));
    let form = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> /Font << /F1 6 0 R >> >> >>".to_owned(),
        "<< /Length 60 >>\nstream\nBT /F1 10 Tf 72 700 Td (words of it) Tj ET /X Do            \nendstream".to_owned(),
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length 5 >>\nstream\n/X Do\nendstream".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    assert_eq!(found("a.pdf", &pdf_of(&form)).unwrap().text, "words of it");
    let contents = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
        "[4 0 R 4 0 R]",
    ];
    let _ = found("a.pdf", &pdf_of(&contents.map(str::to_owned)));
}

/// Sound files of every kind.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let text = docx(&["Some paragraphs of text", "that mean nothing"]);
    vec![
        ("a.pdf", pdf(&["BT /F1 12 Tf 72 700 Td (Words of a page) Tj ET", "BT /F1 9 Tf (more) Tj ET"])),
        ("a.msg", msg("Subject", "Body", &[("a.docx", &text)])),
        ("a.eml", eml("Subject", "Body", "a.txt", "content")),
        ("a.odt", odf("text", &["One", "Two"])),
        ("a.zip", zip(&[("a.docx", &text), ("b.txt", b"text")])),
        (
            "a.rtf",
            br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}}Rich \'e9t\u233? words\par}".to_vec(),
        ),
        ("a.html", b"<html><body><p>Some <b>bold</b> words &amp; more</body></html>".to_vec()),
        ("a.docx", text),
        (
            "a.doc",
            office::doc(&["Words of a document\rand a \u{13}FIELD\u{14}field\u{15}\r", "Примечание\r"], 9),
        ),
        (
            "a.xls",
            office::xls(
                &[("Sheet", &[&[Cell::Text("words"), Cell::Day(37_028.0)], &[Cell::Own("слова")]])],
                20,
            ),
        ),
        ("a.ppt", office::ppt(&[("Title", "Слова", "Notes"), ("Another", "box", "")])),
    ]
}

#[test]
fn torn_files_end_at_any_byte() {
    for (name, bytes) in samples() {
        let step = (bytes.len() / 200).max(1);
        for end in (0..bytes.len()).step_by(step) {
            match found(name, &bytes[..end]) {
                Ok(read) => assert!(!read.text.is_empty()),
                Err(reason) => assert!(!reason.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn too_large_is_told() {
    let limits = Limits { input: 10, ..Limits::default() };
    assert_eq!(text_of("a.txt", "", b"eleven byte", &limits), Err(Reason::TooLarge(11)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Bytes that were changed here and there give text or a reason; both within the limits.
    #[test]
    fn damaged_files_end(which in 0_usize..11, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let (name, mut bytes) = samples().swap_remove(which);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let limits = Limits { text: 1 << 16, ..Limits::default() };
        if let Ok(read) = text_of(name, "", &bytes, &limits) {
            prop_assert!(!read.text.is_empty() && read.text.len() <= 1 << 16);
        }
    }
}
