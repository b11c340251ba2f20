//! Documents and spreadsheets of office programs (Office Open XML), and PDF.

use std::fmt::Write as _;

use super::zip::zip;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

fn types(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut out = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    );
    for (part, kind) in parts {
        let _ = write!(
            out,
            "<Override PartName=\"{part}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}+xml\"/>"
        );
    }
    out.push_str("</Types>");
    out.into_bytes()
}

fn relation(kind: &str, target: &str) -> Vec<u8> {
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
    )
    .into_bytes()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A document of these paragraphs.
pub fn docx(paragraphs: &[String]) -> Vec<u8> {
    let mut body = format!(
        "{HEAD}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
    );
    for text in paragraphs {
        let _ = write!(body, "<w:p><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escape(text));
    }
    body.push_str("<w:sectPr/></w:body></w:document>");
    zip(&[
        ("[Content_Types].xml", types(&[("/word/document.xml", "wordprocessingml.document.main")])),
        ("_rels/.rels", relation("officeDocument", "word/document.xml")),
        ("word/document.xml", body.into_bytes()),
    ])
}

/// A spreadsheet of these rows; cells that are numbers become numbers.
pub fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let mut sheet = format!("{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetData>");
    for (number, row) in (1..).zip(rows) {
        let _ = write!(sheet, "<row r=\"{number}\">");
        for (column, cell) in ('A'..='Z').zip(row) {
            let _ = if cell.parse::<f64>().is_ok() {
                write!(sheet, "<c r=\"{column}{number}\"><v>{cell}</v></c>")
            } else {
                write!(
                    sheet,
                    "<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{}</t></is></c>",
                    escape(cell)
                )
            };
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let book = format!(
        "{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>\
         <sheet name=\"1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let parts = [
        ("/xl/workbook.xml", "spreadsheetml.sheet.main"),
        ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
    ];
    zip(&[
        ("[Content_Types].xml", types(&parts)),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", book.into_bytes()),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", sheet.into_bytes()),
    ])
}

/// Lines of a page of PDF, and characters of a line.
const LINES: usize = 54;
const WIDE: usize = 88;

/// A PDF of these paragraphs, in the standard font Helvetica. Characters that its encoding lacks become question marks.
pub fn pdf(paragraphs: &[String]) -> Vec<u8> {
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() >= WIDE {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
        lines.push(String::new());
    }
    let pages: Vec<Vec<u8>> = lines.chunks(LINES).map(page).collect();
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (number, page) in pages.into_iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
                 /Resources << /Font << /F1 3 0 R >> >> >>",
                5 + 2 * number
            )
            .into_bytes(),
        );
        let mut stream = format!("<< /Length {} >>\nstream\n", page.len()).into_bytes();
        stream.extend_from_slice(&page);
        stream.extend_from_slice(b"\nendstream");
        objects.push(stream);
    }
    let mut out = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let place = out.len();
    let _ =
        write!(table, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{place}\n%%EOF\n", objects.len() + 1);
    out.extend_from_slice(table.as_bytes());
    out
}

fn page(lines: &[String]) -> Vec<u8> {
    let mut out = b"BT /F1 10 Tf 14 TL 56 790 Td\n".to_vec();
    for line in lines {
        out.push(b'(');
        for letter in line.chars() {
            match u8::try_from(u32::from(letter)) {
                Ok(byte @ (b'\\' | b'(' | b')')) => out.extend_from_slice(&[b'\\', byte]),
                Ok(byte @ (b' '..=b'~' | 0xA0..)) => out.push(byte),
                _ => out.push(b'?'),
            }
        }
        out.extend_from_slice(b") '\n");
    }
    out.extend_from_slice(b"ET");
    out
}
