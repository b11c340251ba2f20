//! What becomes of an item between the first state of a mailbox and the second.

use mailscope_pst::write::NewMessage;

use crate::random::{Purpose, Random};
use crate::recipe::Recipe;

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing
    Kept,
    /// It says something else now.
    Changed,
    /// It lies in another folder.
    Moved,
    /// It is gone.
    Deleted,
}

/// What happened to item `index`.
pub fn change(recipe: &Recipe, index: u64) -> Change {
    let Some(share) = recipe.changed else { return Change::Kept };
    let mut random = Random::new(recipe.seed, Purpose::Changes, index);
    // A quarter of what differs is new and not among these.
    if random.below(40_000) >= share.0 * 3 {
        return Change::Kept;
    }
    [Change::Changed, Change::Moved, Change::Deleted][random.below(3) as usize]
}

/// How many items came since the first state.
pub fn new_items(recipe: &Recipe) -> u64 {
    recipe.changed.map_or(0, |share| (u128::from(recipe.items) * u128::from(share.0) / 40_000) as u64)
}

/// Makes another text of a message, as a person does who corrects it.
pub fn edit(message: &mut NewMessage, index: u64) {
    message.read = !message.read;
    let line = format!("\r\nCorrected, {index}.\r\n");
    match (&mut message.text, &mut message.html) {
        (_, Some(html)) => html.extend_from_slice(format!("<p>{}</p>", line.trim()).as_bytes()),
        (Some(text), None) => text.push_str(&line),
        (None, None) => message.subject.push_str(" (corrected)"),
    }
}
