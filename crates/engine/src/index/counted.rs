//! What the index keeps of an item only to be counted: people, domains, attachments.

use super::CountedFields;
use crate::source::{AttachmentFacts, Person};
use crate::weight::fields;
use foldhash::HashSet;
use tantivy::TantivyDocument;

/// Names and addresses are counted by at most this many bytes.
const MAX_TEXT: usize = 256;
/// Recipients of one item that are counted.
const MAX_RECIPIENTS: usize = 10_000;
/// Attachments of one item that are counted.
const MAX_ATTACHMENTS: usize = 10_000;
/// An extension longer than this is none.
const MAX_EXTENSION: usize = 12;
/// Parts the pieces of a person's term. No name holds it: control characters become spaces.
const PART: char = '\u{1f}';

/// People, domains and attachments of an item, as terms to be counted. A person's term is read by [`person_of`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    sender: Option<String>,
    recipients: Vec<String>,
    domains: Vec<String>,
    attachments: Vec<(String, u64)>,
}

impl Counted {
    /// Collects what is counted of an item. Each recipient and each domain counts once for an item.
    pub fn of<'a>(
        from: &Person,
        recipients: impl Iterator<Item = &'a Person>,
        attachments: &[AttachmentFacts],
    ) -> Self {
        let mut counted = Self::default();
        let mut domains: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::default();
        if let Some((name, address)) = pieces(from) {
            domains.extend(domain(&address).map(str::to_owned));
            let order = fold(if name.is_empty() { &address } else { &name });
            counted.sender = Some(format!("{order}{PART}{name}{PART}{address}"));
        }
        for (name, address) in recipients.filter_map(pieces) {
            if counted.recipients.len() >= MAX_RECIPIENTS {
                break;
            }
            let key = if address.is_empty() { fold(&name) } else { address.clone() };
            if seen.insert(key) {
                domains.extend(domain(&address).map(str::to_owned));
                counted.recipients.push(format!("{PART}{name}{PART}{address}"));
            }
        }
        domains.sort_unstable();
        domains.dedup();
        counted.domains = domains;
        counted.attachments = attachments
            .iter()
            .take(MAX_ATTACHMENTS)
            .map(|facts| (attachment_type(facts), facts.size))
            .collect();
        counted
    }

    /// Puts it into the document of the item.
    pub(super) fn put(self, doc: &mut TantivyDocument, fields: &CountedFields) {
        if let Some(sender) = self.sender {
            doc.add_text(fields.sender, sender);
        }
        for recipient in self.recipients {
            doc.add_text(fields.recipients, recipient);
        }
        for domain in self.domains {
            doc.add_text(fields.domains, domain);
        }
        // Types and sizes stand in the same order, so that each type knows its bytes.
        for (kind, size) in self.attachments {
            doc.add_text(fields.attachment_types, kind);
            doc.add_u64(fields.attachment_sizes, size);
        }
    }
}

fields! { Counted { sender, recipients, domains, attachments; } }

/// Name and address of a person's term.
pub fn person_of(term: &str) -> (&str, &str) {
    let mut parts = term.splitn(3, PART).skip(1);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The part of an address behind the "@".
pub fn domain(address: &str) -> Option<&str> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.trim_matches(|c: char| !c.is_alphanumeric());
    (!domain.is_empty() && !domain.contains([' ', '/', '='])).then_some(domain)
}

/// Name, and address in lower case, both without what cannot be shown; `None` for nobody.
fn pieces(person: &Person) -> Option<(String, String)> {
    let (name, address) = (clean(&person.name), clean(&person.address).to_lowercase());
    // Many programs write the address in place of a name that they do not know.
    let name = if name.to_lowercase() == address { String::new() } else { name };
    (!name.is_empty() || !address.is_empty()).then_some((name, address))
}

fn clean(text: &str) -> String {
    let text = text.trim().trim_matches(['\'', '"', '<', '>']).trim();
    if text.len() <= MAX_TEXT && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(MAX_TEXT));
    for c in text.chars() {
        if out.len() + c.len_utf8() > MAX_TEXT {
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// In lower case, for order and comparison.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The extension of its name in lower case; "message" for embedded messages, empty for names without one.
pub fn attachment_type(facts: &AttachmentFacts) -> String {
    if facts.method == "message" {
        return "message".into();
    }
    let extension = facts.name.rsplit_once('.').map(|(_, extension)| extension.trim()).unwrap_or_default();
    let plain = !extension.is_empty()
        && extension.len() <= MAX_EXTENSION
        && extension.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '+'));
    if plain { extension.to_lowercase() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, address: &str) -> Person {
        Person { name: name.into(), address: address.into() }
    }

    #[test]
    fn people_and_domains() {
        let from = person("Alice", "Alice@Example.ORG");
        let to = [
            person("'b@x.example'", "B@x.example"),
            person("B", "b@X.example"),
            person("", ""),
            person("Dee", ""),
        ];
        let counted = Counted::of(&from, to.iter(), &[]);
        assert_eq!(counted.sender.as_deref().map(person_of), Some(("Alice", "alice@example.org")));
        let recipients: Vec<_> = counted.recipients.iter().map(|term| person_of(term)).collect();
        assert_eq!(recipients, [("", "b@x.example"), ("Dee", "")]);
        assert_eq!(counted.domains, ["example.org", "x.example"]);
        assert_eq!(Counted::of(&Person::default(), [].into_iter(), &[]), Counted::default());
        let odd = Counted::of(&person("a\u{1f}b", "c\u{1f}d"), [].into_iter(), &[]);
        assert_eq!(odd.sender.as_deref().map(person_of), Some(("a b", "c d")));
    }

    #[test]
    fn domains() {
        for (address, expected) in [
            ("a@b.example", Some("b.example")),
            ("a@b@c.example", Some("c.example")),
            ("<a@b.example>", Some("b.example")),
            ("/o=org/ou=unit/cn=a", None),
            ("a@", None),
            ("", None),
        ] {
            assert_eq!(domain(address), expected, "{address}");
        }
    }

    #[test]
    fn types() {
        for (name, method, expected) in [
            ("a.PDF", "file", "pdf"),
            ("a.tar.gz", "file", "gz"),
            ("a", "file", ""),
            ("Hello. This is it", "file", ""),
            ("a.", "file", ""),
            ("a.pdf", "message", "message"),
        ] {
            let facts = AttachmentFacts { name: name.into(), method, ..AttachmentFacts::default() };
            assert_eq!(attachment_type(&facts), expected, "{name}");
        }
    }
}
