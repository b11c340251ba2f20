//! HTML of a message, made safe to show: an allow-list of elements, attributes and style properties; pictures of the message itself as
//! `data:` URIs; no address that loads. The frame that shows it has no script, no network and no origin besides.

use super::ground;
use super::tame::tame;
use crate::source::InlinePart;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// Of an HTML body, at most this much is shown.
const MAX_HTML: usize = 4 * 1024 * 1024;
/// The message's own pictures may take this much, each time that one is shown counted: a short body may name a large one often.
const MAX_PICTURES: usize = 48 * 1024 * 1024;
/// Properly nested it may take this much.
const MAX_TAMED: usize = 2 * MAX_HTML;

/// HTML that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeHtml {
    /// The content of a body element.
    pub body: String,
    /// Remote pictures, backgrounds and the like that were taken out.
    pub remote_blocked: u32,
}

const STYLE_PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-wrap",
];

const MORE_TAGS: &[&str] = &["font", "big", "figure", "figcaption", "main", "section", "tt"];
const GENERIC_ATTRIBUTES: &[&str] =
    &["align", "bgcolor", "dir", "height", "lang", "style", "valign", "width", "background"];

/// Makes `html` safe. `inline` are the pictures it may show by content id.
pub fn sanitize(html: &str, inline: &[InlinePart]) -> SafeHtml {
    let html = bounded(html);
    let blocked = Arc::new(AtomicU32::new(0));
    let by_id =
        inline.iter().filter_map(|part| Some((part.content_id.to_ascii_lowercase(), data_uri(part)?)));
    let pictures = Pictures { by_id: by_id.collect(), room: AtomicUsize::new(MAX_PICTURES) };

    let mut builder = ammonia::Builder::default();
    let counted = blocked.clone();
    builder
        .add_tags(MORE_TAGS)
        .rm_tags(["map", "area", "bdo"])
        .add_clean_content_tags(["title", "noscript", "iframe", "object", "xml", "select", "textarea"])
        .generic_attributes(GENERIC_ATTRIBUTES.iter().copied().collect())
        .add_tag_attributes("font", ["color", "face", "size"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "rules", "frame"])
        .add_tag_attributes("td", ["nowrap"])
        .add_tag_attributes("ol", ["type"])
        .add_tag_attributes("ul", ["type"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "data", "cid"]))
        .link_rel(None)
        .filter_style_properties(STYLE_PROPERTIES.iter().copied().collect())
        .attribute_filter(move |element, attribute, value| {
            filter(element, attribute, value, &pictures, &counted).map(Cow::into_owned).map(Cow::Owned)
        });
    let tamed = tame(html, &builder.clone_tags(), MAX_TAMED);
    let clean = builder.clean(&tamed).to_string();
    SafeHtml { body: without_links(&clean), remote_blocked: blocked.load(Ordering::Relaxed) }
}

/// What `cid:` may stand for.
struct Pictures {
    by_id: HashMap<String, String>,
    room: AtomicUsize,
}

impl Pictures {
    fn show(&self, id: &str) -> Option<String> {
        let uri = self.by_id.get(id)?;
        let take = |room: usize| room.checked_sub(uri.len());
        self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok().map(|_| uri.clone())
    }
}

fn bounded(html: &str) -> &str {
    let mut end = html.len().min(MAX_HTML);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    &html[..end]
}

