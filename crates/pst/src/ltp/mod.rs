//! Lists, tables and properties ([MS-PST] 2.3): heaps, their B-trees, property and table contexts.

mod bth;
mod heap;
mod places;
mod properties;
mod table;
mod value;

pub(crate) use heap::Hnid;
pub(crate) use places::RowPlaces;
pub(crate) use properties::{PropertyContext, PropertyRecord};
pub(crate) use table::{Row, Table};
pub use value::{FileTime, Value};
pub(crate) use value::{fixed_size, kinds};
