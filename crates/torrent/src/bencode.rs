//! Bencoding (BEP 3): reading without recursion or copies, and writing.
//!
//! A [`Document`] is the text plus one flat list of tokens, so the nesting of a stranger's input costs
//! neither stack nor pointers, and every [`Value`] knows the exact bytes it was read from: that is what
//! infohashes and signatures are made of.
//!
//! [`Mode::Strict`] accepts the one canonical form only: use it for whatever is signed and for short
//! messages between programs. [`Mode::Lenient`] also accepts what old torrent files hold: unsorted and
//! repeated keys, superfluous zeros and bytes after the end.

mod encoder;
mod tokenizer;
mod value;

pub use self::{
    encoder::Encoder,
    tokenizer::{BadBencode, Flaw, Limits, Mode},
    value::{DictIter, Document, Kind, ListIter, Value},
};
