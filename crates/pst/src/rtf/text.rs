//! What an RTF body says: the HTML or text that was wrapped in it ([MS-OXRTFEX]), or its own readable text.

use std::collections::HashMap;

use super::tokens::{Token, Tokens};
use crate::messaging::Charset;

/// What an RTF body was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encapsulated {
    /// `\fromhtml1`: HTML is wrapped in it.
    Html,
    /// `\fromtext`: it is plain text.
    Text,
    /// Neither: it was written as RTF.
    No,
}

/// Says what `rtf` was made from. The control word stands among the first ones.
pub fn encapsulated(rtf: &[u8]) -> Encapsulated {
    for token in Tokens::new(rtf).take(64) {
        match token {
            Token::Word(b"fromhtml", None | Some(1)) => return Encapsulated::Html,
            Token::Word(b"fromtext", _) => return Encapsulated::Text,
            Token::Word(b"fonttbl" | b"colortbl", _) => break,
            _ => {}
        }
    }
    Encapsulated::No
}

/// The HTML that is wrapped in `rtf`; `None` when there is none. At most `limit` bytes are given.
pub fn unwrap_html(rtf: &[u8], limit: usize) -> Option<String> {
    (encapsulated(rtf) == Encapsulated::Html).then(|| Converter::new(true, limit).run(rtf))
}

/// The readable text of `rtf`, whatever it was made from; the markup of wrapped HTML is left out.
pub fn to_text(rtf: &[u8], limit: usize) -> String {
    Converter::new(false, limit).run(rtf)
}

/// What the characters of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destination {
    Body,
    HtmlTag,
    Fonts,
    Skipped,
}

#[derive(Debug, Clone, Copy)]
struct State {
    destination: Destination,
    /// Inside `\htmlrtf`: meant for readers of RTF alone.
    only_rtf: bool,
    /// How many characters stand in for one `\u`.
    replacements: u32,
    font: i32,
}

/// Groups are nested no deeper in any sound body.
const DEEPEST: usize = 2_000;

struct Converter {
    html: bool,
    limit: usize,
    out: String,
    /// Bytes in the code page of the moment, not yet decoded.
    pending: Vec<u8>,
    pending_charset: u16,
    state: State,
    stack: Vec<State>,
    too_deep: usize,
    ansi: u16,
    fonts: HashMap<i32, u16>,
    default_font: i32,
    charsets: HashMap<u16, Charset>,
    /// Replacement characters that are still to be left out.
    skip: u32,
    surrogate: Option<u16>,
    star: bool,
    from_html: bool,
}

impl Converter {
    fn new(html: bool, limit: usize) -> Self {
        let state = State { destination: Destination::Body, only_rtf: false, replacements: 1, font: -1 };
        Self {
            html,
            limit,
            out: String::new(),
            pending: Vec::new(),
            pending_charset: 1252,
            state,
            stack: Vec::new(),
            too_deep: 0,
            ansi: 1252,
            fonts: HashMap::new(),
            default_font: -1,
            charsets: HashMap::new(),
            skip: 0,
            surrogate: None,
            star: false,
            from_html: false,
        }
    }

    fn run(mut self, rtf: &[u8]) -> String {
        let mut tokens = Tokens::new(rtf);
        while let Some(token) = tokens.next() {
            if self.out.len() >= self.limit {
                break;
            }
            match token {
                Token::Open => self.open(),
                Token::Close => self.close(),
                Token::Word(b"bin", Some(count)) => tokens.pass_over(usize::try_from(count).unwrap_or(0)),
                Token::Word(word, number) => self.word(word, number),
                Token::Symbol(symbol) => self.symbol(symbol),
                Token::Hex(byte) => self.bytes(&[byte]),
                Token::Text(text) => {
                    // What follows \u in its place is counted in characters.
                    let skipped = (self.skip as usize).min(text.len());
                    self.skip -= skipped as u32;
                    self.star = false;
                    self.bytes(text.get(skipped..).unwrap_or_default());
                }
            }
        }
        self.flush();
        if self.out.len() > self.limit {
            let end = (0..=self.limit).rev().find(|&end| self.out.is_char_boundary(end)).unwrap_or(0);
            self.out.truncate(end);
        }
        self.out
    }

