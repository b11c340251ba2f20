//! Rich text bodies ([MS-OXRTFCP], [MS-OXRTFEX]): what each message's holds, as text and as HTML.
//! `cargo run -p mailscope-pst --example rtf -- FILE`.
#![allow(clippy::print_stdout)]

use std::error::Error;

use mailscope_pst::{PstFile, rtf};

const LIMIT: usize = 16 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: rtf FILE")?;
    let file = PstFile::open(&path)?;
    let mut reader = file.reader();
    for entry in reader.census()?.items {
        let Some(body) = reader.bodies(&entry, LIMIT)?.rtf else { continue };
        println!("{}: {} bytes, {:?}", entry.node, body.len(), rtf::encapsulated(&body));
        match rtf::unwrap_html(&body, LIMIT) {
            Some(html) => println!("  HTML of {} bytes", html.len()),
            None => println!("  {:?}", rtf::to_text(&body, 72)),
        }
    }
    Ok(())
}
