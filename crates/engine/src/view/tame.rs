//! HTML made harmless to parse: what a browser's tree builder would make of it grows with the square of its length where tags are not
//! nested properly. Here each element is closed by its own end tag before anything reads the tree, and nesting is bounded.
//! This is no wall against active content; [`super::sanitize`] is.

use super::ground;
use crate::text::tags::tokenize;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, states::RawKind};
use std::cell::RefCell;
use std::collections::HashSet;

/// Elements that nest deeper lose their tags, not their content.
const MAX_DEPTH: usize = 100;
/// Formatting elements that nest deeper lose their tags: they are opened again in each block.
const MAX_FORMATTING: usize = 16;
/// An attribute of a formatting element that is longer is left out.
const MAX_FORMATTING_VALUE: usize = 512;

const VOID: &[&str] = &["area", "br", "col", "hr", "img", "wbr"];
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "s", "small", "span", "strike", "strong", "sub", "sup", "tt",
    "u",
];
/// What ends a paragraph by beginning.
const BLOCKS: &[&str] = &[
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];
/// Elements that vanish with what they hold. The first read their content as text.
const VANISH: &[&str] = &[
    "script", "style", "title", "textarea", "iframe", "noscript", "noembed", "noframes", "object", "xml",
    "select", "svg", "math", "template",
];
const RAW: usize = 8;

/// Writes `html` anew with the elements of `allowed` properly nested, in at most `limit` bytes and a little.
pub fn tame(html: &str, allowed: &HashSet<&str>, limit: usize) -> String {
    let state = State {
        allowed,
        limit,
        out: String::with_capacity(html.len().min(limit)),
        open: Vec::new(),
        skip: None,
        grounded: false,
    };
    let mut state = tokenize(html, Sink(RefCell::new(state))).0.into_inner();
    state.close_to(0, false);
    state.out
}

struct Sink<'a>(RefCell<State<'a>>);

struct State<'a> {
    allowed: &'a HashSet<&'a str>,
    limit: usize,
    out: String,
    open: Vec<Open>,
    /// The element that vanishes with its content.
    skip: Option<String>,
    /// Whether the ground of the page was written.
    grounded: bool,
}

