//! Marks in sanitised HTML.

use crate::text::marks::Highlights;

/// Wraps the words to mark in `<mark>`. `html` must come from [`super::sanitize`]: its tags are well formed.
pub fn mark_html(html: &str, highlights: &Highlights) -> String {
    if highlights.is_empty() {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while !rest.is_empty() {
        let text_end = rest.find('<').unwrap_or(rest.len());
        mark_text(&rest[..text_end], highlights, &mut out);
        rest = &rest[text_end..];
        let tag_end = tag_length(rest);
        out.push_str(&rest[..tag_end]);
        rest = &rest[tag_end..];
    }
    out
}

/// Length of the tag that `html` begins with: to the first ">" outside of quotes.
fn tag_length(html: &str) -> usize {
    let mut quote = None;
    for (i, b) in html.bytes().enumerate() {
        match (quote, b) {
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if open == b => quote = None,
            (None, b'>') => return i + 1,
            _ => {}
        }
    }
    html.len()
}

fn mark_text(text: &str, highlights: &Highlights, out: &mut String) {
    // Entities are no words: blank them (length kept) where words are looked for.
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        let length = rest[start..]
            .find(';')
            .filter(|n| *n < 12 && rest[start + 1..start + n].is_ascii())
            .map_or(1, |n| n + 1);
        plain.extend(std::iter::repeat_n(' ', length));
        rest = &rest[start + length..];
    }
    plain.push_str(rest);
    let mut at = 0;
    for mark in highlights.find(&plain) {
        out.push_str(&text[at..mark.start]);
        out.push_str("<mark>");
        out.push_str(&text[mark.clone()]);
        out.push_str("</mark>");
        at = mark.end;
    }
    out.push_str(&text[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query;

    fn check(html: &str, query: &str, expected: &str) {
        let parsed = query::parse(query).unwrap();
        assert_eq!(
            mark_html(html, &query::highlights(&parsed, &query::Widened::default(), None, None)),
            expected
        );
    }

    #[test]
    fn marks_text_and_nothing_else() {
        check("<p>one two</p>", "", "<p>one two</p>");
        check("<p>one two</p>", "two", "<p>one <mark>two</mark></p>");
        check("<p title=\"two > one\">two</p>", "two", "<p title=\"two > one\"><mark>two</mark></p>");
        check("AT&amp;T amp", "amp", "AT&amp;T <mark>amp</mark>");
        check("é & ü two", "two", "é & ü <mark>two</mark>");
        check("<b>split</b>word", "word", "<b>split</b><mark>word</mark>");
    }
}
