//! Which parts of the index are made one.
//!
//! Merging is most of what an index costs beyond its first writing, in time and in pages of files that are mapped meanwhile. An
//! import of up to a million items therefore merges few of the parts that it fills to the brim: searches of a million items were
//! measured over some thirty parts, which are looked through on several threads. Small parts, as watching and marking leave them, are
//! merged soon; large ones a few at a time, when there are more than a search should open. What is merged at once is bounded in bytes.

use std::path::PathBuf;
use tantivy::SegmentMeta;
use tantivy::index::SegmentComponent;
use tantivy::indexer::{MergeCandidate, MergePolicy};

/// A part with fewer items is small: the first commits of an import, and what little changes bring; …
const SMALL: u32 = 20_000;
/// … unless its files have so many bytes: few items, but long ones.
const LARGE_BYTES: u64 = 32 * 1024 * 1024;
/// So many small parts of about one size are made one …
const SMALL_AT_ONCE: usize = 8;
/// … where sizes up to so many items count as one.
const SMALLEST: u32 = 2_000;
/// So many large parts may stand side by side, beside those that are full.
const LARGE: usize = 24;
/// Large parts that are made one at a time.
const LARGE_AT_ONCE: usize = 4;
/// Two parts are always merged if they should be; more only up to so many bytes of files, of which a seventh is mapped meanwhile.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// What a merge reads.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Terms,
    SegmentComponent::Store,
];
/// A part with so many items is full: it is merged no more.
const FULL: u32 = 1_000_000;

/// The rule; see the module.
#[derive(Debug, Clone)]
pub struct Merges {
    /// Where the files of the parts lie.
    pub folder: PathBuf,
}

impl MergePolicy for Merges {
    fn compute_merge_candidates(&self, parts: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let sizes: Vec<Size> = parts
            .iter()
            .map(|part| Size {
                live: part.num_docs(),
                deleted: part.num_deleted_docs(),
                bytes: self.bytes_of(part),
            })
            .collect();
        let merges = choose(&sizes);
        merges
            .into_iter()
            .map(|group| {
                MergeCandidate(group.into_iter().filter_map(|n| parts.get(n)).map(SegmentMeta::id).collect())
            })
            .collect()
    }
}

impl Merges {
    /// Bytes of the files of a part. What cannot be asked for counts as nothing: the merge itself will say what is wrong.
    fn bytes_of(&self, part: &SegmentMeta) -> u64 {
        let files = COMPONENTS.into_iter().map(|component| self.folder.join(part.relative_path(component)));
        files.filter_map(|file| file.metadata().ok()).map(|facts| facts.len()).sum()
    }
}

/// A part.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Items.
    live: u32,
    /// Items that are still in its files.
    deleted: u32,
    /// Of its files.
    bytes: u64,
}

/// Groups of parts to merge, each by their places in `parts`. No part is in two groups.
fn choose(parts: &[Size]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|n| std::cmp::Reverse(parts[*n].live));
    let (mut small, mut large, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for n in order {
        let Size { live, deleted, bytes } = parts[n];
        if live < SMALL && bytes < LARGE_BYTES {
            small.push(n);
        } else if deleted > live {
            // Most of it is gone: it is written again without that.
            groups.push(vec![n]);
        } else if live < FULL {
            large.push(n);
        }
    }
    // The largest of a level comes first; what has less than about half of it begins the next one.
    let mut level: Vec<usize> = Vec::new();
    let mut top = 0;
    for n in small {
        let size = parts[n].live.max(SMALLEST);
        if size < top / 2 {
            groups.push(std::mem::take(&mut level));
        }
        if level.is_empty() {
            top = size;
        }
        level.push(n);
    }
    groups.push(level);
    groups.retain(|group| {
        group.len() >= SMALL_AT_ONCE || group.iter().any(|n| parts[*n].deleted > parts[*n].live)
    });
    if large.len() > LARGE {
        // The smallest stand last.
        groups.push(large.split_off(large.len() - LARGE_AT_ONCE));
    }
    for group in &mut groups {
        bound(group, parts);
    }
    groups
}

/// Leaves of a group, which begins with the largest, the smallest that are merged at once.
fn bound(group: &mut Vec<usize>, parts: &[Size]) {
    let mut bytes = 0_u64;
    let fitting = group.iter().rev().take_while(|n| {
        bytes = bytes.saturating_add(parts[**n].bytes);
        bytes <= MAX_BYTES
    });
    let kept = fitting.count().max(2).min(group.len());
    group.drain(..group.len() - kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes in thousands, `live` or `live-deleted`, with their megabytes behind `@`; groups by their sizes.
    fn check(parts: &str, expected: &[&str]) {
        let names: Vec<&str> = parts.split_whitespace().collect();
        let sizes: Vec<Size> = names
            .iter()
            .map(|name| {
                let (items, megabytes) = name.split_once('@').unwrap_or((name, "0"));
                let (live, deleted) = items.split_once('-').unwrap_or((items, "0"));
                Size {
                    live: live.parse::<u32>().unwrap() * 1000,
                    deleted: deleted.parse::<u32>().unwrap() * 1000,
                    bytes: megabytes.parse::<u64>().unwrap() << 20,
                }
            })
            .collect();
        let groups: Vec<String> = choose(&sizes)
            .into_iter()
            .map(|group| group.into_iter().map(|n| names[n]).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(groups, expected, "{parts}");
    }

    #[test]
    fn small_parts_are_merged_by_level_and_large_ones_when_they_are_many() {
        check("", &[]);
        check("48 48 48 24 12 6 3 2 1", &[]);
        check("1 2 1 1 2 1 1", &[]);
        check("1 2 1 1 2 1 1 1", &["2 2 1 1 1 1 1 1"]);
        check("19 1 1 1 1 1 1 1 1", &["1 1 1 1 1 1 1 1"]);
        check("16 12 12 12 12 10 10 9 9 1 1 1", &["16 12 12 12 12 10 10 9 9"]);
        check(&"48 ".repeat(24), &[]);
        check(&format!("{}300 2000 2000", "48 ".repeat(24)), &["48 48 48 48"]);
        check(&"1000 ".repeat(60), &[]);
        check("48-50 48-40 3-4 3", &["48-50", "3-4 3"]);
    }

    #[test]
    fn what_is_merged_at_once_is_bounded() {
        check(&"12@12 ".repeat(8), &[&["12@12"; 8].join(" ")]);
        check(&"1@31 ".repeat(10), &[&["1@31"; 8].join(" ")]);
        // Long items: as large as they get.
        check(&"1@33 ".repeat(24), &[]);
        check(&"48@90 ".repeat(25), &["48@90 48@90"]);
        check(&format!("{}48@20 48@20 48@20", "48@90 ".repeat(22)), &["48@90 48@20 48@20 48@20"]);
        check(&"300@300 ".repeat(25), &["300@300 300@300"]);
        check("48-50@300", &["48-50@300"]);
    }
}
