//! Contacts and distribution lists ([MS-OXOCNTC] 2.2).

use super::entry_id::EntryId;
use super::fields::{Fields, Named};
use crate::ltp::FileTime;
use crate::messaging::names::ADDRESS;
use crate::messaging::tags;

/// An e-mail address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactAddress {
    /// Which of the three it is, from one.
    pub number: u8,
    /// How it is shown.
    pub name: String,
    /// `SMTP`, `EX` and so on.
    pub address_type: String,
    /// The address.
    pub address: String,
    /// The name it had before it was edited; of an address of type `EX`, the SMTP address.
    pub original: String,
}

/// What a telephone number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// At work, the first and second.
    Business,
    /// At home, the first and second.
    Home,
    /// `PidTagMobileTelephoneNumber`
    Mobile,
    /// `PidTagPrimaryTelephoneNumber`
    Primary,
    /// `PidTagOtherTelephoneNumber`
    Other,
    /// `PidTagCallbackTelephoneNumber`
    Callback,
    /// `PidTagCarTelephoneNumber`
    Car,
    /// `PidTagRadioTelephoneNumber`
    Radio,
    /// `PidTagPagerTelephoneNumber`
    Pager,
    /// `PidTagAssistantTelephoneNumber`
    Assistant,
    /// `PidTagCompanyMainTelephoneNumber`
    Company,
    /// Fax numbers.
    Fax,
    /// ISDN, telex and text telephones.
    Line,
}

const PHONES: &[(u16, PhoneKind)] = &[
    (0x3A08, PhoneKind::Business),
    (0x3A1B, PhoneKind::Business),
    (0x3A09, PhoneKind::Home),
    (0x3A2F, PhoneKind::Home),
    (0x3A1C, PhoneKind::Mobile),
    (0x3A1A, PhoneKind::Primary),
    (0x3A1F, PhoneKind::Other),
    (0x3A02, PhoneKind::Callback),
    (0x3A1E, PhoneKind::Car),
    (0x3A1D, PhoneKind::Radio),
    (0x3A21, PhoneKind::Pager),
    (0x3A2E, PhoneKind::Assistant),
    (0x3A57, PhoneKind::Company),
    (0x3A23, PhoneKind::Fax),
    (0x3A24, PhoneKind::Fax),
    (0x3A25, PhoneKind::Fax),
    (0x3A2C, PhoneKind::Line),
    (0x3A2D, PhoneKind::Line),
    (0x3A4B, PhoneKind::Line),
];

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// What it is for.
    pub kind: PhoneKind,
    /// The number as it was typed.
    pub number: String,
}

/// What a postal address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostalKind {
    /// At home.
    Home,
    /// At work.
    Business,
    /// Elsewhere.
    Other,
    /// Where letters go: one of the others.
    Mailing,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalAddress {
    /// What it is for.
    pub kind: PostalKind,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// State or province.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country: String,
    /// Post office box.
    pub box_number: String,
    /// The whole as it was typed.
    pub text: String,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// `PidTagDisplayName`
    pub name: String,
    /// `PidLidFileUnder`
    pub file_as: String,
    /// `PidTagDisplayNamePrefix`
    pub prefix: String,
    /// `PidTagGivenName`
    pub given_name: String,
    /// `PidTagMiddleName`
    pub middle_name: String,
    /// `PidTagSurname`
    pub surname: String,
    /// `PidTagGeneration`
    pub suffix: String,
    /// `PidTagNickname`
    pub nickname: String,
    /// `PidTagCompanyName`
    pub company: String,
    /// `PidTagTitle`
    pub title: String,
    /// `PidTagDepartmentName`
    pub department: String,
    /// `PidTagOfficeLocation`
    pub office: String,
    /// `PidTagProfession`
    pub profession: String,
    /// `PidTagManagerName`
    pub manager: String,
    /// `PidTagAssistant`
    pub assistant: String,
    /// `PidTagSpouseName`
    pub spouse: String,
    /// Its e-mail addresses, three at most.
    pub emails: Vec<ContactAddress>,
    /// Its telephone numbers.
    pub phones: Vec<Phone>,
    /// Its postal addresses.
    pub addresses: Vec<PostalAddress>,
    /// Its pages on the web: business, then personal.
    pub web: Vec<String>,
    /// `PidLidInstantMessagingAddress`
    pub instant_messaging: String,
    /// `PidTagBirthday`
    pub birthday: Option<FileTime>,
    /// `PidTagWeddingAnniversary`
    pub anniversary: Option<FileTime>,
}

const fn of(number: u32) -> Named {
    (ADDRESS, number)
}

