//! One function for each door through which strangers' media come, with what must hold whatever they are.
//! The tests replay the corpus through them, and `fuzz/` feeds them what libFuzzer makes up.

use std::time::Duration;

use bytes::Bytes;
use media::{
    image::{Size, poster},
    index::{Index, Parts, Plan, plan},
    subtitle::{Hints, to_vtt},
};

/// The name of a door and what stands behind it.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// Every door.
pub(crate) const DOORS: [Door; 3] =
    [("film_index", film_index), ("subtitle", subtitle), ("picture", picture)];

/// Behind a film's bytes, so that what it says of later places leads somewhere.
const SILENCE: usize = 1 << 20;

/// A film's index: found in a bounded number of rounds, and every moment lies within the file.
pub(crate) fn film_index(bytes: &[u8]) {
    read_index(bytes);
    read_index(&[bytes, &vec![0; SILENCE]].concat());
}

fn read_index(film: &[u8]) {
    let mut parts = Parts::new(film.len() as u64);
    let mut rounds = 0;
    while let Plan::Need(ranges) = plan(&parts) {
        rounds += 1;
        assert!(rounds <= 24, "a film leads in circles");
        for range in ranges {
            let place = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let piece = place.and_then(|(start, end)| film.get(start..end));
            parts.insert(range.start, Bytes::copy_from_slice(piece.expect("it lies in the film")));
        }
    }
    let Ok(index) = Index::parse(&parts) else { return };
    assert!(index.key_frames.len() <= film.len());
    for second in [0, 1, 3600, u64::MAX] {
        let range = index.byte_range_for(Duration::from_secs(second));
        assert!(range.start < range.end && range.end <= film.len() as u64, "{range:?}");
    }
}

/// A subtitle file: what is accepted is WebVTT, and its text holds no arrow that would begin another cue.
pub(crate) fn subtitle(bytes: &[u8]) {
    let Ok(text) = to_vtt(bytes, &Hints::default()) else { return };
    assert!(text.starts_with("WEBVTT"));
    for cue in text.split("\n\n").skip(1) {
        let said = cue.split_once('\n').map_or("", |(_, said)| said);
        assert!(!said.contains("-->"), "{cue:?}");
    }
}

/// A picture: what is accepted was made anew in the size that was asked for.
pub(crate) fn picture(bytes: &[u8]) {
    let Ok(made) = poster(bytes, Size::POSTER_SMALL) else { return };
    assert_eq!(&made.webp[8..12], b"WEBP");
    assert!(made.width <= Size::POSTER_SMALL.width && made.height <= Size::POSTER_SMALL.height);
}
