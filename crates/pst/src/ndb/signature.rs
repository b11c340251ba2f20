//! The signature that ties a page or block to the place it was written to ([MS-PST] 5.5).

use super::ids::{BlockId, ByteIndex};

/// `wSig` of a block or page with id `bid` that lies at `ib`.
pub fn signature(ib: ByteIndex, bid: BlockId) -> u16 {
    let mixed = (ib.0 ^ bid.0) as u32;
    (mixed >> 16) as u16 ^ mixed as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_both_halves() {
        let check = |ib, bid, want| assert_eq!(signature(ByteIndex(ib), BlockId(bid)), want);
        check(0, 0, 0);
        check(0x4400, 0x4400, 0);
        check(0x1_0000, 0, 1);
        check(0x1234_5678, 0x0000_0004, 0x1234 ^ 0x567C);
        check(0xFF_0000_0001, 0, 1);
    }
}
