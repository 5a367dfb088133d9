//! What is in a torrent and how to find it: v1, v2 and hybrid (BEP 3, 12, 19, 47, 52), validated once.

mod entry;
mod error;
mod info;
mod layers;
mod layout;
pub mod limits;
mod v1;
mod v2;
mod version;

use std::str;

use bytes::Bytes;

use self::layers::PieceLayers;
pub use self::{
    error::BadMetainfo,
    info::{File, FileSlice, Info},
    layers::V2Expected,
    version::Version,
};
use crate::{
    Piece, Sha256Hash,
    bencode::{Document, Encoder, Kind, Mode, Value},
};

/// A torrent's description: what its infohash vouches for, and how to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// The validated info dictionary.
    pub info: Info,
    /// Trackers in tiers (BEP 12).
    pub trackers: Vec<Vec<String>>,
    /// Web seeds (BEP 19).
    pub web_seeds: Vec<String>,
    /// DHT nodes as host and port (BEP 5).
    pub nodes: Vec<(String, u16)>,
    /// A remark by its maker; a stranger's text.
    pub comment: Option<String>,
    /// The program that made it; a stranger's text.
    pub created_by: Option<String>,
    /// When it was made, in seconds since 1970; a stranger's word.
    pub creation_date: Option<i64>,
    layers: PieceLayers,
}

impl Metainfo {
    /// An info dictionary alone, as peers send it (BEP 9): no trackers, no piece layers yet.
    #[must_use]
    pub fn new(info: Info) -> Self {
        let layers = PieceLayers::none(&info);
        Self {
            info,
            trackers: vec![],
            web_seeds: vec![],
            nodes: vec![],
            comment: None,
            created_by: None,
            creation_date: None,
            layers,
        }
    }

    /// Reads and validates a metainfo file. Bytes after its end are ignored, as other programs do.
    ///
    /// # Errors
    /// What is wrong with it, and what is allowed.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadMetainfo> {
        let document = Document::parse(bytes, Mode::Lenient, &limits::BENCODE)?;
        let root = document.root();
        let info = entry::required(&root, "info", Kind::Dictionary)?;
        let mut metainfo = Self::new(Info::parse(Bytes::copy_from_slice(info.raw()))?);
        metainfo.layers.read(&metainfo.info, root.get(b"piece layers"))?;
        metainfo.trackers = trackers(&root);
        metainfo.web_seeds = web_seeds(&root);
        metainfo.nodes = nodes(&root);
        metainfo.comment = remark(&root, b"comment");
        metainfo.created_by = remark(&root, b"created by");
        metainfo.creation_date = root.get(b"creation date").and_then(|date| date.as_int());
        Ok(metainfo)
    }

    /// The metainfo file. The info dictionary is written as it was read, byte by byte.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Encoder::new();
        out.begin_dict();
        if let Some(first) = self.trackers.iter().flatten().next() {
            out.key("announce").bytes(first);
        }
        if self.trackers.iter().flatten().count() > 1 {
            write_tiers(out.key("announce-list"), &self.trackers);
        }
        if let Some(comment) = &self.comment {
            out.key("comment").bytes(comment);
        }
        if let Some(program) = &self.created_by {
            out.key("created by").bytes(program);
        }
        if let Some(date) = self.creation_date {
            out.key("creation date").int(date);
        }
        out.key("info").raw(self.info.raw());
        if !self.nodes.is_empty() {
            write_nodes(out.key("nodes"), &self.nodes);
        }
        if self.info.hashes().v2().is_some() {
            self.layers.write(&self.info, out.key("piece layers"));
        }
        if !self.web_seeds.is_empty() {
            write_texts(out.key("url-list"), &self.web_seeds);
        }
        out.end();
        out.finish()
    }

    /// The hashes of a file's pieces (BEP 52). `None` for v1, for a file of one piece (its root is the hash) and
    /// while peers have not given them.
    #[must_use]
    pub fn piece_layer(&self, file: usize) -> Option<&[Sha256Hash]> {
        self.layers.get(file)
    }

    /// Adds a file's piece layer, as peers give it, if it leads to the file's root.
    ///
    /// # Errors
    /// [`BadMetainfo::PieceLayer`] if it does not, or the file has none.
    pub fn add_piece_layer(
        &mut self,
        file: usize,
        layer: Vec<Sha256Hash>,
    ) -> Result<(), BadMetainfo> {
        self.layers.add(&self.info, file, layer)
    }

    /// The files whose piece layer is still missing.
    pub fn missing_piece_layers(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.info.files().len()).filter(|file| self.layers.is_missing(&self.info, *file))
    }

    /// What a piece must hash to in v2. `None` for v1 and while the file's piece layer is missing.
    #[must_use]
    pub fn expected_v2(&self, piece: Piece) -> Option<V2Expected> {
        self.layers.expected(&self.info, piece)
    }
}

