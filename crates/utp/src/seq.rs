//! Sequence numbers of sixteen bits, which wrap, and the long ones that we count with.

/// A packet's number as it is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seq(pub(crate) u16);

impl Seq {
    pub(crate) fn plus(self, count: u16) -> Self {
        Self(self.0.wrapping_add(count))
    }

    pub(crate) fn minus(self, count: u16) -> Self {
        Self(self.0.wrapping_sub(count))
    }

    /// How far this is behind `earlier`, negative if it is before it. Right for numbers that are less than
    /// 32,768 apart, which is why fewer packets than that may be under way.
    pub(crate) fn after(self, earlier: Self) -> i32 {
        i32::from(self.0.wrapping_sub(earlier.0).cast_signed())
    }
}

/// A row of packets: counted from 0 by us, from any number on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    first: Seq,
}

impl Row {
    /// A row whose packet 0 has this number on the wire.
    pub(crate) fn starting_at(first: Seq) -> Self {
        Self { first }
    }

    /// The number on the wire of packet `index`.
    pub(crate) fn seq(self, index: u64) -> Seq {
        // What wraps is the point: the wire has the low sixteen bits.
        self.first.plus((index & 0xffff) as u16)
    }

    /// The packet that `seq` means, if it is close to packet `near`; `None` if that would be before the row.
    pub(crate) fn index(self, seq: Seq, near: u64) -> Option<u64> {
        near.checked_add_signed(i64::from(seq.after(self.seq(near))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_cross_the_end_of_the_numbers() {
        assert_eq!(Seq(2).after(Seq(65_534)), 4);
        assert_eq!(Seq(65_534).after(Seq(2)), -4);
        assert_eq!((Seq(65_535).plus(1), Seq(0).minus(1)), (Seq(0), Seq(65_535)));
    }

    #[test]
    fn a_row_knows_its_packets_by_either_number() {
        for first in [0, 1, 40_000, 65_535] {
            let row = Row::starting_at(Seq(first));
            for index in [0, 1, 20_000, 65_535, 65_536, 1_000_000] {
                for away in [0, 1, 500, 30_000] {
                    assert_eq!(row.index(row.seq(index), index + away), Some(index));
                    assert_eq!(row.index(row.seq(index + away), index), Some(index + away));
                }
            }
            assert_eq!(row.index(Seq(first).minus(1), 0), None);
        }
    }
}
