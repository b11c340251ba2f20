//! Text in code pages that are stated wrongly, or not at all: ANSI files and HTML bodies.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Cursor;
use std::sync::Arc;

use mailscope_pst::write::{NewMessage, Options, Person, PropertyKey, PstWriter, Value};
use mailscope_pst::{Consequence, Fault, Format, MemorySource, PstFile};

/// `PidTagMessageCodepage`, `PidTagInternetCodepage`
const MESSAGE: PropertyKey = PropertyKey::Id(0x3FFD);
const INTERNET: PropertyKey = PropertyKey::Id(0x3FDE);
const LIMIT: usize = 1 << 20;

/// A file in code page `page` with a folder and a message of this text, whose two code pages are stated as given.
fn written(page: u16, text: &str, stated: [i32; 2]) -> PstFile {
    let options = Options { format: Format::Ansi, codepage: page, ..Options::default() };
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), options).unwrap();
    let folder = writer.add_folder(writer.top(), text).unwrap();
    let message = NewMessage {
        subject: text.into(),
        text: Some(format!("{text}\r\n{text}")),
        sender: Some(Person::new(text, "ada@example.org")),
        ..NewMessage::default()
    };
    let message = message.with(MESSAGE, Value::Int32(stated[0])).with(INTERNET, Value::Int32(stated[1]));
    writer.add_message(folder, &message).unwrap();
    let data = writer.finish().unwrap().into_inner();
    PstFile::from_source(Arc::new(MemorySource(data))).unwrap()
}

/// Sentences in the code pages of their languages.
const TEXTS: &[(u16, &str)] = &[
    (1251, "Добрый день, отправляю вам договор на подпись"),
    (1253, "Καλημέρα σας, σας στέλνω το συμβόλαιο για υπογραφή"),
    (1255, "שלום לכולם, מצורף המסמך לחתימה, אני מחכה לתשובה"),
    (1256, "السلام عليكم، أرسل لكم العقد للتوقيع وأنتظر ردكم"),
    (932, "お世話になっております。契約書をお送りします。"),
    (936, "您好，附件是需要签字的合同，请尽快回复，谢谢。"),
    (949, "안녕하세요, 서명이 필요한 계약서를 보내 드립니다."),
    (950, "您好，附件是需要簽名的合約，請儘快回覆，謝謝。"),
    (874, "สวัสดีครับ ผมส่งเอกสารมาให้ลงนาม กรุณาตอบกลับ"),
    (1252, "Liebe Grüße aus Österreich, schöne Feiertage wünscht Jürgen"),
];

#[test]
fn strings_of_ansi_files() {
    for &(page, text) in TEXTS {
        let right = i32::from(page);
        // Right; not stated; impossible for strings; the other property; wrong.
        for stated in [[right, right], [0, 0], [1200, 0], [0, right], [1200, right], [1252, 0], [1252, 65001]]
        {
            let file = written(page, text, stated);
            let mut reader = file.reader();
            let census = reader.census().unwrap();
            let (item, bodies) = reader.item_with_bodies(&census.items[0], LIMIT).unwrap();
            let what = format!("{page} stated as {stated:?}");
            assert_eq!((item.subject.as_str(), item.sender.name.as_str()), (text, text), "{what}");
            assert_eq!(bodies.plain, Some(format!("{text}\r\n{text}")), "{what}");
            let home = census.folders.iter().find(|folder| folder.id == census.items[0].folder).unwrap();
            assert_eq!(home.name, text, "{what}");
            let found = item.anomalies.iter().find(|anomaly| matches!(anomaly.fault, Fault::CodePage { .. }));
            let wrong = stated[0] == 1252 && page != 1252;
            assert_eq!(
                found.map(|found| found.consequence),
                wrong.then_some(Consequence::Repaired),
                "{what}"
            );
        }
    }
}

#[test]
fn bodies_of_html() {
    let check = |html: &[u8], stated: i32, want: &str, wrong: bool| {
        let mut writer = PstWriter::new(Cursor::new(Vec::new()), Options::default()).unwrap();
        let folder = writer.add_folder(writer.top(), "HTML").unwrap();
        let message = NewMessage { html: Some(html.to_vec()), ..NewMessage::default() };
        writer.add_message(folder, &message.with(INTERNET, Value::Int32(stated))).unwrap();
        let data = writer.finish().unwrap().into_inner();
        let file = PstFile::from_source(Arc::new(MemorySource(data))).unwrap();
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        let bodies = reader.bodies(&census.items[0], LIMIT).unwrap();
        let html = bodies.html.unwrap();
        assert_eq!(html.text, want, "{stated}");
        assert_eq!(bodies.anomalies.len(), usize::from(wrong), "{stated}: {:?}", bodies.anomalies);
    };
    let russian = encoding_rs::WINDOWS_1251.encode("<p>Добрый день, жду ответа").0.into_owned();
    check(&russian, 1251, "<p>Добрый день, жду ответа", false);
    check(&russian, 1252, "<p>Добрый день, жду ответа", true);
    check(&russian, 65001, "<p>Добрый день, жду ответа", true);
    check(&russian, 0, "<p>Добрый день, жду ответа", false);
    let utf8 = "<meta charset=utf-8><p>Größe, 日本語";
    for stated in [65001, 28591, 50220, 1200] {
        check(utf8.as_bytes(), stated, utf8, stated != 65001);
    }
    check(b"<p>\x1b$BF|K\\8l\x1b(B", 50220, "<p>日本語", false);
    check(b"<p>\x1b$BF|K\\8l\x1b(B", 1252, "<p>日本語", false);
}
