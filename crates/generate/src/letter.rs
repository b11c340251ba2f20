//! One text, as plain text, HTML and RTF.

use std::fmt::Write as _;

use mailscope_pst::write::{RtfBody, RtfForm};

/// A text in parts.
#[derive(Debug, Default)]
pub struct Letter {
    /// The first line.
    pub greeting: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// A table: rows of cells.
    pub table: Vec<Vec<String>>,
    /// Who wrote what is quoted, and what.
    pub quote: Option<(String, String)>,
    /// The last lines.
    pub closing: Vec<String>,
}

impl Letter {
    /// Plain text with the line ends of mail.
    pub fn plain(&self) -> String {
        let mut out = String::with_capacity(4096);
        if !self.greeting.is_empty() {
            let _ = write!(out, "{},\r\n\r\n", self.greeting);
        }
        for paragraph in &self.paragraphs {
            out.push_str(paragraph);
            out.push_str("\r\n\r\n");
        }
        for row in &self.table {
            out.push_str(&row.join("\t"));
            out.push_str("\r\n");
        }
        for line in &self.closing {
            out.push_str(line);
            out.push_str("\r\n");
        }
        if let Some((who, said)) = &self.quote {
            let _ = write!(out, "\r\n{who}:\r\n> {said}\r\n");
        }
        out
    }

    /// A page as mail programs make it.
    pub fn html(&self, right_to_left: bool) -> Vec<u8> {
        let direction = if right_to_left { " dir=\"rtl\"" } else { "" };
        let mut out = String::with_capacity(8192);
        let _ = write!(
            out,
            "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n\
             <style>p.text {{ margin: 0 0 8pt 0; font-family: Calibri, sans-serif; font-size: 11pt }} \
             td {{ border: 1px solid #ccc; padding: 2pt 6pt }}</style></head>\r\n<body{direction} lang=\"en\"><div>\r\n"
        );
        let paragraph = |out: &mut String, text: &str| {
            out.push_str("<p class=\"text\">");
            escape(out, text);
            out.push_str("</p>\r\n");
        };
        if !self.greeting.is_empty() {
            paragraph(&mut out, &self.greeting);
        }
        self.paragraphs.iter().for_each(|text| paragraph(&mut out, text));
        if !self.table.is_empty() {
            out.push_str("<table cellspacing=\"0\">\r\n");
            for row in &self.table {
                out.push_str("<tr>");
                for cell in row {
                    out.push_str("<td>");
                    escape(&mut out, cell);
                    out.push_str("</td>");
                }
                out.push_str("</tr>\r\n");
            }
            out.push_str("</table>\r\n");
        }
        for line in &self.closing {
            out.push_str("<span style=\"color:#1f3864\">");
            escape(&mut out, line);
            out.push_str("</span><br>\r\n");
        }
        if let Some((who, said)) = &self.quote {
            out.push_str("<blockquote style=\"border-left:2px solid #888;padding-left:6pt\"><b>");
            escape(&mut out, who);
            out.push_str("</b><br>");
            escape(&mut out, said);
            out.push_str("</blockquote>\r\n");
        }
        out.push_str("</div></body></html>\r\n");
        out.into_bytes()
    }

    /// Rich text.
    pub fn rtf(&self) -> RtfBody {
        let mut out =
            "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Calibri;}}\\f0\\fs22 ".to_owned();
        for unit in self.plain().encode_utf16() {
            match u8::try_from(unit) {
                Ok(b'\n') => {}
                Ok(b'\r') => out.push_str("\\par\r\n"),
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
        RtfBody { bytes: out.into_bytes(), form: RtfForm::Compressed }
    }
}

fn escape(out: &mut String, text: &str) {
    for part in text.split_inclusive(['&', '<', '>']) {
        match part.as_bytes().last() {
            Some(last @ (b'&' | b'<' | b'>')) => {
                out.push_str(&part[..part.len() - 1]);
                out.push_str(match last {
                    b'&' => "&amp;",
                    b'<' => "&lt;",
                    _ => "&gt;",
                });
            }
            _ => out.push_str(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            greeting: "Hello".into(),
            paragraphs: vec!["a < b & c > d".into(), "größer {x}".into()],
            table: vec![vec!["1".into(), "2".into()]],
            quote: Some(("Bo".into(), "why?".into())),
            closing: vec!["Ada".into()],
        }
    }

    #[test]
    fn the_same_text_in_three_forms() {
        assert_eq!(
            letter().plain(),
            "Hello,\r\n\r\na < b & c > d\r\n\r\ngrößer {x}\r\n\r\n1\t2\r\nAda\r\n\r\nBo:\r\n> why?\r\n"
        );
        let html = String::from_utf8(letter().html(false)).unwrap();
        assert!(html.contains("<p class=\"text\">a &lt; b &amp; c &gt; d</p>"), "{html}");
        let rtf = String::from_utf8(letter().rtf().bytes).unwrap();
        assert!(rtf.contains("gr\\u246?\\u223?er \\{x\\}\\par"), "{rtf}");
    }
}
