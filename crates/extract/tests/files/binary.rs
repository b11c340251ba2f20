//! What is read of Word, Excel and PowerPoint files of 2003 and before.

use super::make::{compound, docx, msg, wide, zip};
use super::office::*;
use super::{found, words as words_of};
use mailscope_extract::{Limits, Reason, text_of};
use proptest::prelude::*;
use std::io::Write as _;

fn check(name: &str, bytes: &[u8], expected: &str) {
    assert_eq!(words_of(name, bytes), expected, "{name}");
}

/// The stream with its properties.
const SUMMARY: &str = "/\u{5}SummaryInformation";

#[test]
fn documents() {
    check(
        "a.doc",
        &doc(&["Quarterly report\rSecond paragraph\r"], 1000),
        "Quarterly report Second paragraph",
    );
    // Pieces in bytes and in sixteen bits, which lie in the file in another order than in the text.
    check(
        "a.doc",
        &doc(&["Capacity of Köln\rМосква и 東京\rend\r"], 7),
        "Capacity of Köln Москва и 東京 end",
    );
    check("a.doc", &doc(&["𝄞 beyond sixteen bits\r"], 1000), "𝄞 beyond sixteen bits");
    let parts =
        ["Body\u{2}\r", "\u{2} Foot\r", "Heading\r", "\u{5}Remark\r", "End\r", "Box\r", "Box above\r"];
    check("a.doc", &doc(&parts, 9), "Body Foot Heading Remark End Box Box above");
    let fields = "See \u{13} HYPERLINK \"http://example.org\" \u{1}\u{14}the page\u{15} on p. \u{13}PAGEREF x\u{14}7\u{15}\r";
    check("a.doc", &doc(&[fields], 5), "See the page on p. 7");
    let mut streams = doc_streams(&["Text\r"], 99);
    streams.push((SUMMARY, summary(&[(2, "The título"), (4, "Ada"), (5, "plan, budget"), (9, "never")])));
    check("a.doc", &compound(&streams), "Text The título Ada plan, budget");
}

#[test]
fn bytes_of_windows_in_documents() {
    let content = b"\x93Quoted\x94 \x96 50 \x80\r";
    let place = u32::try_from((WORD_HEAD * 2) | (1 << 30)).unwrap();
    let (main, table) = word_streams(&[content.len()], &[Piece { length: content.len(), place }], content);
    let bytes = compound(&[("/WordDocument", main), ("/1Table", table)]);
    check("a.doc", &bytes, "“Quoted” – 50 €");
}

#[test]
fn documents_of_word_95() {
    for fast in [false, true] {
        check("a.doc", &doc_95(0x0407, b"Gr\xfc\xdfe aus K\xf6ln\r", 1, fast), "Grüße aus Köln");
        check("a.doc", &doc_95(0x0419, b"\xcc\xee\xf1\xea\xe2\xe0\r", 1, fast), "Москва");
        check("a.doc", &doc_95(0x0405, b"P\xf8\xedli\x9a\r", 1, fast), "Příliš");
    }
    check("a.doc", &doc_95(0x0411, &wide("東京の計画です\r"), 2, false), "東京の計画です");
}

