//! Readable text from HTML, in one pass and without a tree: depth costs nothing, so a hostile page cannot exhaust the stack.

use super::tags::tokenize;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, states::RawKind};
use std::cell::RefCell;

/// The words of an HTML document as a person would read them: no script, style or markup; blocks on lines of their own; list items,
/// links' texts and pictures' alternative texts kept. At most `limit` bytes.
pub fn to_text(html: &str, limit: usize) -> String {
    let sink = TextSink { state: RefCell::new(State { limit, ..State::default() }) };
    let mut text = tokenize(html, sink).state.into_inner().out;
    let end = text.trim_end().len();
    text.truncate(end);
    text
}

struct TextSink {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    out: String,
    limit: usize,
    /// Whether a space is due before the next word.
    space: bool,
    /// How many line ends are due before the next word.
    lines: u8,
    /// Inside <pre>: spaces and line ends count.
    preformatted: u32,
    /// The element whose content is not text.
    skip: Option<&'static str>,
}

impl TokenSink for TextSink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::NullCharacterToken => {}
            Token::TagToken(tag) => return state.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn text(&mut self, text: &str) {
        if self.skip.is_some() || self.out.len() >= self.limit {
            return;
        }
        for c in text.chars() {
            if self.out.len() >= self.limit {
                return;
            }
            if self.preformatted > 0 && c == '\n' {
                self.lines = self.lines.max(1);
                if self.out.ends_with('\n') || self.lines > 1 {
                    self.lines = 2;
                }
            } else if c.is_whitespace() && c != '\u{a0}' {
                self.space = true;
            } else if c != '\u{feff}' && c != '\u{200b}' {
                self.flush_gap();
                self.out.push(if c == '\u{a0}' { ' ' } else { c });
            }
        }
    }

    /// Writes the gap that markup and white space have asked for.
    fn flush_gap(&mut self) {
        if !self.out.is_empty() {
            if self.lines > 0 {
                self.out.push_str(if self.lines > 1 { "\n\n" } else { "\n" });
            } else if self.space {
                self.out.push(' ');
            }
        }
        self.space = false;
        self.lines = 0;
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let start = tag.kind == TagKind::StartTag;
        if let Some(skipped) = self.skip {
            if !start && name == skipped {
                self.skip = None;
            }
            return TokenSinkResult::Continue;
        }
        match name {
            "br" => self.lines = (self.lines + 1).min(2),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "table" | "ul" | "ol" | "dl"
            | "hr" => {
                self.lines = 2;
            }
            "pre" => {
                self.lines = 2;
                self.preformatted =
                    if start { self.preformatted + 1 } else { self.preformatted.saturating_sub(1) };
            }
            "div" | "tr" | "li" | "dt" | "dd" | "section" | "article" | "header" | "footer" | "address"
            | "form" | "fieldset" | "center" | "body" | "caption" => {
                self.lines = self.lines.max(1);
                if start && name == "li" {
                    self.text("• ");
                    self.space = true;
                }
            }
            "td" | "th" => self.space = true,
            "img" if start => {
                if let Some(alt) = tag.attrs.iter().find(|a| &*a.name.local == "alt") {
                    self.space = true;
                    let alt = alt.value.to_string();
                    self.text(&alt);
                    self.space = true;
                }
            }
            "script" | "style" | "xml" if start && !tag.self_closing => {
                self.skip = Some(if name == "script" {
                    "script"
                } else if name == "style" {
                    "style"
                } else {
                    "xml"
                });
                return match name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" => TokenSinkResult::RawData(RawKind::Rawtext),
                    _ => TokenSinkResult::Continue,
                };
            }
            "title" if start && !tag.self_closing => {
                self.skip = Some("title");
                return TokenSinkResult::RawData(RawKind::Rcdata);
            }
            "textarea" if start => return TokenSinkResult::RawData(RawKind::Rcdata),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(to_text(html, 1 << 20), expected, "{html:?}");
    }

    #[test]
    fn blocks_and_spaces() {
        check("", "");
        check("plain", "plain");
        check("<p>one</p><p>two</p>", "one\n\ntwo");
        check("a<br>b<br><br>c", "a\nb\n\nc");
        check("<div>a</div><div>b</div>", "a\nb");
        check("  many \n spaces\t here ", "many spaces here");
        check("a&nbsp;b &amp; c &lt;d&gt; &#8364; &eacute;", "a b & c <d> € é");
        check("<ul><li>one<li>two</ul>end", "• one\n• two\n\nend");
        check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc");
        check("<pre>x  y\nz</pre>", "x y\nz");
        check("sp<b>li</b>t wo<i>rd</i>", "split word");
        check("<img src=x alt='the logo'> text", "the logo text");
        check("<a href='http://example.org/'>link</a>", "link");
    }

    #[test]
    fn what_is_not_text() {
        check(
            "<head><title>T</title><style>p{color:red}</style></head>a<script>if (1<2) x()</script>b",
            "ab",
        );
        check("a<!-- hidden -->b", "ab");
        check("<![if !mso]>kept<![endif]>", "kept");
        check("<xml><o:p>office</o:p></xml>seen", "seen");
        check("a<style>never closed", "a");
        check("broken <b unclosed", "broken");
        check("zero\u{200b}width", "zerowidth");
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = format!("{}x{}", "<div>".repeat(200_000), "</div>".repeat(200_000));
        check(&deep, "x");
        assert!(to_text(&"word ".repeat(1000), 64).len() <= 68);
    }
}
