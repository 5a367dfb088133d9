//! What a follower accepts, and what never: the publisher's key stolen, the network lying, the clock wrong.

use catalogue::channel::{
    Accepted, Freshness, Refused, Root, Rotation, Standing, head_salt, public,
};
use dht::{MutableItem, Value};
use proptest::prelude::*;

use crate::publisher::{
    DAY, NOW, channel, follower, head, head_saying, root, root_saying, signing,
};

#[test]
fn news_is_accepted_and_the_same_again_changes_nothing() {
    let mut standing = follower();
    assert_eq!(standing.offer_head(&head(2, 1, 0), NOW), Ok(Accepted::Newer));
    assert_eq!(standing.offer_head(&head(2, 1, 0), NOW), Ok(Accepted::Same));
    assert_eq!(standing.offer_root(&root(1, &[2]), NOW), Ok(Accepted::Same));
    assert_eq!(standing.offer_head(&head(2, 2, 1), NOW), Ok(Accepted::Newer));
    assert_eq!(standing.head().map(|head| head.version), Some(2));
}

#[test]
fn an_old_head_is_refused_and_so_is_an_old_version_under_a_new_signature() {
    let mut standing = follower();
    standing.offer_head(&head(2, 5, 50), NOW).unwrap();
    assert_eq!(standing.offer_head(&head(2, 4, 40), NOW), Err(Refused::Older));
    assert_eq!(standing.offer_head(&head(2, 4, 60), NOW), Err(Refused::Backwards));
    let mut other = head_saying(5, 70);
    other.manifest = [99; 32];
    let other = other.sign(&signing(2), &channel(), None).unwrap();
    assert_eq!(
        standing.offer_head(&other, NOW),
        Err(Refused::Backwards),
        "one version, one manifest"
    );
    assert_eq!(standing.offer_head(&head(2, 5, 80), NOW), Ok(Accepted::Newer), "signed again");
}

#[test]
fn an_old_root_is_refused() {
    let mut standing = follower();
    standing.offer_root(&root(3, &[2]), NOW).unwrap();
    assert_eq!(standing.offer_root(&root(2, &[2]), NOW), Err(Refused::Older));
    let later = Root { issued_ms: NOW + 99, ..root_saying(2, &[2]) }.sign(&signing(1), 0).unwrap();
    assert_eq!(standing.offer_root(&later, NOW), Err(Refused::Older));
    let early = Root { issued_ms: NOW - 9, ..root_saying(4, &[2]) }.sign(&signing(1), 0).unwrap();
    assert_eq!(standing.offer_root(&early, NOW), Err(Refused::Backwards));
}

#[test]
fn what_is_dated_more_than_a_day_ahead_is_refused() {
    let mut standing = follower();
    assert_eq!(standing.offer_head(&head(2, 1, DAY + 1), NOW), Err(Refused::Future));
    let bricked = head_saying(1, 0).sign(&signing(2), &channel(), Some(i64::MAX - 1)).unwrap();
    assert_eq!(standing.offer_head(&bricked, NOW), Err(Refused::Future));
    assert_eq!(standing.offer_head(&head(2, 1, DAY), NOW), Ok(Accepted::Newer));
    let root = Root { issued_ms: NOW + 2 * DAY, ..root_saying(2, &[2]) };
    let root = root.sign(&signing(1), 0).unwrap();
    assert_eq!(standing.offer_root(&root, NOW), Err(Refused::Future));
}

