//! Folders while a file is written, and their nodes ([MS-PST] 2.4.4).

use std::io::{Seek, Write};

use super::{
    blocks::{BlockStore, NodeBody},
    contexts::{SubNodes, Table, write_properties},
    error::Result,
    schema,
    tags::*,
    trees::{NodeEntry, Nodes},
    value::{Properties, TextForm, Value},
};
use crate::ndb::ids::{NidType, NodeId};

/// A folder and its two tables of messages, which grow as messages come in.
pub(crate) struct Folder {
    pub nid: NodeId,
    pub parent: NodeId,
    name: String,
    class: String,
    pub sub_folders: Vec<usize>,
    contents: Table,
    hidden: Table,
    counts: Counts,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    items: i32,
    unread: i32,
    hidden: i32,
    hidden_unread: i32,
}

impl Folder {
    pub fn new<W>(store: &BlockStore<W>, nid: NodeId, parent: NodeId, name: &str, class: &str) -> Self {
        let layout = store.layout;
        Self {
            nid,
            parent,
            name: name.to_owned(),
            class: class.to_owned(),
            sub_folders: Vec::new(),
            contents: Table::new(layout, &schema::contents(&layout)),
            hidden: Table::new(layout, &schema::associated(&layout)),
            counts: Counts::default(),
        }
    }

    /// Lists a message in the folder.
    pub fn list<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        nid: NodeId,
        properties: &Properties,
        unread: bool,
    ) -> Result<()> {
        let counts = &mut self.counts;
        if nid.kind() == NidType::AssocMessage {
            counts.hidden += 1;
            counts.hidden_unread += i32::from(unread);
            self.hidden.add_row(store, nid.0, properties)
        } else {
            counts.items += 1;
            counts.unread += i32::from(unread);
            self.contents.add_row(store, nid.0, properties)
        }
    }

    /// What the folder's own node and its parent's table say about it.
    fn properties(&self, form: TextForm) -> Properties {
        let mut p = Properties::default();
        p.set(form, DISPLAY_NAME, &Value::Text(self.name.clone()));
        p.set(form, CONTENT_COUNT, &Value::Int32(self.counts.items));
        p.set(form, CONTENT_UNREAD_COUNT, &Value::Int32(self.counts.unread));
        p.set(form, SUBFOLDERS, &Value::Bool(!self.sub_folders.is_empty()));
        if !self.class.is_empty() {
            p.set(form, CONTAINER_CLASS, &Value::Text(self.class.clone()));
        }
        p.set(form, PST_HIDDEN_COUNT, &Value::Int32(self.counts.hidden));
        p.set(form, PST_HIDDEN_UNREAD, &Value::Int32(self.counts.hidden_unread));
        p
    }
}

/// Writes the nodes of all folders. `search` is the one search folder; the root lists it.
pub(crate) fn write_folders<W: Write + Seek>(
    store: &mut BlockStore<W>,
    form: TextForm,
    folders: Vec<Folder>,
    search: NodeId,
    nodes: &mut Nodes,
) -> Result<()> {
    let layout = store.layout;
    let own: Vec<_> = folders.iter().map(|folder| (folder.nid, folder.properties(form))).collect();
    let mut search_properties = Properties::default();
    search_properties.set(form, DISPLAY_NAME, &Value::Text("SPAM Search Folder 2".to_owned()));
    search_properties.set(form, CONTENT_COUNT, &Value::Int32(0));
    search_properties.set(form, CONTENT_UNREAD_COUNT, &Value::Int32(0));
    search_properties.set(form, SUBFOLDERS, &Value::Bool(false));
    for folder in folders {
        let mut hierarchy = Table::new(layout, &schema::hierarchy(&layout));
        if folder.nid == NodeId::ROOT_FOLDER {
            hierarchy.add_row(store, search.0, &search_properties)?;
        }
        for &child in &folder.sub_folders {
            if let Some((nid, properties)) = own.get(child) {
                hierarchy.add_row(store, nid.0, properties)?;
            }
        }
        let properties = folder.properties(form);
        let body = write_properties(store, &properties, SubNodes::default())?;
        nodes.add(store, NodeEntry { nid: folder.nid, body, parent: folder.parent })?;
        for (kind, table) in [
            (NidType::HierarchyTable, hierarchy),
            (NidType::ContentsTable, folder.contents),
            (NidType::AssocContentsTable, folder.hidden),
        ] {
            let body = table.finish(store)?;
            nodes.add(store, NodeEntry { nid: folder.nid.with_kind(kind), body, parent: NodeId(0) })?;
        }
    }
    let body = write_properties(store, &search_properties, SubNodes::default())?;
    nodes.add(store, NodeEntry { nid: search, body, parent: NodeId::ROOT_FOLDER })?;
    let found = Table::new(layout, &schema::search_contents(&layout)).finish(store)?;
    for (kind, body) in
        [(NidType::SearchContentsTable, found), (NidType::SearchUpdateQueue, NodeBody::default())]
    {
        nodes.add(store, NodeEntry { nid: search.with_kind(kind), body, parent: NodeId(0) })?;
    }
    Ok(())
}