#[derive(Clone)]
struct Open {
    name: String,
    /// Its start tag, of a formatting element.
    formatting: Option<String>,
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if state.skip.is_none() && state.has_room() => {
                escape(&text, &mut state.out)
            }
            Token::TagToken(tag) => return state.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State<'_> {
    fn has_room(&self) -> bool {
        self.out.len() < self.limit
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let start = tag.kind == TagKind::StartTag;
        if let Some(skipped) = &self.skip {
            if !start && name == skipped {
                self.skip = None;
            }
        } else if let Some(at) = VANISH.iter().position(|vanishing| *vanishing == name) {
            if start && (at < RAW || !tag.self_closing) {
                self.skip = Some(name.to_owned());
                if at < RAW {
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
            }
        } else if name == "body" && start {
            self.body(tag);
        } else if self.allowed.contains(name) && self.has_room() {
            if start {
                self.start(name, tag);
            } else {
                self.end(name);
            }
        }
        TokenSinkResult::Continue
    }

    /// The page itself is another's; an element around all of the message takes its colours.
    fn body(&mut self, tag: &Tag) {
        const AROUND: &str = "main";
        if self.grounded || !self.open.is_empty() || !self.allowed.contains(AROUND) {
            return;
        }
        let Some(style) = ground::of_page(tag) else { return };
        self.grounded = true;
        self.out.push_str("<main style=\"");
        escape(&style, &mut self.out);
        self.out.push_str("\">");
        self.open.push(Open { name: AROUND.to_owned(), formatting: None });
    }

    fn start(&mut self, name: &str, tag: &Tag) {
        let cell = matches!(name, "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" | "caption" | "colgroup");
        if BLOCKS.contains(&name) {
            self.close_nearest(&["p"], &["table", "td", "th", "caption"], true);
        }
        match name {
            "li" => self.close_nearest(&["li"], &["ul", "ol", "table"], true),
            "dd" | "dt" => self.close_nearest(&["dd", "dt"], &["dl", "table"], true),
            "td" | "th" => self.close_nearest(&["td", "th", "caption"], &["table"], false),
            "tr" => self.close_nearest(&["tr", "caption"], &["table"], false),
            _ if cell => {
                self.close_nearest(&["tbody", "thead", "tfoot", "caption", "colgroup"], &["table"], false)
            }
            // A link does not nest.
            "a" => self.close_nearest(&["a"], &["table"], true),
            _ => {}
        }
        let formatting = FORMATTING.contains(&name);
        let depth = self.open.iter().filter(|open| open.formatting.is_some()).count();
        let void = VOID.contains(&name);
        if !void && (self.open.len() >= MAX_DEPTH || formatting && depth >= MAX_FORMATTING) {
            return;
        }
        let mut written = format!("<{name}");
        for attribute in &tag.attrs {
            let key: &str = &attribute.name.local;
            let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if plain && (!formatting || attribute.value.len() <= MAX_FORMATTING_VALUE) {
                written.push(' ');
                written.push_str(key);
                written.push_str("=\"");
                escape(&attribute.value, &mut written);
                written.push('"');
            }
        }
        written.push('>');
        self.out.push_str(&written);
        if !void {
            self.open.push(Open { name: name.to_owned(), formatting: formatting.then_some(written) });
        }
    }

    fn end(&mut self, name: &str) {
        let barrier: &[&str] = match name {
            "table" => &[],
            "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => &["table"],
            _ => &["table", "td", "th", "caption"],
        };
        let reopen = barrier.len() > 1;
        self.close_nearest(&[name], barrier, reopen);
    }

    /// Closes the innermost of `names` with all within it, unless one of `barriers` stands between.
    fn close_nearest(&mut self, names: &[&str], barriers: &[&str], reopen: bool) {
        for at in (0..self.open.len()).rev() {
            let name = self.open[at].name.as_str();
            if names.contains(&name) {
                return self.close_to(at, reopen);
            }
            if barriers.contains(&name) {
                return;
            }
        }
    }

    /// Closes all from the element `at` inwards; formatting elements within it begin again after it if `reopen`.
    fn close_to(&mut self, at: usize, reopen: bool) {
        let closed = self.open.split_off(at.min(self.open.len()));
        for open in closed.iter().rev() {
            self.out.push_str("</");
            self.out.push_str(&open.name);
            self.out.push('>');
        }
        if !reopen {
            return;
        }
        for open in closed.into_iter().skip(1) {
            if let Some(written) = &open.formatting {
                self.out.push_str(written);
                self.open.push(open);
            }
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let allowed = FORMATTING
            .iter()
            .chain(BLOCKS)
            .chain(VOID)
            .chain(&["td", "tr", "th", "tbody"])
            .copied()
            .collect();
        assert_eq!(tame(html, &allowed, 1 << 20), expected, "{html:?}");
    }

    #[test]
    fn elements_nest_properly() {
        check("<p>a<p>b", "<p>a</p><p>b</p>");
        check("<b><i>x</b>y</i>z", "<b><i>x</i></b><i>y</i>z");
        check("<p><b>x<p>y", "<p><b>x</b></p><b><p>y</p></b>");
        check("<ul><li>a<li>b<ul><li>c</ul></ul>d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d");
        check(
            "<table><tr><td><font>a<td>b</table>c",
            "<table><tr><td><font>a</font></td><td>b</td></tr></table>c",
        );
        check("<a href=x>1<a href=\"y&quot;\">2</a></p></b>", "<a href=\"x\">1</a><a href=\"y&quot;\">2</a>");
        check("x &lt;b&gt; &amp;amp; 1 < 2<br/><hr>", "x &lt;b&gt; &amp;amp; 1 &lt; 2<br><hr>");
    }

    #[test]
    fn what_vanishes() {
        check("a<script>b<i></script>c<title><b></title>d<svg><b>e</svg>f<o:p>g</o:p>", "acdfg");
        check("<style><!-- </style>a<!-- <b> -->b<select><b>", "ab");
    }
}
