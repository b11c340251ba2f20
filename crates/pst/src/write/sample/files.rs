//! Attachments of the sample mailbox, made rather than stored.

use std::fmt::Write;

use crate::write::{Content, NewAttachment, RtfBody, RtfForm, png::png};

pub(super) fn attachment(name: &str, mime: &str, bytes: Vec<u8>) -> NewAttachment {
    NewAttachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        content: Content::Bytes(bytes),
        ..NewAttachment::default()
    }
}

/// The poster: a night sky, the lighthouse and its beam.
pub(super) fn poster() -> Vec<u8> {
    png(240, 160, |x, y| {
        let (x, y) = (x as i32, y as i32);
        let beam = x > 60 && (y - 40).abs() * 5 < x - 60;
        let tower = (54..66).contains(&x) && y > 36;
        let sea = y > 128 + (x / 8 % 3);
        match (tower, sea, beam) {
            (true, _, _) if y / 12 % 2 == 0 => [230, 230, 225],
            (true, _, _) => [196, 60, 52],
            (_, true, _) => [18, 52, 86],
            (_, _, true) => [244, 214, 120],
            _ => [24, 38 + (y / 4) as u8, 74 + (y / 3) as u8],
        }
    })
}

/// The plan of the hall: rows of seats and an aisle.
pub(super) fn hall_plan() -> Vec<u8> {
    png(176, 220, |x, y| {
        let stage = y < 40;
        let seat = y > 52 && x % 8 < 5 && y % 10 < 7 && !(84..92).contains(&x);
        match (stage, seat) {
            (true, _) => [150, 110, 70],
            (_, true) => [70, 110, 150],
            _ => [245, 243, 238],
        }
    })
}

/// The budget as a spreadsheet program writes it.
pub(super) const BUDGET: &str = "Item,Planned,Spent\r\n\
Left from last year,4180.00,4180.00\r\n\
Grant of the town,2500.00,2500.00\r\n\
Tickets,3600.00,3790.00\r\n\
Stage and tent,-2900.00,-2875.00\r\n\
Travel of the guests,-4200.00,-4310.25\r\n\
Posters and programmes,-600.00,-612.40\r\n\
\"Tea, scarves, ironing board\",-700.00,-746.00\r\n";

/// A PDF of one page with one line of ASCII text.
pub(super) fn pdf(text: &str) -> Vec<u8> {
    let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
    let page = format!("BT /F1 12 Tf 56 780 Td ({escaped}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        // Writing to a String cannot fail.
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let table = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(out, "{place:010} 00000 n ");
    }
    let _ = write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\n", objects.len() + 1);
    let _ = write!(out, "startxref\n{table}\n%%EOF\n");
    out.into_bytes()
}

/// `text` as rich text.
pub(super) fn rtf(text: &str, form: RtfForm) -> RtfBody {
    let mut out = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}\\f0\\fs22 ".to_owned();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\n') => out.push_str("\\par\r\n"),
            Ok(byte @ (b'\\' | b'{' | b'}')) => {
                out.push('\\');
                out.push(char::from(byte));
            }
            Ok(byte) if byte.is_ascii() => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\u{}?", unit as i16);
            }
        }
    }
    out.push('}');
    RtfBody { bytes: out.into_bytes(), form }
}
