//! The people of the sample mailbox, all of them made up.

use crate::write::Person;

/// Somebody who writes or is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Marta, whose mailbox this is.
    Marta,
    Imke,
    Jonas,
    Tomas,
    Haruka,
    Elitsa,
    Layla,
    Ruth,
    Print,
    Tickets,
    Weekly,
    Choir,
}

use Who::*;

/// Those with a contact in the mailbox: given name, family name, telephone, company and role.
pub(super) const CONTACTS: &[(Who, &str, &str, &str, &str, &str)] = &[
    (Imke, "Imke", "Köhler", "+49 40 5550 101", "Lighthouse Choir", "Conductor"),
    (Jonas, "Jonas", "Petersen", "+49 40 5550 102", "Lighthouse Choir", "Treasurer"),
    (Tomas, "Tomás", "Ferreira", "+351 21 555 0103", "Lighthouse Choir", "Posters and programme"),
    (Haruka, "春香", "森", "+81 76 555 0104", "Kanazawa River Voices", "Manager"),
    (Elitsa, "Елица", "Димитрова", "+359 32 555 0105", "Plovdiv Folk Chorus", "Director"),
    (Layla, "ليلى", "حداد", "+961 1 555 0106", "", "Oud player"),
    (Ruth, "Ruth", "Abernathy", "+44 20 5550 0107", "Old Harbour Hall", "Caretaker"),
];

/// Members of the distribution list.
pub(super) const MEMBERS: &[Who] = &[Marta, Imke, Jonas, Tomas, Ruth];

impl Who {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Marta => "Marta Lindqvist",
            Imke => "Imke Köhler",
            Jonas => "Jonas Petersen",
            Tomas => "Tomás Ferreira",
            Haruka => "森 春香 (Haruka Mori)",
            Elitsa => "Елица Димитрова",
            Layla => "ليلى حداد (Layla Haddad)",
            Ruth => "Ruth Abernathy",
            Print => "Tidewater Print",
            Tickets => "Harbour Ticket Office",
            Weekly => "Choir Weekly",
            Choir => "Lighthouse Choir",
        }
    }

    pub(super) const fn address(self) -> &'static str {
        match self {
            Marta => "marta.lindqvist@example.org",
            Imke => "imke.koehler@example.org",
            Jonas => "jonas.petersen@example.org",
            Tomas => "tomas.ferreira@example.org",
            Haruka => "haruka.mori@example.com",
            Elitsa => "elitsa.dimitrova@example.com",
            Layla => "layla.haddad@example.com",
            Ruth => "ruth.abernathy@example.com",
            Print => "orders@example.com",
            Tickets => "tickets@example.com",
            Weekly => "news@example.com",
            Choir => "choir@example.org",
        }
    }

    pub(super) fn person(self) -> Person {
        Person::new(self.name(), self.address())
    }
}