#[test]
fn items_of_other_keys_places_and_channels_are_refused() {
    let mut standing = Standing::new(channel());
    assert_eq!(standing.offer_head(&head(2, 1, 0), NOW), Err(Refused::NoRoot));
    let foreign = root_saying(1, &[2]).sign(&signing(9), 0).unwrap();
    assert_eq!(standing.offer_root(&foreign, NOW), Err(Refused::OtherKey));
    assert_eq!(standing.offer_root(&head(1, 1, 0), NOW), Err(Refused::OtherPlace));
    standing.offer_root(&root(1, &[2]), NOW).unwrap();
    let elsewhere = head_saying(1, 0).sign(&signing(2), &public(&signing(8)), None).unwrap();
    assert_eq!(standing.offer_head(&elsewhere, NOW), Err(Refused::OtherPlace));
    assert_eq!(standing.offer_head(&head(4, 1, 0), NOW), Err(Refused::NotDelegated));
    let text = Value::bytes(b"no dictionary").unwrap();
    let text = MutableItem::sign(&signing(2), &head_salt(&channel()), 1, text).unwrap();
    assert!(matches!(standing.offer_head(&text, NOW), Err(Refused::Bad(_))));
}

#[test]
fn a_head_that_knows_a_newer_root_waits_for_it() {
    let mut standing = follower();
    let mut says = head_saying(1, 0);
    says.root_version = 2;
    let item = says.sign(&signing(4), &channel(), None).unwrap();
    assert_eq!(standing.offer_head(&item, NOW), Err(Refused::RootNeeded));
    standing.offer_root(&root(2, &[4]), NOW).unwrap();
    assert_eq!(standing.offer_head(&item, NOW), Ok(Accepted::Newer));
}

#[test]
fn a_stolen_online_key_loses_its_say_and_its_floor_with_the_next_root() {
    let mut standing = follower();
    standing.offer_head(&head(2, 7, 0), NOW).unwrap();
    standing.offer_head(&head(2, 1_000_000, 1), NOW).unwrap();
    standing.offer_root(&root(2, &[4]), NOW).unwrap();
    assert_eq!(standing.head_item(), None, "what a removed key signed is not passed on");
    assert_eq!(standing.offer_head(&head(2, 1_000_001, 2), NOW), Err(Refused::NotDelegated));
    assert_eq!(standing.offer_head(&head(4, 8, 3), NOW), Ok(Accepted::Newer));
    assert_eq!(standing.head().map(|head| head.version), Some(8));
}

#[test]
fn the_floors_of_all_keys_that_may_sign_count_for_each_of_them() {
    let mut standing = Standing::new(channel());
    standing.offer_root(&root(1, &[2, 4]), NOW).unwrap();
    standing.offer_head(&head(2, 7, 0), NOW).unwrap();
    assert_eq!(standing.offer_head(&head(4, 6, 1), NOW), Err(Refused::Backwards));
    assert_eq!(standing.offer_head(&head(4, 8, 1), NOW), Ok(Accepted::Newer));
    assert_eq!(standing.offer_head(&head(2, 7, 2), NOW), Err(Refused::Backwards));
}

#[test]
fn two_heads_for_one_place_are_kept_as_a_proof_and_updates_stand_still() {
    let mut standing = follower();
    standing.offer_head(&head(2, 1, 0), NOW).unwrap();
    let mut other = head_saying(1, 0);
    other.manifest = [77; 32];
    let other = other.sign(&signing(2), &channel(), None).unwrap();
    assert_eq!(standing.offer_head(&other, NOW), Err(Refused::Contradiction));
    let proof = standing.contradiction().unwrap();
    assert_eq!(proof.items(), [&head(2, 1, 0), &other]);
    assert_eq!(standing.offer_head(&head(2, 2, 1), NOW), Err(Refused::Halted));
    standing.offer_root(&root(2, &[2]), NOW).unwrap();
    assert_eq!(standing.contradiction(), None, "a new root says which key is to be believed");
    assert_eq!(standing.offer_head(&head(2, 2, 1), NOW), Ok(Accepted::Newer));
}

