//! Indexes of films as ffmpeg makes them, read from no more bytes than they need.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod films;

use std::{process::Command, time::Duration};

use films::{fetch_index, film, h264};
use media::{
    container::Container,
    index::{BadIndex, Index, TrackKind},
};

fn seconds(index: &Index) -> u64 {
    index.duration.unwrap().as_secs_f64().round() as u64
}

/// The second of each key frame, rounded.
fn key_seconds(index: &Index) -> Vec<u64> {
    index.key_frames.iter().map(|frame| frame.time.as_secs_f64().round() as u64).collect()
}

/// Every second's range begins with a key frame's bytes and ends where the next one's begin.
fn assert_ranges_follow_key_frames(index: &Index) {
    let mut last = 0;
    for second in 0..seconds(index) {
        let range = index.byte_range_for(Duration::from_millis(second * 1000 + 500));
        assert!(range.start >= last && range.start < range.end && range.end <= index.file_len);
        last = range.start;
    }
}

#[test]
fn mp4_with_its_index_in_front_needs_one_round() {
    let film = h264("front.mp4", 20, &["-movflags", "+faststart"]);
    let fetched = fetch_index(&film);
    let index = fetched.index.unwrap();
    assert_eq!((index.container, seconds(&index), fetched.rounds), (Container::Mp4, 20, 1));
    assert_eq!(key_seconds(&index), (0..20).collect::<Vec<_>>());
    let video = index.track(TrackKind::Video).unwrap();
    assert_eq!((video.codec.as_str(), video.dimensions), ("avc1.64001f", Some((320, 180))));
    let audio = index.track(TrackKind::Audio).unwrap();
    assert_eq!((audio.codec.as_str(), audio.channels), ("mp4a.40.2", Some(1)));
    assert_eq!((audio.language.as_deref(), audio.sample_rate), (Some("fr"), Some(44_100)));
    assert_eq!(index.mime(), "video/mp4; codecs=\"avc1.64001f, mp4a.40.2\"");
    assert_ranges_follow_key_frames(&index);
}

#[test]
fn mp4_with_its_index_at_the_end_needs_head_and_tail_alone() {
    let film = h264("end.mp4", 60, &["-b:v", "4M", "-minrate", "4M", "-bufsize", "1M"]);
    let fetched = fetch_index(&film);
    assert_eq!(fetched.rounds, 2);
    assert!(fetched.bytes < film.len() as u64 / 4, "{} of {}", fetched.bytes, film.len());
    let index = fetched.index.unwrap();
    assert_eq!(key_seconds(&index), (0..60).collect::<Vec<_>>());
    assert_ranges_follow_key_frames(&index);
    let rate = index.bit_rate().unwrap();
    assert_eq!(rate, film.len() as u64 * 8 / 60, "rate {rate}");
}

/// ffprobe's key frames: time and place of each packet that is one.
fn probed_key_frames(name: &str, film: &[u8]) -> Vec<(f64, u64)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, film).unwrap();
    let columns = "packet=pts_time,pos,flags";
    let probed = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v", "-show_entries", columns, "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    let packets = String::from_utf8(probed.stdout).unwrap();
    let keys = packets.lines().map(|line| line.split(',').collect::<Vec<_>>());
    keys.filter(|fields| fields[2].starts_with('K'))
        .map(|fields| (fields[0].parse().unwrap(), fields[1].parse().unwrap()))
        .collect()
}

#[test]
fn key_frames_lie_where_ffprobe_finds_them() {
    let film = h264("probe.mp4", 10, &["-an"]);
    let index = fetch_index(&film).index.unwrap();
    let probed = probed_key_frames("probe.mp4", &film);
    assert_eq!(index.key_frames.len(), probed.len());
    for (ours, (time, place)) in index.key_frames.iter().zip(probed) {
        assert_eq!(ours.offset, place);
        assert!((ours.time.as_secs_f64() - time).abs() < 0.2, "{ours:?} {time}");
    }
}

#[test]
fn sound_in_front_of_a_key_frame_is_fetched_with_it() {
    let film = h264("sound.mp4", 10, &[]);
    let index = fetch_index(&film).index.unwrap();
    for (ours, (_, place)) in index.key_frames.iter().zip(probed_key_frames("sound.mp4", &film)) {
        assert!(ours.offset <= place);
    }
}

#[test]
fn a_fragmented_film_is_indexed_by_its_segments() {
    let film = h264("fragments.mp4", 10, &["-an", "-movflags", "+dash+frag_keyframe+global_sidx"]);
    let index = fetch_index(&film).index.unwrap();
    assert_eq!(seconds(&index), 10);
    assert!(index.key_frames.len() >= 5, "{:?}", index.key_frames);
    for frame in &index.key_frames {
        assert_eq!(&film[frame.offset as usize + 4..frame.offset as usize + 8], b"moof");
    }
}

