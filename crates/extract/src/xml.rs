//! Words of XML, in one pass and without a tree: depth costs nothing, and no entity is ever expanded beyond a character.

use crate::work::Work;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// A piece of an XML file.
pub enum Piece<'a> {
    /// An element begins: its name without prefix, and its attributes.
    Start(&'a str, &'a BytesStart<'a>),
    /// An element ends: its name without prefix. Follows [`Piece::Start`] for empty ones too.
    End(&'a str),
    /// Text.
    Text(&'a str),
}

/// Tells the pieces of `xml` until `tell` says no. Gives what is wrong with the file where it ends early; what comes before that was
/// told.
pub fn walk(xml: &str, tell: &mut dyn FnMut(Piece<'_>) -> bool) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        let goes_on = match reader.read_event() {
            Err(error) => return Some(format!("XML at byte {}: {error}", reader.error_position())),
            Ok(Event::Eof) => return None,
            Ok(Event::Start(start)) => tell(Piece::Start(start.local_name().into_inner(), &start)),
            Ok(Event::Empty(start)) => {
                let name = start.local_name();
                tell(Piece::Start(name.into_inner(), &start)) && tell(Piece::End(name.into_inner()))
            }
            Ok(Event::End(end)) => tell(Piece::End(end.local_name().into_inner())),
            Ok(Event::Text(text)) => tell(Piece::Text(&text)),
            Ok(Event::CData(text)) => tell(Piece::Text(&text)),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(c)) => tell(Piece::Text(c.encode_utf8(&mut [0; 4]))),
                _ => tell(Piece::Text(match &*reference {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    // Entities of the file's own are how small files become large ones.
                    _ => " ",
                })),
            },
            Ok(_) => true,
        };
        if !goes_on {
            return None;
        }
    }
}

/// Adds all text of an XML file of any kind, each element's apart.
pub fn text(work: &mut Work<'_>, xml: &str) {
    let broken = walk(xml, &mut |piece| {
        match piece {
            Piece::Text(text) => work.push(text),
            Piece::Start(..) | Piece::End(_) => work.space(),
        }
        !work.is_full()
    });
    if let Some(how) = broken {
        work.note("", format!("it is damaged: {how}"));
    }
}

/// The value of an attribute by its name without prefix, as it is meant: `&amp;` as `&`.
pub fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    attributes.with_checks(false);
    let found =
        attributes.flatten().take(64).find(|attribute| attribute.key.local_name().into_inner() == name)?;
    // An entity of the file's own leaves the value as it stands.
    let read = found.normalized_value(XmlVersion::Implicit1_0).map(std::borrow::Cow::into_owned);
    Some(read.unwrap_or_else(|_| found.value.into_owned()))
}
