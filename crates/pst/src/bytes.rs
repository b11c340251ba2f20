//! Little-endian integers at explicit offsets of borrowed bytes. `None` when the bytes end before.

use std::ops::Deref;
use std::sync::Arc;

pub(crate) fn u8_at(data: &[u8], at: usize) -> Option<u8> {
    data.get(at).copied()
}

fn array_at<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}

pub(crate) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    array_at(data, at).map(u16::from_le_bytes)
}

pub(crate) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    array_at(data, at).map(u32::from_le_bytes)
}

pub(crate) fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    array_at(data, at).map(u64::from_le_bytes)
}

/// Bytes that are shared with the cache they came from: cheap to clone, cheap to narrow.
#[derive(Clone, Debug)]
pub(crate) struct Bytes {
    data: Arc<Vec<u8>>,
    start: usize,
    end: usize,
}

impl Bytes {
    /// The part `start..end` of these bytes, or `None` when it is not within them.
    pub(crate) fn slice(&self, start: usize, end: usize) -> Option<Self> {
        if start > end || end > self.end - self.start {
            return None;
        }
        Some(Self { data: Arc::clone(&self.data), start: self.start + start, end: self.start + end })
    }

    /// No bytes.
    pub(crate) fn empty() -> Self {
        Vec::new().into()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(data: Vec<u8>) -> Self {
        Self { start: 0, end: data.len(), data: Arc::new(data) }
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.data.get(self.start..self.end).unwrap_or_default()
    }
}
