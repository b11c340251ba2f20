//! Who took part in an item, to compare with who took part in another.

/// Of the people of an item, at most so many are compared.
pub const MAX_PEOPLE: i64 = 64;

/// The sender and all who took part, by hashes of their names and addresses.
#[derive(Debug, Clone, Default)]
pub struct People {
    from: Vec<u64>,
    all: Vec<u64>,
}

impl People {
    /// Adds the sender.
    pub fn sender(&mut self, name: &str, address: &str) {
        self.from.extend(hashes(name, address));
        self.all.extend(hashes(name, address));
    }

    /// Adds a recipient.
    pub fn recipient(&mut self, name: &str, address: &str) {
        self.all.extend(hashes(name, address));
    }

    /// Whether the sender is among those who took part in `other`.
    pub fn sender_took_part_in(&self, other: &Self) -> bool {
        self.from.iter().any(|person| other.all.contains(person))
    }
}

/// A person is the same by address or by name: stores of one time know the one, stores of another time the other.
fn hashes(name: &str, address: &str) -> Vec<u64> {
    let hash = |text: &str| {
        let text = text.trim().trim_matches(['\'', '"']).to_lowercase();
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
        (!text.is_empty()).then(|| u64::from_le_bytes(first))
    };
    [name, address].into_iter().filter_map(hash).collect()
}
