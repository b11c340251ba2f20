//! The columns that the fixed tables of a file have ([MS-PST] 2.4.4.4.1, 2.4.4.5.1, 2.4.4.6.1, 2.4.5.3.1,
//! 2.4.6.1.1, 2.4.8.6.2.1).

use super::{contexts::Column, layout::Layout, tags::*};

const INT: u16 = 0x0003;
const BOOL: u16 = 0x000B;
const INT64: u16 = 0x0014;
const TEXT: u16 = 0x001F;
const TIME: u16 = 0x0040;
const BINARY: u16 = 0x0102;
const INTS: u16 = 0x1003;

fn columns(layout: &Layout, list: &[(u16, u16)]) -> Vec<Column> {
    list.iter().map(|&(id, kind)| Column::new(layout, id, kind)).collect()
}

/// The sub-folders of a folder.
pub(crate) fn hierarchy(layout: &Layout) -> Vec<Column> {
    columns(
        layout,
        &[
            (REPL_ITEM_ID, INT),
            (REPL_CHANGE_NUM, INT64),
            (REPL_VERSION_HISTORY, BINARY),
            (REPL_FLAGS, INT),
            (DISPLAY_NAME, TEXT),
            (CONTENT_COUNT, INT),
            (CONTENT_UNREAD_COUNT, INT),
            (SUBFOLDERS, BOOL),
            (CONTAINER_CLASS, TEXT),
            (PST_HIDDEN_COUNT, INT),
            (PST_HIDDEN_UNREAD, INT),
        ],
    )
}

/// The messages of a folder.
pub(crate) fn contents(layout: &Layout) -> Vec<Column> {
    columns(
        layout,
        &[
            (IMPORTANCE, INT),
            (MESSAGE_CLASS, TEXT),
            (SENSITIVITY, INT),
            (SUBJECT, TEXT),
            (CLIENT_SUBMIT_TIME, TIME),
            (SENT_REPRESENTING_NAME, TEXT),
            (MESSAGE_TO_ME, BOOL),
            (MESSAGE_CC_ME, BOOL),
            (CONVERSATION_TOPIC, TEXT),
            (CONVERSATION_INDEX, BINARY),
            (DISPLAY_CC, TEXT),
            (DISPLAY_TO, TEXT),
            (MESSAGE_DELIVERY_TIME, TIME),
            (MESSAGE_FLAGS, INT),
            (MESSAGE_SIZE, INT),
            (MESSAGE_STATUS, INT),
            (REPL_ITEM_ID, INT),
            (REPL_CHANGE_NUM, INT64),
            (REPL_VERSION_HISTORY, BINARY),
            (REPL_FLAGS, INT),
            (REPL_COPIED_FROM_VERSION_HISTORY, BINARY),
            (REPL_COPIED_FROM_ITEM_ID, BINARY),
            (ITEM_TEMPORARY_FLAGS, INT),
            (LAST_MODIFICATION_TIME, TIME),
            (SECURE_SUBMIT_FLAGS, INT),
        ],
    )
}

/// The hidden messages of a folder.
pub(crate) fn associated(layout: &Layout) -> Vec<Column> {
    columns(
        layout,
        &[
            (MESSAGE_CLASS, TEXT),
            (MESSAGE_FLAGS, INT),
            (MESSAGE_STATUS, INT),
            (DISPLAY_NAME, TEXT),
            (0x6800, TEXT),
            (0x6803, BOOL),
            (0x6805, INTS),
            (0x7003, INT),
            (0x7004, BINARY),
            (0x7005, BINARY),
            (0x7006, TEXT),
            (0x7007, INT),
        ],
    )
}

/// What a search folder found.
pub(crate) fn search_contents(layout: &Layout) -> Vec<Column> {
    columns(
        layout,
        &[
            (IMPORTANCE, INT),
            (MESSAGE_CLASS, TEXT),
            (SENSITIVITY, INT),
            (SUBJECT, TEXT),
            (SENT_REPRESENTING_NAME, TEXT),
            (MESSAGE_TO_ME, BOOL),
            (DISPLAY_CC, TEXT),
            (DISPLAY_TO, TEXT),
            (PARENT_DISPLAY, TEXT),
            (MESSAGE_DELIVERY_TIME, TIME),
            (MESSAGE_FLAGS, INT),
            (MESSAGE_SIZE, INT),
            (MESSAGE_STATUS, INT),
            (EXCHANGE_REMOTE_HEADER, BOOL),
            (LAST_MODIFICATION_TIME, TIME),
            (LTP_PARENT_NID, INT),
        ],
    )
}

/// The recipients of a message.
pub(crate) fn recipients(layout: &Layout) -> Vec<Column> {
    columns(
        layout,
        &[
            (RECIPIENT_TYPE, INT),
            (RESPONSIBILITY, BOOL),
            (RECORD_KEY, BINARY),
            (OBJECT_TYPE, INT),
            (ENTRY_ID, BINARY),
            (DISPLAY_NAME, TEXT),
            (ADDRESS_TYPE, TEXT),
            (EMAIL_ADDRESS, TEXT),
            (SEARCH_KEY, BINARY),
            (DISPLAY_TYPE, INT),
            (SMTP_ADDRESS, TEXT),
            (SEVEN_BIT_DISPLAY_NAME, TEXT),
            (SEND_RICH_INFO, BOOL),
        ],
    )
}

/// The attachments of a message.
pub(crate) fn attachments(layout: &Layout) -> Vec<Column> {
    columns(
        layout,
        &[(ATTACH_SIZE, INT), (ATTACH_FILENAME, TEXT), (ATTACH_METHOD, INT), (RENDERING_POSITION, INT)],
    )
}
