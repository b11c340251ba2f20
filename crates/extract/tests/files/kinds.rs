//! What is read of sound files.

use super::make::*;
use super::{found, words};
use mailscope_extract::Reason;

fn check(name: &str, bytes: &[u8], expected: &str) {
    assert_eq!(words(name, bytes), expected, "{name}");
}

#[test]
fn texts_in_every_encoding() {
    check("a.txt", b"plain words", "plain words");
    check("a", "Grüße aus Köln".as_bytes(), "Grüße aus Köln");
    check("a.txt", &[b"\xef\xbb\xbf".as_slice(), "marked ö".as_bytes()].concat(), "marked ö");
    check(
        "a.csv",
        b"name;city\nM\xfcller;K\xf6ln\nJ\xf6rg;M\xfcnchen\n",
        "name;city Müller;Köln Jörg;München",
    );
    check("a.txt", &[b"\xff\xfe".as_slice(), &wide("wide Москва")].concat(), "wide Москва");
    check("unmarked.txt", &wide("Latin in sixteen bits"), "Latin in sixteen bits");
    let big: Vec<u8> = "big end".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check("a.txt", &big, "big end");
    check(
        "a.xml",
        b"<?xml version='1.0' encoding='iso-8859-1'?><a><b>M\xfcller</b><c>&amp; S&#246;hne</c></a>",
        "Müller & Söhne",
    );
    check(
        "page.html",
        b"<html><meta charset=windows-1251><p>\xcc\xee\xf1\xea\xe2\xe0<script>no()</script></html>",
        "Москва",
    );
    check("noname", b"<!DOCTYPE html><title>Title</title><p>Words", "Words");
    check("a.rtf", br"{\rtf1\ansi{\fonttbl{\f0 Arial;}}Rich \b words\b0\par next}", "Rich words next");
}

#[test]
fn office_documents() {
    check("a.docx", &docx(&["Quar|terly report", "Second paragraph"]), "Quarterly report Second paragraph");
    let parts = [
        (
            "word/document.xml",
            "<w:p><w:r><w:t>Body</w:t><w:tab/><w:t>text &lt;1&gt;</w:t></w:r></w:p><w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>",
        ),
        ("word/header1.xml", "<w:p><w:r><w:t>Heading</w:t></w:r></w:p>"),
        ("word/comments.xml", "<w:p><w:r><w:t>Remark</w:t></w:r></w:p>"),
        ("word/styles.xml", "<w:t>never</w:t>"),
        ("docProps/core.xml", "<p><dc:title>The title</dc:title><dcterms:created>2020</dcterms:created></p>"),
    ];
    check("a.docx", &office(&parts), "Body text <1> deleted Remark Heading The title");
    let twice = "<mc:AlternateContent><mc:Choice><w:t>once</w:t></mc:Choice><mc:Fallback><w:t>once</w:t></mc:Fallback></mc:AlternateContent>";
    check("a.docx", &office(&[("word/document.xml", twice)]), "once");
    let slides = [
        ("ppt/slides/slide10.xml", "<a:p><a:r><a:t>Ten</a:t></a:r></a:p>"),
        ("ppt/slides/slide2.xml", "<a:p><a:r><a:t>Two</a:t></a:r></a:p>"),
        ("ppt/notesSlides/notesSlide1.xml", "<a:p><a:r><a:t>Note</a:t></a:r></a:p>"),
        ("ppt/slideLayouts/slideLayout1.xml", "<a:t>never</a:t>"),
    ];
    check("a.pptx", &office(&slides), "Two Ten Note");
    let book = [
        ("xl/workbook.xml", "<sheets><sheet name='Budget 2020' sheetId='1'/></sheets>"),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>Ka</t><t>pital</t></si><si><t>Zins</t><rPh><t>reading</t></rPh></si></sst>",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "<sheetData><row><c t='s'><v>1</v></c><c t='s'><v>0</v></c></row><row><c><v>42.5</v></c><c t='inlineStr'><is><t>inline</t></is></c>\
             <c t='s'><v>99</v></c></row></sheetData>",
        ),
    ];
    check("a.xlsx", &office(&book), "Budget 2020 Zins Kapital 42.5 inline 99");
    let styles = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='d\\.m\\.yy &quot;Uhr&quot; h:mm'/></numFmts>\
        <cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/></cellXfs></styleSheet>";
    let cells = "<sheetData><row><c s='1'><v>37680</v></c><c s='2'><v>37680.5</v></c><c s='0'><v>37680</v></c><c><v>0.30000000000000004</v></c>\
        <c s='9'><v>7</v></c><c s='1' t='str'><v>37680</v></c><c s='1'><v>-</v></c></row></sheetData>";
    let dated = |workbook| {
        [("xl/styles.xml", styles), ("xl/workbook.xml", workbook), ("xl/worksheets/sheet1.xml", cells)]
    };
    check("days.xlsx", &office(&dated("<workbook/>")), "2003-02-28 2003-02-28 12:00 37680 0.3 7 37680 -");
    let from_1904 = "<workbookPr date1904='1'/><sheet name='R&amp;D &own;'/>";
    check(
        "mac.xlsx",
        &office(&dated(from_1904)),
        "R&amp;D &own; 2007-03-01 2007-03-01 12:00 37680 0.3 7 37680 -",
    );
    let inner = docx(&["Inside of another"]);
    let outer = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:p><w:t>Outside</w:t></w:p>"),
        ("word/embeddings/Document1.docx", &inner),
    ]);
    check("a.docx", &outer, "Outside Inside of another");
}