#[test]
fn whoever_goes_on_in_spite_of_two_heads_keeps_the_floors_and_is_not_halted_by_the_same_again() {
    let mut standing = follower();
    standing.offer_head(&head(2, 5, 0), NOW).unwrap();
    let another = |manifest: u8| {
        let mut says = head_saying(5, 0);
        says.manifest = [manifest; 32];
        says.sign(&signing(2), &channel(), None).unwrap()
    };
    let halted = {
        standing.offer_head(&another(77), NOW).unwrap_err();
        standing.clone()
    };
    standing.forgive();
    assert_eq!(standing.contradiction(), None);
    let mut standing = Standing::read(&standing.to_bytes()).unwrap();
    // Followers who stand still tell of it on and on; whoever has the key can sign more for the same place.
    standing.merge(&halted);
    standing.offer_head(&another(78), NOW).unwrap_err();
    assert_eq!(standing.contradiction(), None);
    assert_eq!(standing.head(), halted.head());
    assert_eq!(standing.offer_head(&head(2, 4, 1), NOW), Err(Refused::Backwards));
    assert_eq!(standing.offer_head(&head(2, 6, 1), NOW), Ok(Accepted::Newer));
    let mut says = head_saying(6, 1);
    says.manifest = [79; 32];
    let next = says.sign(&signing(2), &channel(), None).unwrap();
    assert_eq!(standing.offer_head(&next, NOW), Err(Refused::Contradiction));
    assert!(standing.contradiction().is_some(), "another one is another one");
}

#[test]
fn two_roots_of_one_version_are_a_contradiction_too() {
    let mut standing = follower();
    assert_eq!(standing.offer_root(&root(1, &[4]), NOW), Err(Refused::Contradiction));
    assert!(standing.contradiction().is_some());
    assert_eq!(standing.offer_head(&head(2, 1, 0), NOW), Err(Refused::Halted));
}

#[test]
fn whoever_steals_the_root_key_cannot_choose_what_follows_it() {
    let mut standing = follower();
    let thief = signing(66);
    let stolen =
        Root { next: catalogue::channel::next_root(&public(&thief)), ..root_saying(2, &[2]) };
    let stolen = stolen.sign(&signing(1), 0).unwrap();
    assert_eq!(standing.offer_root(&stolen, NOW), Err(Refused::OtherSuccessor));
    let by_thief = Rotation::sign(&signing(1), &thief, 1, NOW);
    assert_eq!(standing.offer_rotation(&by_thief), Err(Refused::NotPromised));
    let by_owner = Rotation::sign(&signing(1), &signing(3), 1, NOW);
    assert_eq!(standing.offer_rotation(&by_owner), Ok(Accepted::Newer));
    assert_eq!(standing.offer_rotation(&by_owner), Ok(Accepted::Same));
    assert_eq!(standing.offer_root(&root(9, &[2]), NOW), Err(Refused::HandedOver));
    assert_eq!(standing.offer_head(&head(2, 9, 9), NOW), Err(Refused::HandedOver));
    assert_eq!(standing.rotation().map(Rotation::new_key), Some(&public(&signing(3))));
}

#[test]
fn a_handing_over_needs_both_signatures_and_a_promise_that_was_seen() {
    let rotation = Rotation::sign(&signing(1), &signing(3), 1, NOW);
    assert_eq!(Standing::new(channel()).offer_rotation(&rotation), Err(Refused::NotPromised));
    let bytes = rotation.to_bytes();
    assert_eq!(Rotation::read(&bytes), Ok(rotation));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Rotation::read(&changed).is_err(), "byte {at}");
    }
}

#[test]
fn a_root_that_cannot_be_raised_any_more_goes_on_in_the_next_slot() {
    let mut standing = follower();
    let top = Root { issued_ms: NOW + DAY, ..root_saying(2, &[2]) }.sign(&signing(1), 0).unwrap();
    standing.offer_root(&top, NOW).unwrap();
    let next = root_saying(3, &[4]).sign(&signing(1), 1).unwrap();
    assert_eq!(standing.offer_root(&next, NOW), Ok(Accepted::Newer));
    assert_eq!(standing.slot(), 1);
    assert_eq!(
        standing.offer_root(&root(4, &[2]), NOW),
        Err(Refused::Older),
        "the lower slot is over"
    );
}

