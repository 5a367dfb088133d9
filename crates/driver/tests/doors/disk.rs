//! What the reader of resume records takes from the rest of its crate, which `fuzz/` does not build.

/// What tells that a file was not touched since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) len: u64,
    pub(crate) changed: u64,
}
