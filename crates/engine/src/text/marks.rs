//! Where a query's words stand in a text.

use super::distance::{distance, is_like};
use super::tokens::each_word;
use crate::query::Match;
use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

/// The words to mark, as the analyzer writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Highlights {
    words: Vec<Highlight>,
}

/// A snippet begins with a whole word unless it is longer than this.
const LONG_WORD: usize = 24;

/// One word, or several in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// The words, in order. All must follow one another.
    pub words: Vec<String>,
    /// How they must agree. What may stand apart is given word by word.
    pub how: Match,
}

impl Highlights {
    /// Collects what to mark.
    pub fn new(words: Vec<Highlight>) -> Self {
        Self { words: words.into_iter().filter(|h| !h.words.is_empty()).collect() }
    }

    /// Whether there is nothing to mark.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether `text` has anything to mark; what follows the first mark is not looked at.
    pub fn is_in(&self, text: &str) -> bool {
        !self.find_near(text, 1).is_empty()
    }

    /// Byte ranges of `text` to mark: ascending, not overlapping, on character borders.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        self.find_near(text, usize::MAX)
    }

    /// The same, of the first mark and of `reach` words behind it; what follows is not looked at.
    fn find_near(&self, text: &str, reach: usize) -> Vec<Range<usize>> {
        let Some(longest) = self.words.iter().map(|h| h.words.len()).max() else { return Vec::new() };
        let mut marks: Vec<Range<usize>> = Vec::new();
        // The words from the one that is looked at, as many as a highlight may have.
        let mut window: VecDeque<Word> = VecDeque::with_capacity(longest);
        let mut left = reach;
        each_word(text, |word, range| {
            let mut next =
                if window.len() == longest { window.pop_front() } else { None }.unwrap_or_default();
            next.0.clear();
            next.0.push_str(word);
            next.1 = range;
            window.push_back(next);
            if window.len() == longest {
                self.mark(window.make_contiguous(), &mut marks);
            }
            left = if marks.is_empty() { reach } else { left.saturating_sub(1) };
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        // A window that was full was looked at when it filled; what is behind its first word was not.
        if window.len() == longest {
            window.pop_front();
        }
        while !window.is_empty() {
            self.mark(window.make_contiguous(), &mut marks);
            window.pop_front();
        }
        marks
    }

    /// Marks what begins with the first of `words`.
    fn mark(&self, words: &[Word], marks: &mut Vec<Range<usize>>) {
        let longest = self.words.iter().filter(|h| h.matches(words)).map(|h| h.words.len()).max();
        let (Some(count), Some((_, range))) = (longest, words.first()) else { return };
        let end = words.get(count - 1).map_or(range.end, |(_, last)| last.end);
        match marks.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(end),
            _ => marks.push(range.start..end),
        }
    }
}

/// A word of a text and where it stands.
type Word = (String, Range<usize>);

impl Highlight {
    fn matches(&self, text: &[Word]) -> bool {
        let last = self.words.len() - 1;
        text.len() > last
            && self.words.iter().zip(text).enumerate().all(|(i, (word, (found, _)))| match self.how {
                Match::Prefix if i == last => found.starts_with(word.as_str()),
                Match::Like => is_like(word, found),
                Match::Fuzzy(by) => distance(word, found, usize::from(by)).is_some(),
                Match::Exact | Match::Word | Match::Prefix | Match::Near(_) => found == word,
            })
    }
}

/// Converts byte ranges of `text` to ranges in UTF-16 code units. `marks` must ascend and lie on character borders.
pub fn to_utf16(text: &str, marks: &[Range<usize>]) -> Vec<(u32, u32)> {
    let mut units = 0;
    let mut at = 0;
    let mut advance = |to: usize| {
        units += text.get(at..to).map_or(0, |part| part.encode_utf16().count());
        at = to;
        u32::try_from(units).unwrap_or(u32::MAX)
    };
    marks.iter().map(|mark| (advance(mark.start), advance(mark.end))).collect()
}

