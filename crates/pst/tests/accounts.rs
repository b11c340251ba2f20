//! What a file says of its folders, and what is there: each item has one home, and what does not agree is said.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::Cursor;

use common::cases::{PLAIN, census, counts, first, folder, many, small, subject};
use common::image::Image;
use mailscope_pst::write::{NewMessage, PropertyKey, PstWriter, Value};
use mailscope_pst::{BlockId, Census, Consequence, Fault, Format, NidType, NodeId, Origin, Place};

#[test]
fn folders_that_break() {
    let sound = small(PLAIN);
    let (inbox, archive) = (folder(&sound, "Inbox"), folder(&sound, "Archive"));
    let want = census(&sound);
    let home = |census: &Census, id: NodeId| census.folders.iter().find(|f| f.id == id).cloned();
    let expected = |id| home(&want, id).unwrap().expected;
    let check = |change: &dyn Fn(&mut Image)| {
        let mut image = Image::new(sound.data.clone(), sound.format);
        change(&mut image);
        assert_eq!(counts(&image).0, want.expected());
        census(&image)
    };
    let path = |census: &Census, id| home(census, id).unwrap().path.join("/");

    // Its properties cannot be read: the row of its parent's table has its name.
    let found = check(&|image| {
        let [_, sub, parent] = image.node(inbox);
        image.set_node(inbox, [0, sub, parent]);
    });
    assert_eq!(path(&found, archive), path(&want, archive));
    assert_eq!(home(&found, inbox).unwrap().expected, expected(inbox));
    let consequence = |census: &Census, id| home(census, id).unwrap().anomalies[0].consequence;
    assert_eq!(consequence(&found, inbox), Consequence::Repaired);

    // Its node is gone: the same.
    let found = check(&|image| image.drop_node(inbox));
    assert_eq!(path(&found, archive), path(&want, archive));
    assert_eq!(
        (home(&found, inbox).unwrap().expected, home(&found, inbox).unwrap().is_synthetic),
        (expected(inbox), true)
    );
    assert!(found.items.iter().all(|item| item.origin != Origin::Orphan));

    // And no table lists it: its items have a home of their own.
    let found = check(&|image| {
        let parent = NodeId(image.node(inbox)[2] as u32);
        image.drop_node(inbox);
        image.drop_node(parent.with_kind(NidType::HierarchyTable));
        image.drop_node(inbox.with_kind(NidType::ContentsTable));
    });
    assert_eq!(home(&found, Census::RECOVERED).unwrap().expected, expected(inbox));
    assert_eq!(home(&found, archive).unwrap().expected, expected(archive));

    // Tables that are gone, or are no tables: the nodes say what lies where.
    for kind in [NidType::HierarchyTable, NidType::ContentsTable, NidType::AssocContentsTable] {
        let table = inbox.with_kind(kind);
        let found = check(&|image| image.drop_node(table));
        assert_eq!(path(&found, archive), path(&want, archive), "{kind:?}");
        let found = check(&|image| {
            let [data, ..] = image.node(table);
            image.edit(BlockId(data), |bytes| bytes[2] ^= 0xFF);
        });
        assert_eq!(path(&found, archive), path(&want, archive), "{kind:?}");
        assert_eq!(consequence(&found, inbox), Consequence::Repaired, "{kind:?}");
        assert_eq!(home(&found, inbox).unwrap().expected, expected(inbox), "{kind:?}");
    }

    // Each lies in the other.
    let found = check(&|image| {
        let [data, sub, _] = image.node(inbox);
        image.set_node(inbox, [data, sub, archive.0.into()]);
    });
    assert!(home(&found, inbox).unwrap().anomalies.iter().any(|a| a.fault == Fault::FolderCycle));
    assert_eq!(home(&found, archive).unwrap().expected, expected(archive));
}

