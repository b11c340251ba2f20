//! The colour on which text stands, where it is said among other things: in a `background`, or by the body of a page. Text whose
//! ground is lost may be as good as lost itself, such as white letters of a dark page.

use html5ever::tokenizer::Tag;

/// What stands in a `background` without being a colour.
const OTHER: &[&str] = &[
    "none",
    "repeat",
    "repeat-x",
    "repeat-y",
    "no-repeat",
    "space",
    "round",
    "scroll",
    "fixed",
    "local",
    "top",
    "bottom",
    "left",
    "right",
    "center",
    "cover",
    "contain",
    "auto",
    "border-box",
    "padding-box",
    "content-box",
    "initial",
    "inherit",
    "unset",
    "revert",
];

/// A declaration of the colour in the value of a `background`; pictures, places and repeats in it are left out.
pub fn declaration(value: &str) -> Option<String> {
    let colour = words(value).filter(|word| is_colour(word)).last()?;
    let important = if value.to_ascii_lowercase().contains("!important") { " !important" } else { "" };
    Some(format!("background-color:{colour}{important}"))
}

/// The style in which a page draws all its text, where its `body` tag gives it a ground that is not white.
pub fn of_page(body: &Tag) -> Option<String> {
    let attribute = |name: &str| {
        let found = body.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
        Some(found.value.trim())
    };
    let style = attribute("style").unwrap_or_default();
    let declared = |wanted: &[&str]| {
        let declarations = style.split(';').filter_map(|one| one.split_once(':'));
        let values =
            declarations.filter(|(name, _)| wanted.iter().any(|one| name.trim().eq_ignore_ascii_case(one)));
        values.filter_map(|(_, value)| words(value).find(|word| is_colour(word))).next_back()
    };
    let ground = declared(&["background", "background-color"])
        .map(str::to_owned)
        .or_else(|| attribute("bgcolor").and_then(of_attribute))?;
    if ["#fff", "#ffffff", "white", "transparent"].iter().any(|plain| ground.eq_ignore_ascii_case(plain)) {
        return None;
    }
    let ink = declared(&["color"]).map(str::to_owned).or_else(|| attribute("text").and_then(of_attribute));
    let ink = ink.map(|ink| format!(";color:{ink}")).unwrap_or_default();
    Some(format!("background-color:{ground}{ink}"))
}

/// A colour as attributes name it: the sign before the digits may be missing.
fn of_attribute(value: &str) -> Option<String> {
    if [3, 6].contains(&value.len()) && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(format!("#{value}"));
    }
    is_colour(value).then(|| value.to_owned())
}

/// The words of a value; what stands in brackets belongs to the word before.
fn words(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    value
        .split(move |c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && (c.is_whitespace() || matches!(c, ',' | '/' | '!'))
        })
        .filter(|word| !word.is_empty())
}

fn is_colour(word: &str) -> bool {
    if let Some(digits) = word.strip_prefix('#') {
        return [3, 4, 6, 8].contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    let lower = word.to_ascii_lowercase();
    let function = ["rgb(", "rgba(", "hsl(", "hsla("].iter().find_map(|start| lower.strip_prefix(start));
    if let Some(inner) = function.and_then(|rest| rest.strip_suffix(')')) {
        return inner.bytes().all(|b| b.is_ascii_alphanumeric() || b" .,%/-".contains(&b));
    }
    !lower.is_empty()
        && lower != "important"
        && lower.bytes().all(|b| b.is_ascii_alphabetic())
        && !OTHER.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_of_a_background_is_found() {
        let check = |value: &str, expected: Option<&str>| {
            let expected = expected.map(|colour| format!("background-color:{colour}"));
            assert_eq!(declaration(value), expected, "{value:?}");
        };
        check("#036", Some("#036"));
        check(" Navy ", Some("Navy"));
        check("rgb(0, 51, 102)", Some("rgb(0, 51, 102)"));
        check("hsla(210 100% 20% / 0.5) no-repeat", Some("hsla(210 100% 20% / 0.5)"));
        check("url(http://example.org/a b.gif) center/cover no-repeat #003366", Some("#003366"));
        check("url(a.gif), url(b.gif) teal", Some("teal"));
        check("#fff !important", Some("#fff !important"));
        check("navy!important", Some("navy !important"));
        check("none", None);
        check("url(http://example.org)", None);
        check("0 0 repeat-x", None);
        check("", None);
        check("rgb(url(x))", None);
        check("expression(x)", None);
        check("#12345", None);
        check("((((", None);
        check("n\\61vy", None);
    }
}
