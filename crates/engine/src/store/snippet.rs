//! What the row of an item shows of what its kind says beyond a message: a contact's post and address, a task's state.

use crate::source::{DetailLine, DetailValue};

/// Between two things that it says.
const BETWEEN: &str = " · ";

/// The text of a row from the item's own words, the texts of which its details are the beginning (`embedded`), and the details as they
/// are stored. Details stand for themselves, each once, without what `shown` says already. Details that are not whole are left as words.
pub fn text(body: &str, embedded: &str, lines: &str, shown: &str) -> String {
    let Ok(lines) = serde_json::from_str::<Vec<DetailLine>>(lines) else { return joined(&[body, embedded]) };
    let mut words = String::new();
    lines.iter().for_each(|line| line.words(&mut words));
    let rest = match embedded.strip_prefix(words.as_str()) {
        Some(rest) => rest,
        // Cut off where the row's text ends.
        None if words.starts_with(embedded) => "",
        None => return joined(&[body, embedded]),
    };
    let mut said: Vec<String> = words_of(shown).collect();
    let mut kept = Vec::new();
    for value in lines.iter().flat_map(values) {
        let new: Vec<String> = words_of(value).filter(|word| !said.contains(word)).collect();
        if !new.is_empty() {
            said.extend(new);
            kept.push(value.trim());
        }
    }
    joined(&[body, &kept.join(BETWEEN), rest])
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("\n")
}

/// What a line says in words.
fn values(line: &DetailLine) -> impl Iterator<Item = &str> {
    let values: [&str; 2] = match &line.value {
        DetailValue::Text(text) => [text, ""],
        DetailValue::Person { name, address, .. } => [name, address],
        DetailValue::Time(_) | DetailValue::Day(_) | DetailValue::Number(_) | DetailValue::Flag(_) => {
            ["", ""]
        }
    };
    values.into_iter()
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text stands for itself; "name <address>" for a person.
    fn line(text: &str) -> DetailLine {
        let value = match text.strip_suffix('>').and_then(|text| text.split_once(" <")) {
            Some((name, address)) => {
                DetailValue::Person { name: name.into(), address: address.into(), note: "accepted".into() }
            }
            None if text == "7" => DetailValue::Number(7.0),
            None => DetailValue::Text(text.into()),
        };
        DetailLine { key: "key".into(), value }
    }

    fn check(body: &str, lines: &[&str], beyond: &str, shown: &str, expected: &str) {
        let lines: Vec<DetailLine> = lines.iter().map(|text| line(text)).collect();
        let mut embedded = String::new();
        lines.iter().for_each(|line| line.words(&mut embedded));
        embedded.push_str(beyond);
        let stored = serde_json::to_string(&lines).unwrap();
        assert_eq!(text(body, &embedded, &stored, shown), expected);
    }

    #[test]
    fn details_are_told_once() {
        let contact = ["Ruth Abernathy", "Abernathy, Ruth", "Caretaker", "Ruth <ruth@example.com>", "7"];
        check("", &contact, "", "Ruth Abernathy", "Caretaker · ruth@example.com");
        check("", &contact, "", "", "Ruth Abernathy · Caretaker · ruth@example.com");
        check("A note.", &["not started", "Marta"], "", "Call", "A note.\nnot started · Marta");
        check("A note.", &[], "of another", "Call", "A note.\nof another");
        check("", &["Room 5"], "of another", "Call", "Room 5\nof another");
        check("", &["Room 5", "room"], "", "room 5", "");
    }

    #[test]
    fn what_is_cut_off_or_not_readable_stays_words() {
        let lines = serde_json::to_string(&[line("Room 5"), line("Upstairs")]).unwrap();
        assert_eq!(text("", "Room 5\nUp", &lines, ""), "Room 5 · Upstairs");
        assert_eq!(text("a", "b", "[{", ""), "a\nb");
        assert_eq!(text("a", "other words", &lines, ""), "a\nother words");
    }
}