#[test]
fn matroska_finds_its_cues_at_the_end() {
    let film = h264("film.mkv", 60, &["-b:v", "4M", "-minrate", "4M", "-bufsize", "1M"]);
    let fetched = fetch_index(&film);
    assert!(fetched.bytes < film.len() as u64 / 4, "{} of {}", fetched.bytes, film.len());
    assert!(fetched.rounds <= 3, "{}", fetched.rounds);
    let index = fetched.index.unwrap();
    assert_eq!((index.container, seconds(&index)), (Container::Matroska, 60));
    assert_eq!(index.mime(), "video/x-matroska; codecs=\"avc1.64001f, mp4a.40.2\"");
    assert_eq!(index.track(TrackKind::Audio).unwrap().language.as_deref(), Some("fr"));
    assert!(index.key_frames.len() >= 50);
    for frame in &index.key_frames {
        let at = frame.offset as usize;
        assert_eq!(film[at..at + 4], [0x1F, 0x43, 0xB6, 0x75], "a cluster begins at {at}");
    }
    assert_ranges_follow_key_frames(&index);
}

#[test]
fn webm_names_vp9_and_opus() {
    let codecs = [
        "-c:v",
        "libvpx-vp9",
        "-deadline",
        "realtime",
        "-cpu-used",
        "8",
        "-g",
        "25",
        "-c:a",
        "libopus",
    ];
    let index = fetch_index(&film("film.webm", 3, &codecs)).index.unwrap();
    assert_eq!((index.container, seconds(&index)), (Container::WebM, 3));
    assert_eq!(index.mime(), "video/webm; codecs=\"vp9, opus\"");
    assert_eq!(key_seconds(&index), [0, 1, 2]);
}

#[test]
fn avi_reads_idx1() {
    let codecs = ["-c:v", "mpeg4", "-vtag", "XVID", "-g", "25", "-c:a", "libmp3lame"];
    let film = film("film.avi", 10, &codecs);
    let index = fetch_index(&film).index.unwrap();
    assert_eq!((index.container, seconds(&index)), (Container::Avi, 10));
    let codecs: Vec<_> = index.tracks.iter().map(|track| track.codec.as_str()).collect();
    assert_eq!(codecs, ["xvid", "mp3"]);
    assert_eq!(key_seconds(&index), (0..10).collect::<Vec<_>>());
    for frame in &index.key_frames {
        assert_eq!(&film[frame.offset as usize..frame.offset as usize + 4], b"00dc");
    }
}

#[test]
fn transport_streams_tell_their_length_by_head_and_tail() {
    let film = h264("film.ts", 30, &["-b:v", "4M", "-minrate", "4M", "-bufsize", "1M"]);
    let fetched = fetch_index(&film);
    let index = fetched.index.unwrap();
    assert_eq!((index.container, seconds(&index)), (Container::MpegTs, 30));
    assert_eq!(index.mime(), "video/mp2t; codecs=\"avc1, mp4a.40.2\"");
    let middle = index.byte_range_for(Duration::from_secs(15));
    assert!(middle.contains(&(film.len() as u64 / 2)), "{middle:?}");
}

#[test]
fn subtitles_and_two_sounds_are_listed_with_their_languages() {
    let folder = tempfile::tempdir().unwrap();
    let srt = folder.path().join("a.srt");
    std::fs::write(&srt, "1\n00:00:00,000 --> 00:00:01,000\nHola\n").unwrap();
    let input = srt.to_str().unwrap();
    let maps = ["-i", input, "-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "2:s"];
    let codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-c:s", "srt"];
    let tags = [
        "-metadata:s:a:0",
        "language=eng",
        "-metadata:s:a:1",
        "language=ger",
        "-metadata:s:s:0",
        "language=spa",
    ];
    let film = film("tracks.mkv", 2, &[&maps[..], &codecs[..], &tags[..]].concat());
    let index = fetch_index(&film).index.unwrap();
    let of = |kind| {
        let tracks = index.tracks.iter().filter(move |track| track.kind == kind);
        tracks.map(|track| track.language.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(of(TrackKind::Audio), ["en", "de"]);
    assert_eq!(of(TrackKind::Subtitle), ["es"]);
}

#[test]
fn files_without_an_index_say_so() {
    assert_eq!(fetch_index(b"#EXTM3U\nfile:///etc/passwd").index, Err(BadIndex::NoIndex));
    assert_eq!(fetch_index(b"").index, Err(BadIndex::NoIndex));
    assert_eq!(fetch_index(b"ID3\x04").index, Err(BadIndex::NoIndex));
}