fn filter<'v>(
    element: &str,
    attribute: &str,
    value: &'v str,
    pictures: &Pictures,
    blocked: &AtomicU32,
) -> Option<Cow<'v, str>> {
    match (element, attribute) {
        ("img", "src") => {
            let address = value.trim();
            let lower = address.get(..5).unwrap_or(address).to_ascii_lowercase();
            if let Some(id) = lower.strip_prefix("cid:").and_then(|_| address.get(4..)) {
                let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy().to_ascii_lowercase();
                return pictures.show(&id).map(Cow::Owned);
            }
            if lower == "data:" {
                return is_picture_uri(address).then_some(Cow::Borrowed(address));
            }
            if !address.is_empty() {
                blocked.fetch_add(1, Ordering::Relaxed);
            }
            None
        }
        (_, "background") => {
            if !value.trim().is_empty() {
                blocked.fetch_add(1, Ordering::Relaxed);
            }
            None
        }
        ("a", "href") => {
            let scheme = value.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
            matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel").then_some(Cow::Borrowed(value))
        }
        (_, "src" | "href" | "cite" | "action" | "poster") => None,
        (_, "style") => Some(Cow::Owned(safe_style(value, blocked))),
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Drops the declarations that could load something or hide what they do.
fn safe_style(style: &str, blocked: &AtomicU32) -> String {
    let mut kept = String::with_capacity(style.len());
    for declaration in style.split(';') {
        let lower = declaration.to_ascii_lowercase();
        let ground =
            declaration.split_once(':').filter(|(name, _)| name.trim().eq_ignore_ascii_case("background"));
        if let Some(ground) = ground.and_then(|(_, value)| ground::declaration(value)) {
            if !kept.is_empty() {
                kept.push(';');
            }
            kept.push_str(&ground);
        }
        if ["url(", "src(", "image(", "image-set(", "element(", "attr("]
            .iter()
            .any(|function| lower.contains(function))
        {
            blocked.fetch_add(1, Ordering::Relaxed);
        } else if !lower.contains('\\')
            && !lower.contains("expression")
            && !lower.contains("/*")
            && !lower.contains('@')
        {
            if !kept.is_empty() {
                kept.push(';');
            }
            kept.push_str(declaration);
        }
    }
    kept
}

/// A link must not lead the frame away: its address becomes what is shown on hovering. ammonia escapes "<" and ">" in text and
/// attributes, and quotes within attributes, so that a tag ends at the first ">". Text that looks like an attribute stays as it is.
fn without_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<a ") {
        let end = rest[start..].find('>').map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        out.push_str(&rest[start..end].replace(" href=\"", " title=\""));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn data_uri(part: &InlinePart) -> Option<String> {
    let kind = picture_kind(&part.bytes)?;
    Some(format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(&part.bytes)))
}

