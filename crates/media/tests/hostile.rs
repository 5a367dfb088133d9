//! Damaged and hostile files: an answer or a typed error, never a panic, never a walk without end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod films;

use std::{sync::LazyLock, time::Duration};

use films::{fetch_index, film, h264};
use media::{
    image::{Size, poster},
    subtitle::{Hints, to_vtt},
};
use proptest::prelude::*;

/// One film of each container whose index is read.
static FILMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let small = ["-b:v", "100k"];
    vec![
        h264("hostile.mp4", 2, &small),
        h264("hostile-front.mp4", 2, &["-movflags", "+faststart"]),
        h264("hostile-fragments.mp4", 2, &["-movflags", "+dash+global_sidx"]),
        h264("hostile.mkv", 2, &small),
        h264("hostile.ts", 2, &small),
        film("hostile.avi", 2, &["-c:v", "mpeg4", "-c:a", "libmp3lame"]),
    ]
});

/// Reads an index, and uses what was read.
fn read(file: &[u8]) {
    let fetched = fetch_index(file);
    assert!(fetched.rounds <= 24, "{} rounds", fetched.rounds);
    assert!(fetched.bytes <= file.len() as u64, "no byte is asked for twice");
    if let Ok(index) = fetched.index {
        for second in [0, 1, 1_000_000] {
            let range = index.byte_range_for(Duration::from_secs(second));
            assert!(range.start < range.end && range.end <= file.len() as u64, "{range:?}");
        }
        assert!(index.key_frames.len() <= file.len());
        assert!(index.mime().contains('/'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_film_with_changed_bytes_is_read_or_refused(
        which in 0..6_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        near_index in any::<bool>(),
    ) {
        let mut file = FILMS[which].clone();
        let len = file.len();
        for (place, byte) in changes {
            // Half of the runs aim at the last part, where late indexes lie, and the first.
            let at = if near_index { (place.index(8192) + len - 4096) % len } else { place.index(len) };
            file[at] = byte;
        }
        read(&file);
    }

    #[test]
    fn a_truncated_film_is_read_or_refused(which in 0..6_usize, cut in any::<prop::sample::Index>()) {
        let file = &FILMS[which];
        read(&file[..cut.index(file.len())]);
    }

    #[test]
    fn noise_behind_a_known_beginning_is_read_or_refused(
        start in prop::sample::select(vec![
            &b"\0\0\0\x10ftypisom\0\0\0\0"[..],
            b"\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"RIFF\xFF\xFF\xFF\xFFAVI LIST",
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        read(&[start, &noise].concat());
    }

    #[test]
    fn any_bytes_as_subtitles_are_text_or_refused(
        start in prop::sample::select(vec!["", "WEBVTT\n\n00:01.000 --> 00:02.000\n", "1\n00:00:01,000 --> 00:00:02,000\n", "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,", "{1}{2}"]),
        noise in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        if let Ok(vtt) = to_vtt(&[start.as_bytes(), &noise].concat(), &Hints::default()) {
            assert_only_known_tags(&vtt)?;
        }
    }

    #[test]
    fn marked_up_subtitles_keep_only_known_tags(
        text in "(<|>|/|&|;|i|b|u|\\{|\\}|\\\\|#|script|-->|\n|1| |é){0,80}",
    ) {
        let file = format!("1\n00:00:01,000 --> 00:00:02,000\n{text}\n");
        if let Ok(vtt) = to_vtt(file.as_bytes(), &Hints::default()) {
            assert_only_known_tags(&vtt)?;
        }
    }

    #[test]
    fn any_bytes_as_a_picture_are_refused(
        start in prop::sample::select(vec![&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1A\n", b"RIFF\0\0\0\0WEBPVP8 "]),
        noise in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        prop_assert!(poster(&[start, &noise].concat(), Size::POSTER).is_err());
    }
}

/// Every `<` in a WebVTT file of ours begins one of six tags, and they are nested.
fn assert_only_known_tags(vtt: &str) -> Result<(), TestCaseError> {
    for cue in vtt.split("\n\n").skip(1) {
        let text = cue.split_once('\n').map_or("", |(_, text)| text);
        let mut open = Vec::new();
        for (at, _) in text.match_indices('<') {
            let tag = &text[at + 1..at + text[at..].find('>').unwrap()];
            match tag.strip_prefix('/') {
                Some(name) => prop_assert_eq!(open.pop(), Some(name)),
                None => open.push(tag),
            }
            prop_assert!(["i", "b", "u", "/i", "/b", "/u"].contains(&tag), "{}", vtt);
        }
        prop_assert!(open.is_empty(), "{}", vtt);
        prop_assert!(!text.contains("-->"));
    }
    Ok(())
}

#[test]
fn tables_that_claim_more_than_they_hold_cost_only_what_they_hold() {
    let film = h264("claims.mp4", 2, &["-movflags", "+faststart"]);
    for table in [b"stsz", b"stts", b"stsc", b"stco", b"stss"] {
        let mut hostile = film.clone();
        let at = hostile.windows(4).position(|four| four == table).unwrap() + 4;
        // Version and flags stay; every count and run behind them becomes the largest number.
        hostile[at + 4..at + 20].fill(0xFF);
        read(&hostile);
    }
}