impl Contact {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let phone = |fields: &mut Fields<'_, '_, '_>, (tag, kind)| Phone { kind, number: fields.text(tag) };
        let mut web: Vec<String> = Vec::new();
        for page in [fields.text(0x3A51), fields.named_text(of(0x802B)), fields.text(0x3A50)] {
            if !page.is_empty() && !web.contains(&page) {
                web.push(page);
            }
        }
        Self {
            name: fields.text(tags::DISPLAY_NAME),
            file_as: fields.named_text(of(0x8005)),
            prefix: fields.text(0x3A45),
            given_name: fields.text(0x3A06),
            middle_name: fields.text(0x3A44),
            surname: fields.text(0x3A11),
            suffix: fields.text(0x3A05),
            nickname: fields.text(0x3A4F),
            company: fields.text(0x3A16),
            title: fields.text(0x3A17),
            department: fields.text(0x3A18),
            office: fields.text(0x3A19),
            profession: fields.text(0x3A46),
            manager: fields.text(0x3A4E),
            assistant: fields.text(0x3A30),
            spouse: fields.text(0x3A48),
            emails: (1..=3).filter_map(|number| email(fields, number)).collect(),
            phones: PHONES
                .iter()
                .map(|&entry| phone(fields, entry))
                .filter(|phone| !phone.number.is_empty())
                .collect(),
            addresses: addresses(fields),
            web,
            instant_messaging: fields.named_text(of(0x8062)),
            birthday: fields.time(0x3A42),
            anniversary: fields.time(0x3A41),
        }
    }
}

/// Display name, type, address and original name stand at 0x80, 0x82, 0x83 and 0x84 of the first, and so on.
fn email(fields: &mut Fields<'_, '_, '_>, number: u8) -> Option<ContactAddress> {
    let base = 0x8070 + 0x10 * u32::from(number);
    let found = ContactAddress {
        number,
        name: fields.named_text(of(base)),
        address_type: fields.named_text(of(base + 2)),
        address: fields.named_text(of(base + 3)),
        original: fields.named_text(of(base + 4)),
    };
    let empty = found.name.is_empty() && found.address.is_empty() && found.original.is_empty();
    (!empty).then_some(found)
}

/// Where a part of a postal address is kept.
#[derive(Clone, Copy)]
enum Part {
    Tag(u16),
    Named(u32),
}

/// Street, city, state, postal code, country, box, whole text.
const ADDRESSES: &[(PostalKind, [Part; 7])] = &[
    (
        PostalKind::Home,
        [
            Part::Tag(0x3A5D),
            Part::Tag(0x3A59),
            Part::Tag(0x3A5C),
            Part::Tag(0x3A5B),
            Part::Tag(0x3A5A),
            Part::Tag(0x3A5E),
            Part::Named(0x801A),
        ],
    ),
    (
        PostalKind::Business,
        [
            Part::Named(0x8045),
            Part::Named(0x8046),
            Part::Named(0x8047),
            Part::Named(0x8048),
            Part::Named(0x8049),
            Part::Named(0x804A),
            Part::Named(0x801B),
        ],
    ),
    (
        PostalKind::Other,
        [
            Part::Tag(0x3A63),
            Part::Tag(0x3A5F),
            Part::Tag(0x3A62),
            Part::Tag(0x3A61),
            Part::Tag(0x3A60),
            Part::Tag(0x3A64),
            Part::Named(0x801C),
        ],
    ),
    (
        PostalKind::Mailing,
        [
            Part::Tag(0x3A29),
            Part::Tag(0x3A27),
            Part::Tag(0x3A28),
            Part::Tag(0x3A2A),
            Part::Tag(0x3A26),
            Part::Tag(0x3A2B),
            Part::Tag(0x3A15),
        ],
    ),
];

fn addresses(fields: &mut Fields<'_, '_, '_>) -> Vec<PostalAddress> {
    let mut all = Vec::new();
    for &(kind, parts) in ADDRESSES {
        let [street, city, state, postal_code, country, box_number, text] = parts.map(|part| match part {
            Part::Tag(tag) => fields.text(tag),
            Part::Named(number) => fields.named_text(of(number)),
        });
        let address = PostalAddress { kind, street, city, state, postal_code, country, box_number, text };
        let parts = [&address.street, &address.city, &address.state, &address.postal_code];
        let more = [&address.country, &address.box_number, &address.text];
        if parts.into_iter().chain(more).any(|part| !part.is_empty()) {
            all.push(address);
        }
    }
    all
}

/// A member of a distribution list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMember {
    /// What the list refers to (`PidLidDistributionListMembers`); `None` when it cannot be decoded.
    pub id: Option<EntryId>,
    /// The member's name, as far as the list itself says it.
    pub name: String,
    /// The member's address, as far as the list itself says it.
    pub address: String,
}

/// A list of people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DistributionList {
    /// `PidLidDistributionListName`
    pub name: String,
    /// Its members.
    pub members: Vec<ListMember>,
}

impl DistributionList {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let name = fields.named_text(of(0x8053));
        let name = if name.is_empty() { fields.text(tags::DISPLAY_NAME) } else { name };
        let charset = fields.message.properties.charset;
        let ids = fields.named_binaries(of(0x8055));
        // Name and address of the member in the same place.
        let mut copies = fields.named_binaries(of(0x8054)).into_iter();
        let count = ids.len().max(copies.len());
        let mut ids = ids.into_iter();
        let parse = |data: Vec<u8>| EntryId::parse(&data, &charset);
        let members = (0..count).map(|_| {
            let id = ids.next().and_then(parse);
            let copy = copies.next().and_then(parse);
            let known = |part: fn(&EntryId) -> Option<&str>| {
                let of = |id: &Option<EntryId>| id.as_ref().and_then(part).map(str::to_owned);
                of(&copy).or_else(|| of(&id)).unwrap_or_default()
            };
            let (name, address) = (known(EntryId::name), known(EntryId::address));
            ListMember { id, name, address }
        });
        Self { name, members: members.collect() }
    }
}
