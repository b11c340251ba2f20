//! A subject without what answering and forwarding put before it.

use super::Weak;

/// Marks that mail programs put before the subject of an answer, in the languages that they come in.
const ANSWERS: &[&str] = &[
    "re",
    "aw",
    "antw",
    "sv",
    "vs",
    "rif",
    "r",
    "ref",
    "res",
    "odp",
    "ynt",
    "vá",
    "bls",
    "atb",
    "ang",
    "回复",
    "答复",
    "返信",
    "回覆",
    "отв",
    "ответ",
    "απ",
    "תשובה",
];
/// … and of a forward.
const FORWARDS: &[&str] = &[
    "fw",
    "fwd",
    "wg",
    "tr",
    "rv",
    "enc",
    "i",
    "vl",
    "vb",
    "doorst",
    "pd",
    "fs",
    "trs",
    "továbbítás",
    "转发",
    "轉寄",
    "転送",
    "пересл",
    "πρθ",
    "iletiliyor",
    "videresendt",
];
/// Marks before one subject.
const MAX_MARKS: usize = 64;
/// A mark in letters, at most.
const MAX_MARK: usize = 12;
/// Of a subject, at most this much is looked at.
const MAX_SUBJECT: usize = 1000;

/// The subject of the whole conversation, in small letters and with single spaces, and whether the item answers or forwards it. The
/// mark nearest to the beginning counts. A list's name in square brackets stays, on whichever side of the marks it stands.
pub fn base(subject: &str) -> (String, Option<Weak>) {
    let cut: String = subject.chars().take(MAX_SUBJECT).collect::<String>().to_lowercase();
    let mut rest = cut.trim_start();
    let (mut list, mut weak) = ("", None);
    for _ in 0..MAX_MARKS {
        if let Some((mark, behind)) = mark(rest) {
            weak = weak.or(Some(mark));
            rest = behind.trim_start();
        } else if list.is_empty()
            && let Some((tag, behind)) = tag(rest)
        {
            (list, rest) = (tag, behind.trim_start());
        } else {
            break;
        }
    }
    let words: Vec<&str> = list.split_whitespace().chain(rest.split_whitespace()).collect();
    (words.join(" "), weak)
}

/// A mark such as "re:", "aw[2]:" or "fwd :" at the beginning, and what stands behind it.
fn mark(text: &str) -> Option<(Weak, &str)> {
    let colon = text.char_indices().take(MAX_MARK + 6).find(|(_, c)| matches!(c, ':' | '：'))?;
    let word = text.get(..colon.0)?.trim_end();
    // "re[4]" and "re(4)" count; "re^4" too.
    let word = word.trim_end_matches([']', ')']).trim_end_matches(|c: char| c.is_ascii_digit());
    let word = word.trim_end_matches(['[', '(', '^', '*']).trim_end();
    let behind = text.get(colon.0 + colon.1.len_utf8()..)?;
    if ANSWERS.contains(&word) {
        Some((Weak::Answer, behind))
    } else if FORWARDS.contains(&word) {
        Some((Weak::Forward, behind))
    } else {
        None
    }
}

/// A name in square brackets at the beginning.
fn tag(text: &str) -> Option<(&str, &str)> {
    let end = text.strip_prefix('[')?.find(']')? + 2;
    Some((text.get(..end)?, text.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_off() {
        for (subject, expected, weak) in [
            ("Rehearsal", "rehearsal", None),
            ("Re: Rehearsal", "rehearsal", Some(Weak::Answer)),
            ("RE:  Rehearsal  on\tMonday", "rehearsal on monday", Some(Weak::Answer)),
            ("Fwd: Re: AW: Rehearsal", "rehearsal", Some(Weak::Forward)),
            ("Re[4]: Rehearsal", "rehearsal", Some(Weak::Answer)),
            ("Re (2) : Rehearsal", "rehearsal", Some(Weak::Answer)),
            ("[choir] Re: Rehearsal", "[choir] rehearsal", Some(Weak::Answer)),
            ("Re: [choir] Rehearsal", "[choir] rehearsal", Some(Weak::Answer)),
            ("[choir] Rehearsal", "[choir] rehearsal", None),
            ("Réunion: lundi", "réunion: lundi", None),
            ("Report: Re: x", "report: re: x", None),
            ("回复：你好", "你好", Some(Weak::Answer)),
            ("re:", "", Some(Weak::Answer)),
            ("", "", None),
            ("[", "[", None),
            ("[]", "[]", None),
            (":", ":", None),
        ] {
            assert_eq!(base(subject), (expected.to_owned(), weak), "{subject:?}");
        }
        let many = "re: ".repeat(10_000) + "x";
        assert_eq!(base(&many).1, Some(Weak::Answer));
    }
}