#[test]
fn open_documents() {
    check(
        "a.odt",
        &odf("text", &["First<text:s/>line", "Se<text:span>cond</text:span>"]),
        "First line Second",
    );
    check("a.ods", &odf("spreadsheet", &["12", "cell"]), "12 cell");
    check("a.odp", &odf("presentation", &["Slide &amp; all"]), "Slide & all");
    let locked = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", b"\x01\x02"),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>"),
    ]);
    assert_eq!(found("a.odt", &locked), Err(Reason::Protected));
}

#[test]
fn pages() {
    let show = "BT /F1 12 Tf 72 700 Td (Annual capacity) Tj 0 -20 Td (second line) Tj ET";
    check("a.pdf", &pdf(&[show]), "Annual capacity second line");
    // Words parted by moving the pen, letters moved by hand, and a word in two strings.
    let moved = "BT /F1 10 Tf 72 700 Td [(Pi) 10 (pe) -20 (line) -600 (tariff)] TJ ET";
    check("a.pdf", &pdf(&[moved, "BT /F1 10 Tf 72 700 Td (page two) Tj ET"]), "Pipeline tariff page two");
    assert_eq!(found("scan.pdf", &pdf(&["0 0 m 10 10 l S"])), Err(Reason::NoText("PDF".into())));
}

#[test]
fn messages() {
    let mail = eml("Lunch", "See you at noon.", "notes.txt", "attached words");
    check(
        "a.eml",
        &mail,
        "Lunch Ada ada@example.org bruno@example.org See you at noon. notes.txt attached words",
    );
    let both = b"MIME-Version: 1.0\r\nSubject: Both\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>plain</p>\r\n--b--\r\n";
    check("noname", both, "Both plain");
    let page = b"MIME-Version: 1.0\r\nSubject: One\r\nContent-Type: text/html\r\n\r\n<p>only <b>page</b></p>";
    check("noname", page, "One only page");
    check("a.msg", &msg("Re: Plan", "Body of it", &[]), "Re: Plan Body of it");
    let inner = docx(&["Deep words"]);
    check(
        "a.msg",
        &msg("Carries", "a file", &[("plan.docx", &inner)]),
        "Carries a file plan.docx Deep words",
    );
    let carried = compound(&[
        ("/__properties_version1.0", vec![0; 32]),
        ("/__substg1.0_0037001E", b"Na\xefve".to_vec()),
        ("/__attach_version1.0_#00000000/__substg1.0_3701000D/__properties_version1.0", vec![0; 24]),
        ("/__attach_version1.0_#00000000/__substg1.0_3701000D/__substg1.0_1000001F", wide("carried")),
    ]);
    check("a.msg", &carried, "Naïve carried");
}

#[test]
fn archives() {
    let plain = zip(&[("a.txt", b"alpha"), ("folder/b.txt", b"beta"), ("picture.png", b"\x89PNG\r\n\x1a\n")]);
    check("a.zip", &plain, "a.txt alpha folder/b.txt beta picture.png");
    check(
        "a.zip",
        &zip(&[("inner.zip", &plain), ("d.docx", &docx(&["gamma"]))]),
        "inner.zip a.txt alpha folder/b.txt beta picture.png d.docx gamma",
    );
}

#[test]
fn what_is_not_read_says_why() {
    let reason = |name: &str, bytes: &[u8]| found(name, bytes).unwrap_err();
    for (bytes, kind) in [
        (&b"\xff\xd8\xff\xe0 JFIF"[..], "JPEG picture"),
        (b"\x89PNG\r\n\x1a\n....", "PNG picture"),
        (b"\0\0\0\x20ftypmp42", "MPEG-4 media"),
        (b"\x7fELF\x02", "program"),
        (b"", "empty file"),
        (b"\x01\x02\x03\x04\0\0\x05\x06", "bytes of an unknown kind"),
    ] {
        let reason = reason("x", bytes);
        assert_eq!(reason, Reason::NoText(kind.into()));
        assert!(reason.is_nothing());
    }
    for bytes in [&b"Rar!\x1a\x07\0"[..], b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"] {
        let reason = reason("x.docx", bytes);
        assert!(matches!(reason, Reason::Unknown(_)) && !reason.is_nothing(), "{reason}");
    }
    assert_eq!(reason("a.docx", &compound(&[("/EncryptedPackage", vec![1, 2, 3])])), Reason::Protected);
    assert_eq!(reason("a.txt", b" \n\t "), Reason::NoText("text".into()));
}