#[test]
fn workbooks() {
    use Cell::*;
    let rows: &[&[Cell<'_>]] = &[
        &[Text("Station"), Text("Capacity")],
        &[Text("Köln-Süd"), Number(1400.5), Hundredths(250), Day(37_028.0)],
        &[Own("Сумма"), Formula("computed text"), Several(&[100, 200, 350])],
    ];
    let expected =
        "Budget 2020 Лист Station Capacity Köln-Süd 1400.5 2.5 2001-05-17 Сумма computed text 1 2 3.5 other";
    let sheets: &[(&str, &[&[Cell<'_>]])] = &[("Budget 2020", rows), ("Лист", &[&[Text("other")]])];
    // However short the records, strings go on in the next.
    for limit in [8224, 40, 13] {
        check("a.xls", &xls(sheets, limit), expected);
    }
    check("bare.xls", &workbook(sheets, 8224), expected);
    let read = found("a.xls", &xls(sheets, 8224)).unwrap();
    assert_eq!(read.kind, "Excel 97-2003 workbook");
    assert!(read.text.contains("Station Capacity\nKöln-Süd 1400.5"), "a line for each row: {}", read.text);
}

#[test]
fn workbooks_of_excel_95() {
    let book = |page, name: &[u8], rows: &[&[u8]]| compound(&[("/Book", workbook_95(page, name, rows))]);
    check("a.xls", &book(1252, b"K\xf6ln", &[b"one", b"M\xfcller"]), "Köln one Müller");
    check("a.xls", &book(1251, b"\xcb\xe8\xf1\xf2", &[b"\xd1\xf3\xec\xec\xe0"]), "Лист Сумма");
    check("a.xls", &book(0x8000, b"Mac", &[b"caf\x8e"]), "Mac café");
    // Where both are there, the later is taken.
    let both = [("/Book", workbook_95(1252, b"old", &[])), ("/Workbook", workbook(&[("new", &[])], 99))];
    check("a.xls", &compound(&both), "new");
}

#[test]
fn what_lies_on_sheets() {
    let mut out = Records { bytes: workbook(&[("Sheet", &[])], 99) };
    out.add(0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0]);
    // A text box whose text goes on in a second record, in sixteen bits, and whose formats follow.
    let mut head = vec![0; 10];
    head.extend([9, 0, 16, 0, 0, 0, 0, 0]);
    out.add(0x01b6, &head);
    out.add(0x003c, b"\0Notes");
    out.add(0x003c, &[vec![1], wide(" по")].concat());
    out.add(0x003c, &[vec![1], wide("!")].concat());
    out.add(0x003c, &[0xee; 16]);
    // A chart in the sheet.
    out.add(0x0809, &[0, 6, 0x20, 0, 0, 0, 0, 0]);
    out.add(0x100d, &[&[0, 0, 5, 0][..], b"Title"].concat());
    out.add(0x000a, &[]);
    out.add(0x000a, &[]);
    check("a.xls", &compound(&[("/Workbook", out.bytes)]), "Sheet Notes по! Title");
}

#[test]
fn presentations() {
    let slides: &[Slide<'_>] = &[
        ("First title\rwith a point", "Überschrift", "Say hello"),
        ("Второй", "A\u{b}box", ""),
        ("Third", "", "Bye"),
    ];
    let expected = "First title with a point Überschrift Второй A box Third Say hello Bye Footer line";
    check("a.ppt", &ppt(slides), expected);
    // What a later edit replaced is not shown any more.
    let mut edited = presentation(slides);
    edited.object(10, &container(0x03ee, 0, &[words("Changed later")]));
    edited.save();
    check("a.ppt", &edited.finish(), &expected.replace("Überschrift", "Changed later"));
    let dual = compound(&[("/PP40", vec![1, 2, 3]), ("/Other", vec![])]);
    assert_eq!(found("a.ppt", &dual), Err(Reason::Unknown("PowerPoint 95 presentation".into())));
}

#[test]
fn comments_on_slides() {
    let comment = container(
        0x2ee0,
        0,
        &[atom(0x0fba, 0, &wide("Bruno")), atom(0x0fba, 1, &wide("Is that so?")), atom(0x2ee1, 0, &[0; 28])],
    );
    let tag = |name: &str| {
        let tag = [atom(0x0fba, 0, &wide(name)), atom(0x138b, 0, &comment)];
        container(0x1388, 0, &[container(0x138a, 0, &tag)])
    };
    let mut deck = presentation(&[("Slide", "", "")]);
    deck.object(10, &container(0x03ee, 0, &[tag("SOMEONE'S"), tag("___PPT10"), words("behind")]));
    deck.save();
    check("a.ppt", &deck.finish(), "Slide Bruno Is that so? behind Footer line");
}

#[test]
fn a_presentation_without_its_edits_gives_all_of_its_text() {
    for edit in [0, 7, usize::MAX >> 40] {
        let mut deck = presentation(&[("Slide", "Box", "Note")]);
        deck.edit = edit;
        let read = found("a.ppt", &deck.finish()).unwrap();
        for word in ["Slide", "Box", "Note", "Footer line"] {
            assert!(read.text.contains(word), "{word} in {:?}", read.text);
        }
        assert!(!read.text.contains("Master") && !read.text.contains("Click"), "{:?}", read.text);
        assert_eq!(read.notes.len(), 1, "{:?}", read.notes);
    }
}

#[test]
fn documents_in_documents() {
    let book = workbook(&[("Inside", &[&[Cell::Text("of a table")]])], 99);
    let mut streams = doc_streams(&["Outside\r"], 99);
    streams.push(("/ObjectPool/_1/Workbook", book.clone()));
    streams.push(("/ObjectPool/_2/Package", docx(&["Later"])));
    streams.push(("/ObjectPool/_3/CONTENTS", vec![1, 2, 3]));
    check("a.doc", &compound(&streams), "Outside Inside of a table Later");
    let packed = |content: &[u8]| {
        let mut out = u32::try_from(content.len()).unwrap().to_le_bytes().to_vec();
        let mut encoder = flate2::write::ZlibEncoder::new(&mut out, flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap();
        out
    };
    let inner = compound(&[("/Workbook", book.clone())]);
    for object in [atom(0x1011, 1, &packed(&inner)), atom(0x1011, 0, &inner)] {
        let mut deck = presentation(&[("Slide", "", "")]);
        deck.object(30, &object);
        deck.save();
        check("a.ppt", &deck.finish(), "Slide Footer line Inside of a table");
    }
    let mut book = vec![("/Workbook", book)];
    let inner = doc_streams(&["Word in Excel\r"], 99);
    book.extend(
        inner.iter().zip(["/MBD0001/WordDocument", "/MBD0001/1Table"]).map(|(s, path)| (path, s.1.clone())),
    );
    check("a.xls", &compound(&book), "Inside of a table Word in Excel");
    check("a.zip", &zip(&[("a.doc", &doc(&["Packed\r"], 99))]), "a.doc Packed");
    let carried = msg("Carries", "a file", &[("plan.xls", &xls(&[("Plan", &[])], 99))]);
    check("a.msg", &carried, "Carries a file plan.xls Plan");
    // A document as an object of a message, which lies in it as a storage.
    let inner = doc_streams(&["Object\r"], 99);
    let mut streams = vec![("/__properties_version1.0", vec![0; 32])];
    let place = [
        "/__attach_version1.0_#00000000/__substg1.0_3701000D/WordDocument",
        "/__attach_version1.0_#00000000/__substg1.0_3701000D/1Table",
    ];
    streams.extend(inner.iter().zip(place).map(|(s, path)| (path, s.1.clone())));
    check("a.msg", &compound(&streams), "Object");
}

#[test]
fn what_is_not_read_says_why() {
    let reason = |streams: &[(&str, Vec<u8>)]| found("a", &compound(streams)).unwrap_err();
    let mut locked = doc_streams(&["secret\r"], 99);
    locked[0].1[11] |= 1;
    assert_eq!(reason(&locked), Reason::Protected);
    let mut old = doc_streams(&["old\r"], 99);
    old[0].1[2] = 0x2d;
    assert_eq!(reason(&old), Reason::Unknown("document of Word before version 6".into()));
    let damaged = |streams: &[(&str, Vec<u8>)], what: &str| match reason(streams) {
        Reason::Damaged(how) => assert!(how.contains(what), "{how}"),
        other => panic!("{other:?}"),
    };
    let main = doc_streams(&["text\r"], 99).swap_remove(0).1;
    damaged(&[("/WordDocument", main.clone())], "table stream");
    damaged(&[("/WordDocument", main.clone()), ("/1Table", vec![0; 300])], "piece table");
    damaged(&[("/WordDocument", main[..100].to_vec()), ("/1Table", vec![0; 300])], "head");
    let mut book = Records::default();
    book.add(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    book.add(0x002f, &[1, 0, 1, 0]);
    book.add(0x0085, &[0, 0, 0, 0, 0, 0, 4, 0, b'x', b'x', b'x', b'x']);
    assert_eq!(reason(&[("/Workbook", book.bytes)]), Reason::Protected);
    damaged(&[("/Workbook", vec![0; 99])], "beginning");
    let user = atom(0x0ff6, 0, &[20, 0, 0, 0, 0xdf, 0xc4, 0xd1, 0xf3, 0, 0, 0, 0]);
    assert_eq!(reason(&[("/Current User", user), ("/PowerPoint Document", vec![1; 99])]), Reason::Protected);
    assert_eq!(reason(&[("/VisioDocument", vec![1])]), Reason::Unknown("Visio drawing".into()));
    assert_eq!(
        found("a.xls", b"\x09\0\x04\0\x02\0\x10\0"),
        Err(Reason::Unknown("workbook of Excel before version 5".into()))
    );
    assert_eq!(reason(&[("/Other", vec![1])]), Reason::NoText("compound file of an unknown kind".into()));
}

#[test]
fn what_is_left_of_torn_files_is_read() {
    let cut = |streams: &mut [(&str, Vec<u8>)], length: usize| {
        streams[0].1.truncate(length);
        found("a", &compound(streams)).unwrap()
    };
    let mut streams = doc_streams(&["kept words, and lost ones\r"], 99);
    let read = cut(&mut streams, WORD_HEAD + 10);
    assert_eq!((read.text.as_str(), read.notes.len()), ("kept words", 1), "{:?}", read.notes);
    let mut book = workbook(&[("Sheet", &[&[Cell::Own("kept")], &[Cell::Own("lost")]])], 99);
    book.truncate(book.len() - 6);
    let read = found("a", &compound(&[("/Workbook", book)])).unwrap();
    assert!(read.text.starts_with("Sheet\nkept") && read.notes.len() == 1, "{read:?}");
}

#[test]
fn files_that_mean_harm_end() {
    // Pieces that all show the same place of the file.
    let content = vec![0x01; 1 << 20];
    let piece = Piece { length: content.len(), place: u32::try_from((WORD_HEAD * 2) | (1 << 30)).unwrap() };
    let (main, table) = word_streams(&[u32::MAX as usize], &vec![piece; 500], &content);
    let limits = Limits { unpacked: 16 << 20, ..Limits::default() };
    let bytes = compound(&[("/WordDocument", main), ("/1Table", table)]);
    let read = text_of("a.doc", "", &bytes, &limits);
    assert!(matches!(&read, Err(Reason::Unread(why)) if why.contains("unpacks to more")), "{read:?}");
    // Cells that all show the same long string.
    let long = "word ".repeat(6000);
    let mut cells = Records::default();
    cells.add(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    cells.strings(&[&long], 8224);
    for row in 0..20_000_u16 {
        cells.add(0x00fd, &[row.to_le_bytes(), [0; 2], [0; 2], [0; 2], [0; 2]].concat());
    }
    let read = found("a.xls", &compound(&[("/Workbook", cells.bytes)])).unwrap();
    assert!(read.cut && read.text.len() <= Limits::default().text);
    // Counts that nothing stands behind.
    let mut empty = Records::default();
    empty.add(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    empty.add(0x00fc, &[0xff; 11]);
    empty.add(0x00bd, &[0; 5]);
    assert!(found("a.xls", &compound(&[("/Workbook", empty.bytes)])).is_err());
    // Edits that name themselves and each other, slides that hold each other, a list of one slide over and over.
    let mut deck = presentation(&[("Slide", "Box", "")]);
    deck.save();
    let at = deck.edit + 8 + 8;
    let itself = u32::try_from(deck.edit).unwrap().to_le_bytes();
    deck.bytes[at..at + 4].copy_from_slice(&itself);
    assert!(found("a.ppt", &deck.finish()).unwrap().text.contains("Box"));
    let mut deck = presentation(&[("Slide", "Box", "")]);
    let one = atom(0x03f3, 0, &[[10, 0, 0, 0], [0; 4], [0; 4], [0; 4], [0; 4]].concat());
    deck.object(1, &container(0x03e8, 0, &[container(0x0ff0, 0, &vec![one; 100_000])]));
    deck.save();
    assert_eq!(found("a.ppt", &deck.finish()).unwrap().text, "Box");
    let deep = (0..200_000).fold(Vec::new(), |mut out: Vec<u8>, n| {
        out.extend([0x0f, 0, 0x04, 0xf0]);
        out.extend((u32::try_from(8 * (200_000 - n)).unwrap()).to_le_bytes());
        out
    });
    let mut deck = presentation(&[("Slide", "", "")]);
    deck.object(10, &deep);
    deck.save();
    assert!(found("a.ppt", &deck.finish()).unwrap().text.contains("Slide"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// However a document's text is cut into pieces, its words come out in order.
    #[test]
    fn words_of_documents(words in prop::collection::vec("[a-zà-ÿ]{1,9}|[а-яё]{1,9}|[一-丁]{1,3}", 1..40), length in 1_usize..60, at in any::<prop::sample::Index>()) {
        let at = at.index(words.len());
        let (body, notes) = (words[..at].join(" ") + "\r", words[at..].join("\r") + "\r");
        let read = found("a.doc", &doc(&[&body, &notes], length)).unwrap();
        prop_assert_eq!(read.text.split_whitespace().collect::<Vec<_>>(), words);
    }

    #[test]
    fn words_of_workbooks(words in prop::collection::vec("[a-zà-ÿ]{1,99}|[а-яё]{1,99}", 1..40), limit in 12_usize..300) {
        let cells: Vec<Cell<'_>> = words.iter().map(|word| Cell::Text(word)).collect();
        let rows: Vec<&[Cell<'_>]> = cells.chunks(3).collect();
        let read = found("a.xls", &xls(&[("Sheet", &rows)], limit)).unwrap();
        prop_assert_eq!(read.text.split_whitespace().skip(1).collect::<Vec<_>>(), words);
    }

    #[test]
    fn words_of_presentations(words in prop::collection::vec("[a-zà-ÿ]{1,9}|[а-яё]{1,9}", 1..40)) {
        let slides: Vec<Slide<'_>> = words.iter().map(|word| (word.as_str(), "", "")).collect();
        let read = found("a.ppt", &ppt(&slides)).unwrap();
        let shown: Vec<&str> = read.text.split_whitespace().collect();
        prop_assert_eq!(&shown[..words.len()], &words);
    }

    /// Streams that were changed here and there, in files that are sound around them, give text or a reason within the limits.
    #[test]
    fn damaged_streams_end(
        which in 0_usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![0_u8, 1, 2, 7, 0x0f, 0x3c, 0x80, 0xff])), 1..30),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let document = || doc_streams(&["Words and a \u{13}FIELD\u{14}field\u{15}\r", "Примечание\r"], 4);
        let sheet: &[&[Cell<'_>]] = &[&[Cell::Text("one"), Cell::Formula("два")], &[Cell::Several(&[1, 2]), Cell::Own("x")]];
        // The stream that is changed comes first.
        let mut streams = match which {
            0 => document(),
            1 => document().into_iter().rev().collect(),
            2 => vec![("/Workbook", workbook(&[("Sheet", sheet)], 14))],
            _ => {
                let deck = presentation(&[("Title", "Слова", "Notes")]);
                let user = [&[0; 16][..], &u32::try_from(deck.edit).unwrap().to_le_bytes()].concat();
                vec![("/PowerPoint Document", deck.bytes), ("/Current User", user)]
            }
        };
        let changed = &mut streams[0].1;
        for (place, value) in changes {
            let place = place.index(changed.len());
            changed[place] = value;
        }
        if cut {
            changed.truncate(end.index(changed.len()));
        }
        let limits = Limits { text: 1 << 16, ..Limits::default() };
        match text_of("a", "", &compound(&streams), &limits) {
            Ok(read) => prop_assert!(!read.text.is_empty() && read.text.len() <= 1 << 16),
            Err(reason) => prop_assert!(!reason.to_string().is_empty()),
        }
    }
}
