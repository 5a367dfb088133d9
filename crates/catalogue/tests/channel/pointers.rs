//! The test vectors of root and head items, byte for byte.

use catalogue::channel::{Head, Key, Root, head_salt, next_root, public, root_salt};
use dht::{Item, MutableItem, Value};
use torrent::{InfoHashes, Sha1Hash, Sha256Hash, hash::sha256};

use crate::publisher::signing;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn root() -> Root {
    Root {
        version: 1,
        document: sha256(b"rootdoc").0,
        next: next_root(&public(&signing(3))),
        online: vec![public(&signing(2))],
        issued_ms: 1_790_000_000_000,
        expires_ms: 1_821_536_000_000,
        unlisted: false,
    }
}

fn head() -> Head {
    Head {
        torrent: InfoHashes::Hybrid(Sha1Hash([0x11; 20]), Sha256Hash([0x22; 32])),
        manifest: [0x33; 32],
        version: 7,
        root_version: 1,
        issued_ms: 1_790_000_100_000,
        expires_ms: 1_792_592_100_000,
    }
}

#[test]
fn the_vector_of_the_keys() {
    let (r, o) = (public(&signing(1)), public(&signing(2)));
    assert_eq!(hex(&r.0), "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
    assert_eq!(r.to_string(), "tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy");
    assert_eq!(hex(&o.0), "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394");
    let next = next_root(&public(&signing(3)));
    assert_eq!(hex(&next), "f6a264b0b958b47ac20a212a4685b56e81b0a1919401331b6d1f2b20e8d8739a");
}

#[test]
fn the_vector_of_the_root_item() {
    let item = root().sign(&signing(1), 0).unwrap();
    assert_eq!(hex(&root_salt(0)), "7672310000");
    assert_eq!(item.seq(), 1_790_000_000_000);
    assert_eq!(item.value().raw().len(), 166);
    assert_eq!(
        hex(item.signature()),
        "c74751e35e1c1c93a18f9bbdb24708e5111f161ca3dd46cddd4f770d7d00ba71\
         245f599710deeabcf80c834f5d488a3c3d0af2ca0760d899828f2c9e6d7aca01"
    );
    assert_eq!(Root::read(&item), Ok(root()));
    let target = Item::Mutable(item).target();
    assert_eq!(target.to_string(), "6b1254eb9d62d94d0cfd83205b32ce606cecb05b");
}

#[test]
fn the_vector_of_the_head_item() {
    let channel = public(&signing(1));
    let item = head().sign(&signing(2), &channel, None).unwrap();
    assert_eq!(hex(&head_salt(&channel)), "7668310034750f98bd59fcfc946da45aaabe933b");
    assert_eq!(item.value().raw().len(), 160);
    assert_eq!(
        hex(item.signature()),
        "2946a9817b5c684d219810b9e550dd7c7e08a65915613310821457553396ddd2\
         656f4a35416434de030e0bb8507614e17e2bc30eff0eb03b8109459980cd2b02"
    );
    assert_eq!(Head::read(&item), Ok(head()));
    let target = Item::Mutable(item).target();
    assert_eq!(target.to_string(), "bb8134131ef2b27e63a8a1c420103d795ab79b0f");
}

#[test]
fn a_head_is_signed_after_the_last_one_even_if_the_clock_went_back() {
    let channel = public(&signing(1));
    let item = head().sign(&signing(2), &channel, Some(1_800_000_000_000)).unwrap();
    assert_eq!(item.seq(), 1_800_000_000_001);
}

/// What some dictionary says as a head.
fn says(value: &[u8]) -> Result<Head, catalogue::channel::BadPointer> {
    let salt = head_salt(&public(&signing(1)));
    let value = Value::bencoded(value).unwrap();
    Head::read(&MutableItem::sign(&signing(2), &salt, 1, value).unwrap())
}

#[test]
fn any_client_for_mutable_torrents_could_have_written_the_torrents_name() {
    let short = |more: &str| {
        format!(
            "d{more}2:ih20:{}1:m32:{}1:ni7e1:ri1e1:ti5e1:xi6e1:zi1ee",
            "h".repeat(20),
            "m".repeat(32)
        )
    };
    let v1 = says(short("").as_bytes()).unwrap();
    assert_eq!(v1.torrent, InfoHashes::V1(Sha1Hash([b'h'; 20])));
    let v2 = says(short(&format!("2:i232:{}", "h".repeat(32))).as_bytes()).unwrap();
    assert_eq!(v2.torrent, InfoHashes::V2(Sha256Hash([b'h'; 32])));
}

#[test]
fn items_that_say_something_else_are_refused_by_the_field_that_is_wrong() {
    for (value, why) in [
        ("i1e", "it is not a dictionary"),
        ("de", "its field `z` is missing or wrong"),
        ("d1:zi2ee", "it is of format 2, this program reads format 1; update Kinora"),
        ("d1:zi1ee", "its field `ih` is missing or wrong"),
        ("d2:ih3:abc1:zi1ee", "its field `ih` is missing or wrong"),
        ("d2:i21:x2:ih20:aaaaaaaaaaaaaaaaaaaa1:zi1ee", "its field `i2` is missing or wrong"),
        ("d2:ih20:aaaaaaaaaaaaaaaaaaaa1:m1:x1:zi1ee", "its field `m` is missing or wrong"),
    ] {
        assert_eq!(says(value.as_bytes()).unwrap_err().to_string(), why, "{value}");
    }
    let negative = format!("d2:ih20:{}1:m32:{}1:ni-1e1:zi1ee", "h".repeat(20), "m".repeat(32));
    assert_eq!(
        says(negative.as_bytes()).unwrap_err().to_string(),
        "its field `n` is missing or wrong"
    );
}

#[test]
fn a_root_names_one_to_four_online_keys() {
    let with = |keys: usize| {
        let online = vec![Key([9; 32]); keys];
        Root::read(&Root { online, ..root() }.sign(&signing(1), 0).unwrap())
    };
    assert!(with(0).is_err() && with(5).is_err());
    assert!(with(1).is_ok() && with(4).is_ok());
}
