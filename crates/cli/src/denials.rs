//! Words to leave out, as queries spell them: `mailscope search budget -draft`. To a program, what begins so is an option.

use std::ffi::OsString;

/// The commands that take a query, and the options of one letter that each knows.
const COMMANDS: [(&str, &str); 9] = [
    ("search", "hV"),
    ("stats", "hV"),
    ("people", "hV"),
    ("export", "hVo"),
    ("tag", "hV"),
    ("note", "hV"),
    ("flag", "hV"),
    ("reviewed", "hV"),
    ("saved", "hV"),
];

/// The arguments with words to leave out behind `NOT`, in commands that take a query.
pub fn spelled_out(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let name = |argument: &OsString| COMMANDS.iter().find(|(name, _)| argument.to_str() == Some(name));
    let Some((at, (_, known))) = (0..).zip(&arguments).skip(1).find_map(|(at, one)| Some((at, name(one)?)))
    else {
        return arguments;
    };
    let mut before = false;
    for argument in arguments.iter_mut().skip(at + 1) {
        let Some(text) = argument.to_str() else { continue };
        if text == "--" {
            break;
        }
        // What stands behind an option may be its value: `--zone -05:30`.
        let is_value = before && text.bytes().skip(1).all(|byte| byte.is_ascii_digit() || byte == b':');
        before = text.starts_with("--");
        if let Some(word) = text.strip_prefix('-').filter(|word| !is_value && is_denied(word, known)) {
            *argument = format!("NOT {word}").into();
        }
    }
    arguments
}

/// Whether what stands behind a dash is part of a query rather than options of one letter.
fn is_denied(word: &str, known: &str) -> bool {
    let Some(first) = word.chars().next() else { return false };
    let is_option = known.contains(first) && (word.len() == 1 || first == 'o');
    !is_option && first != '-' && !first.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, expected: &[&str]) {
        let arguments = std::iter::once("mailscope").chain(typed.split('|'));
        let found = spelled_out(arguments.map(OsString::from));
        let found: Vec<&str> = found.iter().skip(1).filter_map(|argument| argument.to_str()).collect();
        assert_eq!(found, expected, "{typed}");
    }

    #[test]
    fn only_words_of_queries_are_touched() {
        check("search|budget|-draft", &["search", "budget", "NOT draft"]);
        check("search|-open season|--limit|5", &["search", "NOT open season", "--limit", "5"]);
        check("search|-html|-(a OR b)|-\"a b\"", &["search", "NOT html", "NOT (a OR b)", "NOT \"a b\""]);
        check(
            "--library|x|stats|--zone|-05:30|-in:inbox",
            &["--library", "x", "stats", "--zone", "-05:30", "NOT in:inbox"],
        );
        check("search|-h", &["search", "-h"]);
        check("search|--|-x", &["search", "--", "-x"]);
        check("search|-|- |--json", &["search", "-", "- ", "--json"]);
        check("export|-draft|-o|out", &["export", "NOT draft", "-o", "out"]);
        check("export|x|-oout", &["export", "x", "-oout"]);
        check("tag|hot|-2001", &["tag", "hot", "NOT 2001"]);
        check("import|-x", &["import", "-x"]);
        check("search", &["search"]);
    }
}
