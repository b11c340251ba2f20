//! Makes small files of every kind.

use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;

/// A ZIP archive of these files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

/// An Office file of these parts.
pub fn office(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut files = vec![TYPES];
    files.extend(parts.iter().map(|(name, content)| (*name, content.as_bytes())));
    zip(&files)
}

/// A Word document of these paragraphs, each split into runs at "|".
pub fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let mut body = String::new();
    for paragraph in paragraphs {
        let runs: String = paragraph.split('|').map(|run| format!("<w:r><w:t>{run}</w:t></w:r>")).collect();
        body.push_str(&format!("<w:p>{runs}</w:p>"));
    }
    office(&[("word/document.xml", &format!("<w:document xmlns:w='x'><w:body>{body}</w:body></w:document>"))])
}

/// An OpenDocument file of this kind with these paragraphs.
pub fn odf(kind: &str, paragraphs: &[&str]) -> Vec<u8> {
    let body: String = paragraphs.iter().map(|text| format!("<text:p>{text}</text:p>")).collect();
    let content = format!("<office:document><office:body>{body}</office:body></office:document>");
    let mime = format!("application/vnd.oasis.opendocument.{kind}");
    zip(&[("mimetype", mime.as_bytes()), ("content.xml", content.as_bytes())])
}

/// A PDF with a page for each of these content streams. Font F1 is Helvetica.
pub fn pdf(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|n| format!("{} 0 R", 4 + n * 2)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (n, page) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + n * 2
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()));
    }
    pdf_of(&objects)
}

/// A PDF of these objects, numbered from 1; the first is the catalog.
pub fn pdf_of(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    out.extend(places.iter().flat_map(|place| format!("{place:010} 00000 n \n").into_bytes()));
    out.extend(
        format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    out
}

/// A compound file of these streams; storages are made as they are named.
pub fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, content) in streams {
        if let Some((storage, _)) = path.rsplit_once('/').filter(|(storage, _)| !storage.is_empty()) {
            file.create_storage_all(storage).unwrap();
        }
        file.create_stream(path).unwrap().write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// UTF-16 as such files hold it.
pub fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A message file.
pub fn msg(subject: &str, body: &str, attachments: &[(&str, &[u8])]) -> Vec<u8> {
    let mut streams = vec![
        ("/__properties_version1.0".to_owned(), vec![0; 32]),
        ("/__substg1.0_0037001F".to_owned(), wide(subject)),
        ("/__substg1.0_1000001F".to_owned(), wide(body)),
    ];
    for (n, (name, content)) in attachments.iter().enumerate() {
        let storage = format!("/__attach_version1.0_#{n:08X}");
        streams.push((format!("{storage}/__substg1.0_3707001F"), wide(name)));
        streams.push((format!("{storage}/__substg1.0_37010102"), content.to_vec()));
    }
    compound(&streams.iter().map(|(path, content)| (path.as_str(), content.clone())).collect::<Vec<_>>())
}

/// A message on its way with one attachment.
pub fn eml(subject: &str, text: &str, name: &str, content: &str) -> Vec<u8> {
    format!(
        "From: Ada <ada@example.org>\r\nTo: bruno@example.org\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\
         --b\r\nContent-Type: application/octet-stream; name={name}\r\nContent-Disposition: attachment; filename={name}\r\n\r\n\
         {content}\r\n--b--\r\n"
    )
    .into_bytes()
}