#[test]
fn silence_is_told_and_takes_nothing_away() {
    let mut standing = follower();
    standing.offer_head(&head(2, 1, 0), NOW).unwrap();
    assert_eq!(standing.freshness(NOW + 30 * DAY), Freshness::Fresh);
    assert_eq!(standing.freshness(NOW + 30 * DAY + 1), Freshness::SilentSince(NOW));
    assert_eq!(standing.head().map(|head| head.version), Some(1));
    let mut late = follower();
    assert_eq!(late.offer_head(&head(2, 1, 0), NOW + 900 * DAY), Ok(Accepted::Newer));
}

#[test]
fn what_is_known_outlives_the_program_and_damage_is_noticed() {
    let mut standing = follower();
    standing.offer_head(&head(2, 1, 0), NOW).unwrap();
    let mut other = head_saying(1, 0);
    other.manifest = [77; 32];
    standing.offer_head(&other.sign(&signing(2), &channel(), None).unwrap(), NOW).unwrap_err();
    standing.offer_rotation(&Rotation::sign(&signing(1), &signing(3), 1, NOW)).unwrap();
    let bytes = standing.to_bytes();
    assert_eq!(Standing::read(&bytes), Ok(standing));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Standing::read(&changed).is_err(), "byte {at}");
        assert!(Standing::read(&bytes[..at]).is_err(), "cut at {at}");
    }
}

/// Something that somebody offers.
#[derive(Debug, Clone)]
enum Offer {
    Root { version: u64, online: Vec<u8>, slot: u8, ahead: u64 },
    Head { key: u8, version: u64, after: u64, manifest: u8, root: u64 },
}

fn offers() -> impl Strategy<Value = Offer> {
    let root = (0..4_u64, prop::collection::vec(2..5_u8, 1..3), 0..2_u8, 0..200_u64)
        .prop_map(|(version, online, slot, ahead)| Offer::Root { version, online, slot, ahead });
    let head = (2..5_u8, 0..6_u64, 0..50_u64, 0..3_u8, 0..4_u64).prop_map(
        |(key, version, after, manifest, root)| Offer::Head { key, version, after, manifest, root },
    );
    prop_oneof![1 => root, 3 => head]
}

fn offer(standing: &mut Standing, offer: &Offer) -> Result<Accepted, Refused> {
    match offer {
        Offer::Root { version, online, slot, ahead } => {
            let root = Root { issued_ms: NOW + ahead, ..root_saying(*version, online) };
            standing.offer_root(&root.sign(&signing(1), *slot).unwrap(), NOW)
        }
        Offer::Head { key, version, after, manifest, root } => {
            let mut says = head_saying(*version, *after);
            says.manifest = [*manifest; 32];
            says.root_version = *root;
            standing.offer_head(&says.sign(&signing(*key), &channel(), None).unwrap(), NOW)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Ten thousands of offers in any order: no root and no head ever makes way for an older one.
    #[test]
    fn nothing_that_was_accepted_ever_makes_way_for_something_older(
        offers in prop::collection::vec(offers(), 1..20)
    ) {
        let mut standing = Standing::new(channel());
        for one in offers {
            let before = standing.clone();
            let outcome = offer(&mut standing, &one);
            if outcome != Ok(Accepted::Newer) {
                prop_assert_eq!(before.root(), standing.root());
                prop_assert_eq!(before.head(), standing.head());
            }
            if let (Some(old), Some(new)) = (before.root(), standing.root()) {
                prop_assert!(old == new || new.version > old.version);
            }
            if let (Some(old), Some(new)) = (before.head_item(), standing.head_item()) {
                let (says, said) = (standing.head().unwrap(), before.head().unwrap());
                prop_assert!(says.version >= said.version);
                prop_assert!(says.version > said.version || says.manifest == said.manifest);
                prop_assert!(old.key() != new.key() || new.seq() >= old.seq());
                prop_assert!(standing.root().unwrap().online.iter().any(|key| key.0 == *new.key()));
            }
            let restored = Standing::read(&standing.to_bytes());
            prop_assert_eq!(restored.as_ref(), Ok(&standing));
        }
    }
}