/// A line of at most about `width` characters around the first mark, white space folded, with the marks that lie in it.
/// Without a mark: the beginning of the text. Little comes before the mark, so that it is seen in narrow lists too.
pub fn snippet(text: &str, highlights: &Highlights, width: usize) -> (String, Vec<Range<usize>>) {
    // Each word takes a character at least: no more of them than there is room for can be shown behind the first mark.
    let marks = highlights.find_near(text, width.saturating_add(1));
    let before = width / 8;
    let start = marks.first().map_or(0, |mark| {
        let mut start = mark.start;
        for (count, (i, c)) in text[..mark.start].char_indices().rev().enumerate() {
            if count >= before && c.is_whitespace() {
                break;
            }
            if count > before + LONG_WORD {
                break;
            }
            start = i;
        }
        start
    });
    let mut out = String::new();
    let mut out_marks: Vec<Range<usize>> = Vec::new();
    if start > 0 && !text[..start].trim().is_empty() {
        out.push('…');
    }
    let mut length = 0;
    let mut space = false;
    let mut next_mark = marks.iter().peekable();
    let mut open = None;
    for (i, c) in text[start..].char_indices().map(|(i, c)| (i + start, c)) {
        if let Some(mark) = next_mark.peek()
            && let Some(from) = open
            && i >= mark.end
        {
            out_marks.push(from..out.len());
            open = None;
            next_mark.next();
        }
        if length >= width {
            out.push('…');
            break;
        }
        if c.is_whitespace() || c.is_control() {
            space = true;
            continue;
        }
        if space && !out.is_empty() && !out.ends_with('…') {
            out.push(' ');
            length += 1;
        }
        space = false;
        if let Some(mark) = next_mark.peek()
            && i == mark.start
        {
            open = Some(out.len());
        }
        out.push(c);
        length += 1;
    }
    if let Some(from) = open {
        out_marks.push(from..out.trim_end_matches('…').len());
    }
    (out, out_marks)
}

#[cfg(test)]
mod tests {
    use super::super::tokens::words;
    use super::*;

    fn highlights(query: &[(&str, bool)]) -> Highlights {
        Highlights::new(
            query
                .iter()
                .map(|(text, prefix)| Highlight {
                    words: words(text).into_iter().map(|(word, _)| word).collect(),
                    how: if *prefix { Match::Prefix } else { Match::Exact },
                })
                .collect(),
        )
    }

    fn check_find(text: &str, query: &[(&str, bool)], expected: &[&str]) {
        let found: Vec<&str> = highlights(query).find(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{text:?} {query:?}");
    }

    #[test]
    fn finds_words_phrases_and_prefixes() {
        check_find("The Pipeline capacity", &[("pipeline", false)], &["Pipeline"]);
        check_find("pipelines", &[("pipeline", false)], &[]);
        check_find("pipelines", &[("pipe", true)], &["pipelines"]);
        check_find("Straße STRASSE", &[("strasse", false)], &["Straße", "STRASSE"]);
        check_find("new york is not new", &[("new york", false)], &["new york"]);
        check_find("会議の件について", &[("会議", false)], &["会議"]);
        check_find("nothing", &[], &[]);
        check_find("new york", &[("new york city", false), ("york", false)], &["york"]);
        check_find("a new york", &[("new york", false), ("york city", false)], &["new york"]);
        check_find("new new york", &[("new york", false)], &["new york"]);
        check_find("york", &[("new york", false), ("york", false)], &["york"]);
    }

    fn check_snippet(text: &str, query: &[(&str, bool)], width: usize, expected: &str) {
        let (out, marks) = snippet(text, &highlights(query), width);
        let mut shown = out.clone();
        for mark in marks.iter().rev() {
            shown.insert(mark.end, ']');
            shown.insert(mark.start, '[');
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn snippets() {
        check_snippet("", &[("x", false)], 20, "");
        check_snippet("one  two\r\n three", &[], 40, "one two three");
        check_snippet("one two three", &[("two", false)], 40, "one [two] three");
        check_snippet("aaa bbb ccc ddd eee fff ggg hhh", &[("ggg", false)], 12, "…fff [ggg] hhh");
        check_snippet("ends with word", &[("word", false)], 120, "ends with [word]");
        check_snippet("a b a b a b a b", &[("a", false), ("b", false)], 7, "[a] [b] [a] [b]…");
        check_snippet("x y a b", &[("x", false), ("a b", false)], 9, "[x] y [a b]");
    }

    #[test]
    fn utf16_counts_surrogates() {
        let text = "😀 word é word";
        let marks = highlights(&[("word", false)]).find(text);
        assert_eq!(to_utf16(text, &marks), [(3, 7), (10, 14)]);
    }
}
