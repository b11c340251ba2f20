//! What a reader pane shows: HTML made safe, with pictures of the message itself and marks.

mod ground;
mod marks;
mod sanitize;
mod tame;

pub use marks::mark_html;
pub use sanitize::{SafeHtml, sanitize};

/// A whole document around `body` (from [`sanitize`]), for a frame without script. Its own policy lets nothing load, whatever the host's.
pub fn document(body: &str) -> String {
    const POLICY: &str =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";
    // Mail is written for white paper; quiet defaults for what says nothing.
    const STYLE: &str = "html{background:#fff;color:#171a21;color-scheme:light}\
        body{margin:0;padding:14px 26px 28px;font:14px/1.6 Inter,'Segoe UI',system-ui,sans-serif;overflow-wrap:break-word}\
        img{max-width:100%;height:auto}pre{white-space:pre-wrap}blockquote{margin:0 0 0 2px;padding-left:12px;border-left:2px solid #d5d9e0}\
        a{color:#3457d5;text-decoration:underline}mark{background:#ffe9a8;color:inherit;border-radius:2px}table{max-width:100%}";
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
         <meta name=\"referrer\" content=\"no-referrer\"><style>{STYLE}</style></head><body>{body}</body></html>"
    )
}