/// By content, never by what the sender says: only formats that cannot carry script.
fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'B', b'M', ..] => Some("bmp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

fn is_picture_uri(uri: &str) -> bool {
    let lower = uri.get(..32).unwrap_or(uri).to_ascii_lowercase();
    ["png", "jpeg", "jpg", "gif", "bmp", "webp"].iter().any(|kind| {
        lower
            .strip_prefix("data:image/")
            .is_some_and(|rest| rest.starts_with(kind) && !rest.starts_with("svg"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str, blocked: u32) {
        let picture = InlinePart {
            content_id: "Logo@x".into(),
            mime_type: "image/svg+xml".into(),
            bytes: b"GIF89a".to_vec(),
        };
        let evil = InlinePart {
            content_id: "evil".into(),
            mime_type: "image/png".into(),
            bytes: b"<svg onload=x>".to_vec(),
        };
        let safe = sanitize(html, &[picture, evil]);
        assert_eq!((safe.body.as_str(), safe.remote_blocked), (expected, blocked), "{html:?}");
    }

    #[test]
    fn what_stays() {
        check("<p>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>", 0);
        check("<p style=\"color:red;margin:0\">x</p>", "<p style=\"color:red;margin:0\">x</p>", 0);
        check("<img src='CID:logo@x' alt=a>", "<img src=\"data:image/gif;base64,R0lGODlh\" alt=\"a\">", 0);
        check("<img src='cid:logo%40x'>", "<img src=\"data:image/gif;base64,R0lGODlh\">", 0);
        check(
            "<a href='https://example.org/?a=1&b=2'>x</a>",
            "<a title=\"https://example.org/?a=1&amp;b=2\">x</a>",
            0,
        );
        check(
            "<table border=1><tr><td>x</td></tr></table>",
            "<table border=\"1\"><tbody><tr><td>x</td></tr></tbody></table>",
            0,
        );
    }

    #[test]
    fn text_that_looks_like_markup_stays() {
        check("see href=\"x\" <b>and href=\"y\"</b>", "see href=\"x\" <b>and href=\"y\"</b>", 0);
        check(
            "<a href='https://example.org/?q=%20href=\"'> href=\"z\"</a>",
            "<a title=\"https://example.org/?q=%20href=&quot;\"> href=\"z\"</a>",
            0,
        );
        check("&lt;a href=\"x\"&gt; 1 &gt; 0", "&lt;a href=\"x\"&gt; 1 &gt; 0", 0);
    }

    #[test]
    fn what_goes() {
        check("<p style='color:src(\"http://example.org\")'>a</p>", "<p style=\"\">a</p>", 1);
        check("<p style='white-space:@import \"x\"'>a</p>", "<p style=\"\">a</p>", 0);
        check("a<script>x()</script>b", "ab", 0);
        check("<p onclick='x()'>a</p>", "<p>a</p>", 0);
        check("<a href='javascript:x()'>a</a>", "<a>a</a>", 0);
        check("<img src='http://example.org/t.gif'>", "<img>", 1);
        check("<img src='//example.org/t.gif'>", "<img>", 1);
        check("<img src='data:image/svg+xml,x'>", "<img>", 0);
        check("<img src='cid:evil'>", "<img>", 0);
        check("<img srcset='http://example.org/t.gif 2x'>", "<img>", 0);
        check("<body background='http://example.org/b.gif'>a", "a", 0);
        check("<table background='http://example.org/b.gif'></table>", "<table></table>", 1);
        check("<p style='background:url(http://example.org)'>a</p>", "<p style=\"\">a</p>", 1);
        check("<p style='width:expression(x)'>a</p>", "<p style=\"\">a</p>", 0);
        check("<iframe src='http://example.org'>in</iframe>a", "a", 0);
        check("<form action='http://example.org'><input name=a>x</form>", "x", 0);
        check("<meta http-equiv=refresh content='0;url=http://example.org'>a", "a", 0);
        check("<link rel=stylesheet href='http://example.org/a.css'>a", "a", 0);
        check("<style>@import 'http://example.org'</style>a", "a", 0);
        check("<svg><a xlink:href='javascript:x'>a</a></svg>b", "b", 0);
        check("<base href='http://example.org/'>a", "a", 0);
        check("<video poster='http://example.org/'></video>a", "a", 0);
    }

    #[test]
    fn the_ground_of_text_stays() {
        check(
            "<p style='background:#036;color:#fff'>a</p>",
            "<p style=\"background-color:#036;color:#fff\">a</p>",
            0,
        );
        check(
            "<p style='color:#fff; BACKGROUND: url(http://example.org/x.gif) no-repeat navy'>a</p>",
            "<p style=\"color:#fff;background-color:navy\">a</p>",
            1,
        );
        check(
            "<body bgcolor=000080 text=white><p>a",
            "<main style=\"background-color:#000080;color:white\"><p>a</p></main>",
            0,
        );
        check(
            "<html><body style='margin:0;background:black;color:#eee' bgcolor=red><p>a</p></body></html>",
            "<main style=\"background-color:black;color:#eee\"><p>a</p></main>",
            0,
        );
        check("<body bgcolor='#FFFFFF' text='#000000'><p>a</p>", "<p>a</p>", 0);
        check("<body bgcolor='x onclick=y' text=red>a", "a", 0);
        check(
            "<p>a</p><body bgcolor=red>b<body bgcolor=blue>c",
            "<p>a</p><main style=\"background-color:red\">bc</main>",
            0,
        );
    }

    #[test]
    fn a_picture_named_often_is_bounded() {
        let mut bytes = b"GIF89a".to_vec();
        bytes.resize(1024 * 1024, 0);
        let part = InlinePart { content_id: "a".into(), mime_type: String::new(), bytes };
        let shown = sanitize(&"<img src=cid:a>".repeat(10_000), &[part]).body;
        assert!(shown.len() < MAX_PICTURES + 200_000, "{}", shown.len());
        assert!(shown.matches("data:").count() > 10);
    }

    #[test]
    fn what_once_grew_with_the_square_of_its_length_is_bounded() {
        let fonts: String = (0..40_000).map(|n| format!("<font size={n}><p>")).collect();
        let attributes: String = (0..100_000).map(|n| format!("a{n} ")).collect();
        let roots: String = (0..40_000).map(|n| format!("<html a{n}>")).collect();
        for html in [
            fonts,
            format!("<p {attributes}>x"),
            roots,
            "<div>".repeat(100_000),
            "<a><p>".repeat(100_000),
            "<nobr>".repeat(100_000),
            "<b><i><div></b>".repeat(50_000),
            "<select><option>".repeat(50_000),
        ] {
            let out = sanitize(&html, &[]).body.len();
            assert!(out <= 4 * MAX_TAMED, "{out} from {}", &html[..20]);
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        for tag in ["div", "b", "table", "font"] {
            let deep = format!("{}x", format!("<{tag}>").repeat(20_000));
            assert!(sanitize(&deep, &[]).body.contains('x'), "{tag}");
        }
        assert!(sanitize(&"é".repeat(MAX_HTML), &[]).body.len() <= MAX_HTML);
    }
}
