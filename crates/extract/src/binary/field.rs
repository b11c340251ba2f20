//! The characters of a Word document to text: special ones ([MS-DOC] 2.4.1), and fields, of which the result is shown and the
//! instruction is not.

use crate::work::Work;

/// What begins a field, stands between its instruction and its result, and ends it.
const BEGIN: char = '\u{13}';
const SEPARATOR: char = '\u{14}';
const END: char = '\u{15}';
/// Fields lie in each other no deeper than this; what lies deeper is taken as part of them.
const DEEPEST: usize = 64;
/// Text is handed on in pieces of this many bytes.
const PIECE: usize = 64 * 1024;
/// No instruction is as long as this; what claims to be is text.
const LONGEST: usize = 1 << 20;

/// The text of one part of a document: its body, its footnotes, and so on.
#[derive(Default)]
pub struct Story {
    text: String,
    /// The open fields, outermost first: where the instruction begins in `text`, or nothing once its result has begun.
    fields: Vec<Option<usize>>,
    /// Open fields beyond the deepest.
    beyond: u32,
    /// Whether the last character ended a cell: a second one ends the row.
    cell: bool,
}

impl Story {
    /// Takes characters as the document has them.
    pub fn push(&mut self, work: &mut Work<'_>, characters: &str) {
        for c in characters.chars() {
            self.take(c);
            if self.text.len() >= PIECE {
                self.hand_on(work);
            }
        }
    }

    /// Ends the part. What began as an instruction and never ended was none.
    pub fn end(self, work: &mut Work<'_>) {
        work.push(&self.text);
        work.line();
    }

    fn hand_on(&mut self, work: &mut Work<'_>) {
        if self.text.len() >= LONGEST {
            self.fields.iter_mut().for_each(|field| *field = None);
        }
        if self.fields.iter().all(Option::is_none) {
            work.push(&self.text);
            self.text.clear();
        }
    }

    fn take(&mut self, c: char) {
        let after_cell = std::mem::take(&mut self.cell);
        match c {
            BEGIN if self.fields.len() < DEEPEST => self.fields.push(Some(self.text.len())),
            BEGIN => self.beyond = self.beyond.saturating_add(1),
            SEPARATOR if self.beyond == 0 => self.close_instruction(),
            END if self.beyond > 0 => self.beyond -= 1,
            END => {
                self.close_instruction();
                self.fields.pop();
            }
            '\u{7}' => {
                self.text.push(if after_cell { '\n' } else { '\t' });
                self.cell = !after_cell;
            }
            // The ends of lines, paragraphs, columns, pages and sections.
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{e}' => self.text.push('\n'),
            '\t' => self.text.push('\t'),
            '\u{1e}' => self.text.push('-'),
            '\u{a0}' => self.text.push(' '),
            // Places of pictures, notes and the like, hyphens that show at the end of a line alone.
            c if c.is_control() => {}
            c => self.text.push(c),
        }
    }

    /// Takes back the instruction of the innermost field.
    fn close_instruction(&mut self) {
        if let Some(start) = self.fields.last_mut().and_then(Option::take) {
            self.text.truncate(start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use proptest::prelude::*;

    fn text(characters: &str) -> String {
        let limits = Limits::default();
        let mut work = Work::new(&limits, 0);
        let mut story = Story::default();
        story.push(&mut work, characters);
        story.end(&mut work);
        work.into_parts().0
    }

    fn check(characters: &str, expected: &str) {
        assert_eq!(text(characters), expected, "{characters:?}");
    }

    #[test]
    fn fields_show_their_results() {
        check("see \u{13} HYPERLINK \"http://x\" \u{14}the page\u{15}.", "see the page.");
        check("\u{13}IF \u{13}PAGE\u{14}3\u{15} > 2\u{14}many\u{15} pages", "many pages");
        check(
            "\u{13}TOC\u{14}One \u{13}PAGEREF\u{14}1\u{15}\rTwo \u{13}PAGEREF\u{14}2\u{15}\u{15}\rBody",
            "One 1\nTwo 2\nBody",
        );
        check("term\u{13} XE \"term\" \u{15}s", "terms");
        check("a \u{13} never ended", "a  never ended");
        check("a \u{15}\u{14}b", "a b");
        let deep = format!("a{}inside{}b", "\u{13}x\u{14}".repeat(500), "\u{15}".repeat(500));
        assert!(text(&deep).starts_with('a') && text(&deep).ends_with('b'));
        let long = format!("a\u{13}{}\u{14}b\u{15}c", "x".repeat(LONGEST + PIECE));
        assert!(text(&long).ends_with("xbc"), "no instruction, so it is kept");
    }

    #[test]
    fn special_characters() {
        check("one\rtwo\u{b}three\u{c}four", "one\ntwo\nthree\nfour");
        check("a\u{7}b\u{7}\u{7}c\u{7}d\u{7}\u{7}end", "a\tb\t\nc\td\t\nend");
        check(
            "note\u{2}, picture\u{1}, co\u{1f}operate, e\u{1e}mail, 5\u{a0}kg",
            "note, picture, cooperate, e-mail, 5 kg",
        );
    }

    proptest! {
        /// Whatever fields there are, what stands in none is kept, in order.
        #[test]
        fn text_outside_of_fields_is_kept(parts in prop::collection::vec(("[a-z]{0,9}", 0_usize..4), 0..30)) {
            let mut expected = String::new();
            let mut characters = String::new();
            for (word, depth) in &parts {
                expected.push_str(word);
                characters.push_str(word);
                characters.push_str(&"\u{13}CODE\u{14}".repeat(*depth));
                characters.push_str(&"\u{15}".repeat(*depth));
            }
            prop_assert_eq!(text(&characters), expected);
        }

        #[test]
        fn any_characters_end(characters in "[\\x00-\\x20a\\x7f-\\xa0]{0,300}") {
            text(&characters);
        }
    }
}