    fn open(&mut self) {
        self.star = false;
        self.skip = 0;
        if self.stack.len() >= DEEPEST {
            self.too_deep += 1;
        } else {
            self.stack.push(self.state);
        }
    }

    fn close(&mut self) {
        self.star = false;
        self.skip = 0;
        if self.too_deep > 0 {
            self.too_deep -= 1;
        } else if let Some(state) = self.stack.pop() {
            self.state = state;
        }
    }

    fn shown(&self) -> bool {
        match self.state.destination {
            Destination::Body => !(self.state.only_rtf && self.from_html),
            Destination::HtmlTag => self.html,
            Destination::Fonts | Destination::Skipped => false,
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if bytes.len() == 1 && self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if !self.shown() || bytes.is_empty() {
            return;
        }
        let charset = if self.state.destination == Destination::HtmlTag {
            self.ansi
        } else {
            let font = if self.state.font < 0 { self.default_font } else { self.state.font };
            self.fonts.get(&font).copied().unwrap_or(self.ansi)
        };
        if charset != self.pending_charset {
            self.flush();
            self.pending_charset = charset;
        }
        self.pending.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        self.surrogate = None;
        if self.pending.is_empty() {
            return;
        }
        let charset = self
            .charsets
            .entry(self.pending_charset)
            .or_insert_with_key(|&page| Charset::of_or_default(page));
        // RTF says of each run what it is in; a run is too short to speak against it.
        self.out.push_str(&charset.decode_as_stated(&self.pending));
        self.pending.clear();
    }

    fn text(&mut self, text: &str) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.shown() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn unicode(&mut self, number: i32) {
        self.skip = 0;
        if self.shown() {
            let unit = number as u16;
            let high = self.surrogate.take();
            self.flush();
            match (high, unit) {
                (Some(high), 0xDC00..=0xDFFF) => {
                    self.out.extend(char::decode_utf16([high, unit]).flatten());
                }
                (_, 0xD800..=0xDBFF) => self.surrogate = Some(unit),
                _ => self.out.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)),
            }
        }
        self.skip = self.state.replacements;
    }

    fn symbol(&mut self, symbol: u8) {
        let star = std::mem::take(&mut self.star);
        match symbol {
            b'*' => self.star = true,
            b'\\' | b'{' | b'}' => self.bytes(&[symbol]),
            b'~' => self.text("\u{A0}"),
            b'_' => self.text("\u{2011}"),
            b'-' => {}
            b'\r' | b'\n' => self.text("\r\n"),
            _ => self.star = star,
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        let star = std::mem::take(&mut self.star);
        match word {
            b"htmltag" if star => self.state.destination = Destination::HtmlTag,
            b"mhtmltag" => self.state.destination = Destination::Skipped,
            b"fonttbl" => self.state.destination = Destination::Fonts,
            b"colortbl"
            | b"stylesheet"
            | b"info"
            | b"pict"
            | b"object"
            | b"header"
            | b"headerl"
            | b"headerr"
            | b"headerf"
            | b"footer"
            | b"footerl"
            | b"footerr"
            | b"footerf"
            | b"ftnsep"
            | b"fldinst"
            | b"themedata"
            | b"colorschememapping"
            | b"datastore"
            | b"latentstyles"
            | b"listtable"
            | b"listoverridetable"
            | b"generator"
            | b"xmlnstbl"
            | b"nonshppict"
            | b"pntext"
                if self.state.destination != Destination::HtmlTag =>
            {
                self.state.destination = Destination::Skipped;
            }
            b"fromhtml" => self.from_html = true,
            b"htmlrtf" => self.state.only_rtf = number != Some(0),
            b"ansicpg" => self.ansi = number.and_then(|page| u16::try_from(page).ok()).unwrap_or(1252),
            b"deff" => self.default_font = number.unwrap_or(-1),
            b"f" => self.state.font = number.unwrap_or(-1),
            b"fcharset" if self.state.destination == Destination::Fonts => {
                if let Some(page) = font_code_page(number.unwrap_or(0)) {
                    self.fonts.insert(self.state.font, page);
                }
            }
            b"plain" => self.state.font = -1,
            b"uc" => {
                self.state.replacements =
                    number.and_then(|count| u32::try_from(count).ok()).unwrap_or(1).min(16)
            }
            b"u" => self.unicode(number.unwrap_or(0)),
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.text("\r\n"),
            b"tab" | b"cell" | b"nestcell" => self.text("\t"),
            b"lquote" => self.quote("\u{2018}", "&lsquo;"),
            b"rquote" => self.quote("\u{2019}", "&rsquo;"),
            b"ldblquote" => self.quote("\u{201C}", "&ldquo;"),
            b"rdblquote" => self.quote("\u{201D}", "&rdquo;"),
            b"bullet" => self.quote("\u{2022}", "&bull;"),
            b"endash" => self.quote("\u{2013}", "&ndash;"),
            b"emdash" => self.quote("\u{2014}", "&mdash;"),
            b"emspace" => self.text("\u{2003}"),
            b"enspace" => self.text("\u{2002}"),
            b"zwj" => self.text("\u{200D}"),
            b"zwnj" => self.text("\u{200C}"),
            _ if star => self.state.destination = Destination::Skipped,
            _ => {}
        }
    }

    fn quote(&mut self, text: &str, html: &str) {
        self.text(if self.html { html } else { text });
    }
}