fn trackers(root: &Value<'_>) -> Vec<Vec<String>> {
    let mut left = limits::TRACKERS;
    let tiers = root.get(b"announce-list").and_then(|tiers| tiers.as_list());
    let tiers: Vec<Vec<String>> = tiers
        .into_iter()
        .flatten()
        .filter_map(|tier| tier.as_list())
        .map(|tier| urls(tier, &mut left))
        .filter(|tier| !tier.is_empty())
        .collect();
    if tiers.is_empty() {
        urls(root.get(b"announce"), &mut left).into_iter().map(|url| vec![url]).collect()
    } else {
        tiers
    }
}

/// One URL or a list of them.
fn web_seeds(root: &Value<'_>) -> Vec<String> {
    let mut left = limits::WEB_SEEDS;
    match root.get(b"url-list") {
        Some(list) if list.kind() == Kind::List => {
            urls(list.as_list().into_iter().flatten(), &mut left)
        }
        one => urls(one, &mut left),
    }
}

/// The URLs among some values, as far as there is room for them.
fn urls<'d>(values: impl IntoIterator<Item = Value<'d>>, left: &mut usize) -> Vec<String> {
    let mut urls = Vec::new();
    for value in values {
        let url = value.as_str().map(str::trim).unwrap_or_default();
        if *left > 0 && !url.is_empty() && url.len() <= limits::URL_LEN {
            urls.push(url.to_owned());
            *left -= 1;
        }
    }
    urls
}

fn nodes(root: &Value<'_>) -> Vec<(String, u16)> {
    let list = root.get(b"nodes").and_then(|nodes| nodes.as_list());
    list.into_iter().flatten().filter_map(|node| node_of(&node)).take(limits::NODES).collect()
}

fn node_of(node: &Value<'_>) -> Option<(String, u16)> {
    let mut pair = node.as_list()?;
    let host = pair.next()?.as_str().filter(|host| host.len() <= 255)?;
    let port = u16::try_from(pair.next()?.as_int()?).ok()?;
    Some((host.to_owned(), port))
}

/// A remark, cut to its limit; bytes that are not UTF-8 are replaced.
fn remark(root: &Value<'_>, key: &[u8]) -> Option<String> {
    let bytes = root.get(key)?.as_bytes()?;
    Some(String::from_utf8_lossy(&bytes[..bytes.len().min(limits::REMARK_LEN)]).into_owned())
}

fn write_tiers(out: &mut Encoder, tiers: &[Vec<String>]) {
    out.begin_list();
    for tier in tiers {
        write_texts(out, tier);
    }
    out.end();
}

fn write_texts(out: &mut Encoder, texts: &[String]) {
    out.begin_list();
    for text in texts {
        out.bytes(text);
    }
    out.end();
}

fn write_nodes(out: &mut Encoder, nodes: &[(String, u16)]) {
    out.begin_list();
    for (host, port) in nodes {
        out.begin_list().bytes(host).int(i64::from(*port)).end();
    }
    out.end();
}
