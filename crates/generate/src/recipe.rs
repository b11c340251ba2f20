//! What to write.

use std::fmt;
use std::str::FromStr;

/// What kind of mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Letters of about 250 words, few files
    #[default]
    Mail,
    /// Everything that an office keeps: pages, files, calendar, contacts, tasks
    Office,
    /// Few items with files of up to tens of megabytes
    Attachments,
    /// Plain text and nothing else
    Text,
}

impl Profile {
    /// Every profile and its name.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Mail, "mail"),
        (Self::Office, "office"),
        (Self::Attachments, "attachments"),
        (Self::Text, "text"),
    ];
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(profile, _)| profile == self).map_or("", |(_, name)| name))
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(profile, _)| *profile).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|(_, name)| *name).collect();
            format!("there is no profile `{text}`; there are {}", names.join(", "))
        })
    }
}

/// How much of a mailbox differs in its second state, in hundredths of a percent of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Share(pub u64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let complaint = || format!("`{text}` is no percentage from 0 to 100 with at most two decimals");
        let (whole, part) =
            text.trim_end_matches('%').split_once('.').unwrap_or((text.trim_end_matches('%'), ""));
        if part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(complaint());
        }
        let whole: u64 = whole.parse().map_err(|_| complaint())?;
        let part: u64 = format!("{part:0<2}").parse().map_err(|_| complaint())?;
        let share = whole.saturating_mul(100).saturating_add(part);
        if share > 10_000 { Err(complaint()) } else { Ok(Self(share)) }
    }
}

/// All that decides about the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recipe {
    /// How many items, hidden ones not counted.
    pub items: u64,
    /// Another seed gives another mailbox.
    pub seed: u64,
    /// What kind of mailbox.
    pub profile: Profile,
    /// `None` writes the mailbox; a share writes the same mailbox some time later, when so much of it has changed.
    pub changed: Option<Share>,
}

/// The most items of a file: node numbers end at 2^27.
pub const MOST_ITEMS: u64 = 50_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        let check = |text: &str, want: Option<u64>| {
            assert_eq!(text.parse::<Share>().ok().map(|share| share.0), want, "{text}");
        };
        check("1", Some(100));
        check("0.5", Some(50));
        check("12.34%", Some(1234));
        check("100", Some(10_000));
        check("101", None);
        check("-1", None);
        check("1.234", None);
        check("", None);
    }

    #[test]
    fn profiles_are_known_by_their_names() {
        for (profile, name) in Profile::ALL {
            assert_eq!((name.parse::<Profile>(), profile.to_string().as_str()), (Ok(profile), name));
        }
        assert!("x".parse::<Profile>().is_err());
    }
}