/// The code page of a `\fcharset`; `None` where the document's own holds.
fn font_code_page(charset: i32) -> Option<u16> {
    Some(match charset {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_html() {
        let check =
            |rtf: &str, want: &str| assert_eq!(unwrap_html(rtf.as_bytes(), 1 << 20).as_deref(), Some(want));
        check(
            r"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0  \u8364?{\*\mhtmltag84 x}{\*\htmltag72 </p>}\htmlrtf \par}\htmlrtf0}",
            "<p>Grüße&lt; €</p>",
        );
        check(
            r"{\rtf1\ansi\fromhtml1{\*\htmltag19 <a href=\'22x\\y\'22>}a\tab b\par{\*\htmltag \par }}",
            "<a href=\"x\\y\">a\tb\r\n\r\n",
        );
        check(r"{\rtf1\ansi\fromhtml1\uc1 \u-10179?\u-8704?}", "\u{1F600}");
        assert_eq!(unwrap_html(br"{\rtf1 x}", 100), None);
    }

    #[test]
    fn readable_text() {
        let check = |rtf: &str, want: &str| assert_eq!(to_text(rtf.as_bytes(), 1 << 20), want);
        check(r"{\rtf1\ansi\fromtext{\fonttbl{\f0 x;}}One\par Two\'80}", "One\r\nTwo€");
        check(r"{\rtf1\ansi{\fonttbl{\f0\fcharset204 x;}{\f1\fcharset128 y;}}\f0 \'cf\f1 \'82\'a0}", "Пあ");
        check(r"{\rtf1{\info{\title no}}{\*\unknown no}\{yes\}\~{\pict 00ff}}", "{yes}\u{A0}");
        check(r"{\rtf1 a\bin3 {{{b}", "ab");
        check(r"{\rtf1\fromhtml1{\*\htmltag <b>}shown\htmlrtf hidden\htmlrtf0 }", "shown");
        check(r"}}}\u", "\0");
    }

    #[test]
    fn bounded() {
        assert_eq!(to_text(br"{\rtf1 abcdefgh}", 3), "abc");
        assert_eq!(to_text(&b"{".repeat(1_000_000), 10), "");
    }
}
