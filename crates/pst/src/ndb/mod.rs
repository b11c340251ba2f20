//! The node database layer ([MS-PST] 2.2): header, pages, the two B-trees, blocks and sub-nodes.

pub mod crc;
pub mod encode;
pub mod ids;
pub mod signature;
