//! HTML to tokens in time that grows with its length alone. The tokenizer compares each attribute of a tag with all before it, so a tag
//! of a million attributes would keep it busy for hours; such tags are left out.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
};
use std::cell::{Cell, RefCell};

/// A tag with more attributes than this is left out.
const MAX_ATTRIBUTES: usize = 256;

/// Gives the tokens of `html` to `sink`, and `sink` back.
pub fn tokenize<S: TokenSink<Handle = ()>>(html: &str, sink: S) -> S {
    let watched = Watched { sink, marks: Cell::new(0), raw: RefCell::default() };
    let tokenizer = Tokenizer::new(watched, TokenizerOpts::default());
    let input = BufferQueue::default();
    let feed = |text: &str| {
        if !text.is_empty() {
            input.push_back(StrTendril::from_slice(text));
            let _ = tokenizer.feed(&input);
        }
    };
    let mut rest = html;
    while !rest.is_empty() {
        let raw = tokenizer.sink.raw.borrow().clone();
        let Some(start) = find_markup(rest, raw.as_deref()) else {
            feed(rest);
            break;
        };
        let (before, markup) = rest.split_at(start);
        feed(before);
        rest = if begins_tag(markup) {
            let (length, attributes) = measure(markup);
            if attributes <= MAX_ATTRIBUTES {
                feed(&markup[..length]);
            }
            &markup[length..]
        } else {
            let marks = tokenizer.sink.marks.get();
            let mut left = markup;
            // A comment may hold ">"; the tokenizer knows where it ends.
            while tokenizer.sink.marks.get() == marks && !left.is_empty() {
                let length = left.find('>').map_or(left.len(), |at| at + 1);
                feed(&left[..length]);
                left = &left[length..];
            }
            left
        };
    }
    tokenizer.end();
    tokenizer.sink.sink
}

/// Where the next tag, comment or the like begins; in the raw text of an element (such as a script) only its end tag counts.
fn find_markup(text: &str, raw: Option<&str>) -> Option<usize> {
    let bytes = text.as_bytes();
    text.match_indices('<').map(|(at, _)| at).find(|&at| match raw {
        Some(name) => {
            let ends = bytes.get(at + 1) == Some(&b'/')
                && bytes
                    .get(at + 2..at + 2 + name.len())
                    .is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
            ends && bytes
                .get(at + 2 + name.len())
                .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
        }
        None => bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?')),
    })
}

fn begins_tag(markup: &str) -> bool {
    let name = markup.strip_prefix("</").or_else(|| markup.strip_prefix('<')).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Where in a tag a byte stands (HTML, 13.2.5.8 and 13.2.5.32 to 13.2.5.40).
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Between,
    Name,
    AfterName,
    BeforeValue,
    Value,
    Quoted(u8),
}

/// The length of the tag that `markup` begins with, and the number of its attributes.
fn measure(markup: &str) -> (usize, usize) {
    let head = if markup.starts_with("</") { 2 } else { 1 };
    let name = markup[head..]
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        .map_or(markup.len(), |length| head + length);
    let mut place = Place::Between;
    let mut attributes = 0;
    for (at, byte) in markup.bytes().enumerate().skip(name) {
        place = match (place, byte) {
            (Place::Quoted(quote), byte) if byte == quote => Place::Between,
            (Place::Quoted(quote), _) => Place::Quoted(quote),
            (_, b'>') => return (at + 1, attributes),
            (Place::Value, byte) if byte.is_ascii_whitespace() => Place::Between,
            (Place::Value, _) => Place::Value,
            (Place::BeforeValue, b'"' | b'\'') => Place::Quoted(byte),
            (Place::BeforeValue, byte) if byte.is_ascii_whitespace() => Place::BeforeValue,
            (Place::BeforeValue, _) => Place::Value,
            (Place::Name | Place::AfterName, b'=') => Place::BeforeValue,
            (_, b'/') => Place::Between,
            (Place::Name | Place::AfterName, byte) if byte.is_ascii_whitespace() => Place::AfterName,
            (Place::Between, byte) if byte.is_ascii_whitespace() => Place::Between,
            (Place::Name, _) => Place::Name,
            (Place::Between | Place::AfterName, _) => {
                attributes += 1;
                Place::Name
            }
        };
    }
    (markup.len(), attributes)
}

/// A sink that remembers what the tokenizer is at.
struct Watched<S> {
    sink: S,
    /// Tags, comments and document types so far.
    marks: Cell<u64>,
    /// The element whose raw text follows.
    raw: RefCell<Option<String>>,
}

impl<S: TokenSink<Handle = ()>> TokenSink for Watched<S> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut name = None;
        match &token {
            Token::TagToken(tag) => name = Some(tag.name.to_string()),
            Token::CommentToken(_) | Token::DoctypeToken(_) => {}
            _ => return self.sink.process_token(token, line),
        }
        self.marks.set(self.marks.get() + 1);
        match self.sink.process_token(token, line) {
            TokenSinkResult::RawData(kind) => {
                self.raw.replace(name);
                // A script's comments may hide its end tag; nobody runs it, so that it ends at the first will do.
                TokenSinkResult::RawData(if kind == RawKind::Rcdata { kind } else { RawKind::Rawtext })
            }
            other => {
                self.raw.replace(None);
                other
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Names(RefCell<Vec<String>>);

    impl TokenSink for Names {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            match token {
                Token::TagToken(tag) => {
                    self.0.borrow_mut().push(format!("{}:{}", tag.name, tag.attrs.len()));
                    if &*tag.name == "script" && tag.kind == html5ever::tokenizer::TagKind::StartTag {
                        return TokenSinkResult::RawData(RawKind::ScriptData);
                    }
                }
                Token::CommentToken(_) => self.0.borrow_mut().push("!".into()),
                _ => {}
            }
            TokenSinkResult::Continue
        }
    }

    fn check(html: &str, expected: &str) {
        assert_eq!(tokenize(html, Names::default()).0.into_inner().join(" "), expected, "{html:?}");
    }

    #[test]
    fn tags_are_measured_as_the_tokenizer_reads_them() {
        check("<p>a<b c=d>", "p:0 b:1");
        check("<p a=\">\" b='>' c=> d>x<i>", "p:3 i:0");
        check("<p/a/b/c>x<i a = \">\" =b>", "p:3 i:2");
        check("<p a=b\"c d=/e>x<i/>", "p:2 i:0");
        check("<p a=\"b\"c>x</p d>", "p:2 p:1");
        check("1 < 2 <!-- <b> > --> <i> <!doctype x> <? y > </ z> <u", "! i:0 ! !");
        check("<script>if (a<b c) x</b d></script e><i>", "script:0 script:1 i:0");
        check("<script></b x=\"</script><p a b>\">", "script:0 script:0 p:2");
        check("<script><!--<script></script y=\"</script><p a b>\">", "script:0 script:1");
    }

    #[test]
    fn too_many_attributes_cost_the_tag_alone() {
        let many: String = (0..500_000).map(|n| format!("a{n} ")).collect();
        for (before, after) in [("", ""), ("x=\">\" ", ""), ("", "b='>'"), ("<", "/")] {
            check(&format!("<i><p {before}{many}{after}>x<b>"), "i:0 b:0");
            check(&format!("<script></script {before}{many}{after}><b>"), "script:0");
        }
    }
}