/// Contents table, `PidTagContentCount` and nodes: what does not agree is said, with what it means.
#[test]
fn counts_that_do_not_agree() {
    let sound = many(PLAIN, 50);
    let (node, id) = (first(&sound), folder(&sound, "Many"));
    let table = Place::Node(id.with_kind(NidType::ContentsTable));
    let check = |change: &dyn Fn(&mut Image), expected: u32, want: &[(Fault, Place, Consequence)]| {
        let mut image = Image::new(sound.data.clone(), sound.format);
        change(&mut image);
        let census = census(&image);
        let folder = census.folders.into_iter().find(|folder| folder.id == id).unwrap();
        let found: Vec<_> = folder.anomalies.into_iter().map(|a| (a.fault, a.place, a.consequence)).collect();
        assert_eq!((folder.expected, found.as_slice()), (expected, want));
    };
    check(&|_| {}, 50, &[]);
    check(&|image| image.drop_node(node), 50, &[(Fault::RowsWithoutNode(1), table, Consequence::Lost)]);
    check(
        &|image| image.drop_node(id.with_kind(NidType::ContentsTable)),
        50,
        &[(Fault::Unlisted(50), table, Consequence::Repaired)],
    );
    let claims = |stated, consequence| {
        let fault = Fault::Count { what: "PidTagContentCount", stated, found: 50 };
        (fault, Place::Node(id), consequence)
    };
    check(&|image| image.set_property(id, 0x3602, (0x3602, 3, 60)), 50, &[claims(60, Consequence::Lost)]);
    check(&|image| image.set_property(id, 0x3602, (0x3602, 3, 10)), 50, &[claims(10, Consequence::Used)]);
}

/// What a search folder lists lies elsewhere, and is counted there alone.
#[test]
fn search_folders_hold_nothing() {
    let mut image = many(PLAIN, 20);
    let before = census(&image);
    let search = before.folders.iter().find(|folder| folder.is_search).unwrap().id;
    // It lists what the folder lists.
    let rows = image.node(folder(&image, "Many").with_kind(NidType::ContentsTable));
    image.set_node(search.with_kind(NidType::SearchContentsTable), rows);
    let after = census(&image);
    let found = after.folders.iter().find(|folder| folder.id == search).unwrap();
    assert_eq!((found.listed, found.expected, found.hidden), (20, 0, 0));
    assert_eq!((after.expected(), &after.items), (20, &before.items));
    assert_eq!(image.open().reader().contents(search, false).unwrap().len(), 20);
}

/// Rules are hidden messages: told apart, and never mail.
#[test]
fn rules_are_no_mail() {
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let folder = writer.add_folder(writer.top(), "Inbox").unwrap();
    writer.add_message(folder, &subject("mail")).unwrap();
    let key = PropertyKey::Id;
    for (class, name, state) in [
        ("IPM.Rule.Version2.Message", "To the archive", Some(1)),
        ("IPM.ExtendedRule.Message", "Junk", Some(0)),
        ("IPM.RuleOrganizer", "", None),
        ("IPM.Configuration.Known", "", None),
    ] {
        let mut message = NewMessage { class: class.into(), ..subject("Outlook Rules") };
        if let Some(state) = state {
            message = message
                .with(key(0x65E9), Value::Int32(state))
                .with(key(0x65EB), Value::Text("RuleOrganizer".into()))
                .with(key(0x65EC), Value::Text(name.into()))
                .with(key(0x65F3), Value::Int32(10));
        }
        writer.add_hidden_message(folder, &message).unwrap();
    }
    let image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
    let file = image.open();
    let mut reader = file.reader();
    let census = reader.census().unwrap();
    assert_eq!((census.expected(), census.hidden()), (1, 4));
    let (rules, failed) = reader.rules(&census);
    let found: Vec<_> =
        rules.iter().map(|rule| (rule.name.as_str(), rule.is_enabled, rule.sequence)).collect();
    let want = [("To the archive", Some(true), 10), ("Junk", Some(false), 10), ("Outlook Rules", None, 0)];
    assert_eq!((found.as_slice(), failed.len()), (want.as_slice(), 0));
}
