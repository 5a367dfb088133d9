//! Films that ffmpeg converts before they are published: by command, and what the files are that go out.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    films::{SAID, with_channel},
    network::{World, stop},
};

/// A quiet film of four seconds whose key frames are far apart, with a chapter list, a subtitle inside and one beside.
fn master(folder: &Path) -> bool {
    let chapters = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=2\ntitle=Harbour & <sea>\n\
                    [CHAPTER]\nTIMEBASE=1/1\nSTART=2\nEND=4\ntitle=Home\n";
    fs::write(folder.join("chapters.txt"), chapters).unwrap();
    let inside = "1\n00:00:01,000 --> 00:00:02,000\nGuten Tag\n";
    fs::write(folder.join("inside.srt"), inside).unwrap();
    let beside = "1\n00:00:01,000 --> 00:00:02,000\nBonjour\n";
    fs::write(folder.join("ferry.fr.srt"), beside).unwrap();
    ffmpeg(
        folder,
        &[
            &["-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=4"][..],
            &["-f", "lavfi", "-i", "sine=f=440:d=4"],
            &["-i", "inside.srt", "-i", "chapters.txt", "-map", "0", "-map", "1", "-map", "2"],
            &["-map_chapters", "3", "-af", "volume=0.05", "-c:v", "libx264", "-g", "1000"],
            &["-c:a", "flac", "-c:s", "srt", "-metadata:s:s:0", "language=ger"],
            &["-metadata", "location=+47.4+8.5/", "-metadata:s:a:0", "language=ger", "ferry.mkv"],
        ],
    )
}

pub(crate) fn ffmpeg(folder: &Path, arguments: &[&[&str]]) -> bool {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).current_dir(folder);
    command.args(arguments.concat()).status().is_ok_and(|made| made.success())
}

fn ffprobe(file: &Path, asked: &[&str]) -> Value {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-of", "json"]).args(asked).arg(file);
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

/// The folders of what goes out, of the one film that a household has.
fn files(home: &Path) -> PathBuf {
    let masters = fs::read_dir(home.join("data/masters")).unwrap();
    let masters: Vec<_> = masters.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(masters.len(), 1);
    masters[0].join("files")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Seconds at which a player can start.
fn key_frames(file: &Path) -> Vec<f64> {
    let asked = ["-select_streams", "v", "-skip_frame", "nokey", "-show_entries", "frame=pts_time"];
    let found = ffprobe(file, &asked);
    let times = found["frames"].as_array().unwrap().iter();
    times.map(|frame| frame["pts_time"].as_str().unwrap().parse().unwrap()).collect()
}

fn loudness(file: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "info", "-i"])
        .arg(file)
        .args(["-af", "loudnorm=print_format=json", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let measured: Value = serde_json::from_str(&said[said.rfind('{').unwrap()..]).unwrap();
    measured["input_i"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_converted_film_goes_out_in_its_qualities_with_everything_beside_it() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !master(&publisher.home) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let add = ["channel", "add", "ferry.mkv", "--until-input-ends"];
    let chosen = ["--quality", "180p", "--quality", "144p"];
    let mut adding = publisher.start(&[&add[..], &chosen, &SAID].concat());
    let added = adding.next();
    assert_eq!((&added["event"], &added["titles"]), (&json!("added"), &json!(1)), "{added}");
    let published = adding.next();

    let files = files(&publisher.home);
    assert_eq!(names(&files), ["film-144p", "film-180p"], "the film as it came is let go");
    for (name, height) in [("film-180p", 180), ("film-144p", 144)] {
        let folder = files.join(name);
        let beside = [
            "backdrop.webp",
            "chapters.vtt",
            "film.mp4",
            "poster.webp",
            "previews-1.jpg",
            "previews.vtt",
            "subs",
        ];
        assert_eq!(names(&folder), beside);
        assert_eq!(names(&folder.join("subs")), ["de.vtt", "fr.vtt"]);
        look_at(&folder.join("film.mp4"), height);
    }
    let folder = files.join("film-144p");
    let german = fs::read_to_string(folder.join("subs/de.vtt")).unwrap();
    assert!(german.starts_with("WEBVTT") && german.contains("Guten Tag"), "{german}");
    let chapters = fs::read_to_string(folder.join("chapters.vtt")).unwrap();
    assert!(chapters.contains("00:00:02.000 --> 00:00:04.000\nHome"), "{chapters}");
    let previews = fs::read_to_string(folder.join("previews.vtt")).unwrap();
    assert!(previews.contains("previews-1.jpg#xywh=160,0,160,90"), "{previews}");

    let follower = world.household("follower");
    let smaller = &added["releases"][1];
    assert_eq!(smaller["quality"], "144p", "{added}");
    let magnet = format!("magnet:?xt=urn:btih:{}", smaller["infohash"].as_str().unwrap());
    let peer = published["listen"][0].as_str().unwrap();
    let download = ["download", &magnet, "--to", "out", "--no-dht", "--listen", "127.0.0.1:0"];
    let (lines, code) = follower.run(&[&download[..], &["--peer", peer]].concat());
    assert_eq!(code, Some(0), "{lines:?}");
    assert!(follower.home.join("out/film-144p/film.mp4").is_file());
    assert_eq!(adding.close_input(), Some(0));

    publisher.one(&["channel", "export", "--to", "out.json"]);
    let exported = fs::read(publisher.home.join("out.json")).unwrap();
    let exported: Value = serde_json::from_slice(&exported).unwrap();
    let releases = exported["titles"][0]["releases"].as_array().unwrap();
    let said: Vec<_> = releases.iter().map(|one| one["quality"].as_str().unwrap()).collect();
    assert_eq!(said, ["180p", "144p"]);
    for release in releases {
        assert_eq!(release["subtitles"].as_array().unwrap().len(), 2);
        assert!(release["torrent"]["v1"].is_string() && release["torrent"]["v2"].is_string());
    }
}

/// H.264 and AAC in MP4, the index in front, a key frame at least every two seconds, as loud as R 128 says.
fn look_at(film: &Path, height: u64) {
    let found = ffprobe(film, &["-show_streams", "-show_format", "-show_chapters"]);
    let of = |kind: &str| {
        let streams = found["streams"].as_array().unwrap();
        streams.iter().find(|stream| stream["codec_type"] == kind).unwrap().clone()
    };
    let (video, audio) = (of("video"), of("audio"));
    assert_eq!((&video["codec_name"], &video["height"]), (&json!("h264"), &json!(height)));
    assert_eq!((&audio["codec_name"], &audio["tags"]["language"]), (&json!("aac"), &json!("ger")));
    assert_eq!(found["chapters"].as_array().unwrap().len(), 2);
    assert_eq!(found["format"]["tags"]["location"], Value::Null, "where it was filmed is private");
    let starts = key_frames(film);
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] <= 2.0 + 0.1), "{starts:?}");
    let bytes = fs::read(film).unwrap();
    let place = |word: &[u8]| bytes.windows(4).position(|four| four == word).unwrap();
    assert!(place(b"moov") < place(b"mdat"), "the index is in front");
    let loud = loudness(film);
    assert!((loud + 23.0).abs() <= 1.0, "{loud} LUFS");
}

#[test]
fn a_film_that_fits_is_copied_and_one_that_is_not_asked_for_is_refused() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    let fits = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=10:d=3", "-c:v", "libx264", "-pix_fmt"];
    if !ffmpeg(&publisher.home, &[&fits, &["yuv420p", "-g", "10", "fits.mp4"]]) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let failed = |file: &str, more: &[&str], code: i32, word: &str| {
        let arguments = [&["channel", "add", file][..], more, &SAID].concat();
        let (lines, ended) = publisher.run(&arguments);
        let line = lines.last().unwrap();
        assert_eq!((ended, line["code"].as_str()), (Some(code), Some(word)), "{line}");
        assert!(line["hint"].as_str().unwrap().len() > 10, "{line}");
        line["message"].as_str().unwrap().to_owned()
    };
    let message = failed("fits.mp4", &["--quality", "1080p"], 2, "quality_unknown");
    assert!(message.contains("1080p is none of 90p"), "{message}");

    // Half of it is gone, which ffmpeg does not mind.
    let whole = fs::read(publisher.home.join("fits.mp4")).unwrap();
    assert!(ffmpeg(
        &publisher.home,
        &[&["-i", "fits.mp4", "-c", "copy", "-movflags", "+faststart", "half.mp4"]]
    ));
    let front = fs::read(publisher.home.join("half.mp4")).unwrap();
    fs::write(publisher.home.join("half.mp4"), &front[..front.len() / 2]).unwrap();
    let message = failed("half.mp4", &["--convert"], 2, "master_damaged");
    assert!(message.contains("breaks off"), "{message}");

    // A list that names another file of this machine.
    fs::write(
        publisher.home.join("list.mp4"),
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfits.mp4\n#EXT-X-ENDLIST\n",
    )
    .unwrap();
    failed("list.mp4", &["--convert"], 2, "master_bad");

    let old = ["-i", "fits.mp4", "-c:v", "mpeg4", "old.avi"];
    assert!(ffmpeg(&publisher.home, &[&old]));
    failed("old.avi", &[], 2, "master_unconverted");
    assert_eq!(names(&publisher.home.join("data/masters")), Vec::<String>::new());

    for file in ["fits.mp4", "old.avi"] {
        let once = ["--once", "--no-dht", "--listen", "127.0.0.1:0"];
        let (lines, code) =
            publisher.run(&[&["channel", "add", file, "--convert"][..], &once, &SAID].concat());
        assert_eq!(code, Some(0), "{lines:?}");
    }
    let masters = publisher.home.join("data/masters");
    let made =
        names(&masters).into_iter().map(|id| masters.join(id).join("files/film-90p/film.mp4"));
    let is_copied = |made: PathBuf| {
        let packets =
            |file: &Path| ffprobe(file, &["-show_entries", "packet=size", "-select_streams", "v"]);
        packets(&made) == packets(&publisher.home.join("fits.mp4"))
    };
    let copied: Vec<_> = made.map(is_copied).collect();
    assert_eq!(copied.iter().filter(|copied| **copied).count(), 1, "only what fits is copied");
    assert_eq!(whole, fs::read(publisher.home.join("fits.mp4")).unwrap(), "the film itself stays");
}

#[test]
fn without_ffmpeg_a_film_goes_out_as_it_is_and_a_conversion_says_what_to_install() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !master(&publisher.home) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let empty = publisher.home.join("nothing");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let add = ["channel", "add", "ferry.mkv", "--once", "--no-dht", "--listen", "127.0.0.1:0"];
    let arguments = [&add[..], &["--convert"], &SAID].concat();
    let (lines, code) = publisher.run_with(&[("PATH", empty)], &arguments);
    assert_eq!((code, lines[0]["code"].as_str()), (Some(3), Some("ffmpeg_missing")), "{lines:?}");
    assert!(lines[0]["hint"].as_str().unwrap().contains("apt install ffmpeg"));
    let (lines, code) = publisher.run_with(&[("PATH", empty)], &[&add[..], &SAID].concat());
    assert_eq!((code, &lines[0]["event"]), (Some(0), &json!("added")), "{lines:?}");
    let film = files(&publisher.home).join("film");
    assert_eq!(names(&film), ["film.mkv", "subs"]);
    assert_eq!(names(&film.join("subs")), ["fr.vtt"], "what lies beside it needs no ffmpeg");
}

/// What the API says of films that are published.
fn masters(world: &World, ready: &Value) -> Value {
    let (status, body) = world.get(ready, "/api/v1/masters");
    assert_eq!(status, 200);
    serde_json::from_slice(&body).unwrap()
}

/// Looks again and again; a test that hangs is ended by its runner.
pub(crate) fn until<T>(look: impl Fn() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn a_conversion_that_is_cut_off_goes_on_and_keeps_what_was_whole() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    let home = &publisher.home;
    // The film's own quality is copied in a moment; the smaller one takes seconds on any machine.
    let pattern = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=4", "-c:v", "libx264"];
    let plain = ["-pix_fmt", "yuv420p", "-g", "20", "short.mp4"];
    let long = ["-stream_loop", "80", "-i", "short.mp4", "-c", "copy", "long.mp4"];
    if !(ffmpeg(home, &[&pattern, &plain]) && ffmpeg(home, &[&long])) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let (server, ready) = publisher.serve();
    let taken = world.ask(&ready, "/api/v1/masters", &json!({"path": home.join("long.mp4")}));
    let id = taken["id"].as_str().unwrap();
    let choice = json!({"qualities": ["180p", "144p"], "level_sound": true});
    world.ask(&ready, &format!("/api/v1/masters/{id}/conversion"), &choice);
    let folder = home.join("data/masters").join(id);
    let written_at = until(|| {
        let plan = fs::read(folder.join("converting/plan.json")).ok()?;
        let plan: Value = serde_json::from_slice(&plan).unwrap();
        assert!(plan["finished"].as_array().unwrap().len() < 2, "it was too quick: {plan}");
        plan["finished"].get(0)?;
        let film = fs::metadata(folder.join("converting/files/film-180p/film.mp4")).unwrap();
        film.modified().ok()
    });
    server.signal("KILL");
    server.end();

    let (server, ready) = publisher.serve();
    let kept = until(|| {
        let all = masters(&world, &ready);
        let work = all["masters"][0]["work"].clone();
        assert_eq!(work["stage"], "converting", "{all}");
        (work["step"] == "encoding").then(|| (work["kept"].clone(), work["quality"].clone()))
    });
    assert_eq!(kept, (json!(["180p"]), json!("144p")));
    let done = until(|| {
        let master = masters(&world, &ready)["masters"][0].clone();
        assert_ne!(master["work"]["stage"], "failed", "{master}");
        (master["work"].is_null()).then_some(master)
    });
    let made: Vec<_> =
        done["outgoing"].as_array().unwrap().iter().map(|one| &one["quality"]).collect();
    assert_eq!(made, ["180p", "144p"]);
    assert_eq!(names(&folder), ["extras", "files", "master.json"]);
    let film = folder.join("files/film-180p/film.mp4");
    assert_eq!(
        fs::metadata(&film).unwrap().modified().unwrap(),
        written_at,
        "it was not made anew"
    );
    assert_eq!(ffprobe(&film, &["-show_streams"])["streams"][0]["height"], 180);
    stop(server);
}

/// The mean brightness of a film's pictures, 0 to 255.
fn brightness(file: &Path) -> f64 {
    brightness_of(file, "null")
}

/// The same of what a filter leaves.
fn brightness_of(file: &Path, filter: &str) -> f64 {
    let told = "signalstats,metadata=print:file=-:key=lavfi.signalstats.YAVG";
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-vf", &format!("{filter},format=yuv420p,{told}"), "-f", "null"])
        .arg("-")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let values = said.lines().filter_map(|line| line.split_once("YAVG=")?.1.parse::<f64>().ok());
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn films_with_a_high_dynamic_range_are_mapped_to_the_usual_one() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    let home = &publisher.home;
    // What is white has the same light in both (ITU-R BT.2408): 58 % of the signal in PQ, 75 % in HLG.
    for (name, transfer, white) in [("pq", "smpte2084", 0.58), ("hlg", "arib-std-b67", 0.75)] {
        let grey = format!(
            "color=c=white:s=320x180:r=10:d=2,format=gray16,lut=y={white}*maxval,format=yuv420p10le"
        );
        let colours = format!(
            "colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:keyint=10:log-level=error"
        );
        let file = format!("{name}.mp4");
        let marked =
            ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"];
        let film = ["-f", "lavfi", "-i", &grey, "-c:v", "libx265", "-x265-params", &colours];
        if !ffmpeg(home, &[&film, &marked, &["-tag:v", "hvc1", &file]]) {
            println!("skipped: ffmpeg is not installed, or makes no HEVC (scripts/setup test)");
            return;
        }
    }
    let (server, ready) = publisher.serve();
    for name in ["pq", "hlg"] {
        let path = home.join(format!("{name}.mp4"));
        let taken = world.ask(&ready, "/api/v1/masters", &json!({"path": path}));
        let film = format!("/api/v1/masters/{}", taken["id"].as_str().unwrap());
        let offer = world.get(&ready, &format!("{film}/conversion")).1;
        let offer: Value = serde_json::from_slice(&offer).unwrap();
        if offer["dynamic_range"] == "pale" {
            println!("skipped: this ffmpeg has no zscale");
            return;
        }
        assert_eq!(
            (&offer["dynamic_range"], &offer["qualities"][0]["copied"]),
            (&json!("mapped"), &json!(false))
        );
        world.ask(&ready, &format!("{film}/conversion"), &json!({"qualities": ["180p"]}));
        until(|| {
            let master: Value = serde_json::from_slice(&world.get(&ready, &film).1).unwrap();
            assert_ne!(master["work"]["stage"], "failed", "{master}");
            (master["work"].is_null()).then_some(())
        });
        let made = home.join("data/masters").join(taken["id"].as_str().unwrap());
        let made = made.join("files/film-180p/film.mp4");
        let video = ffprobe(&made, &["-select_streams", "v", "-show_streams"]);
        let video = &video["streams"][0];
        for field in ["color_transfer", "color_primaries", "color_space"] {
            assert_eq!(video[field], "bt709", "{video}");
        }
        assert_eq!(video["pix_fmt"], "yuv420p");
        // White nearly fills the range, and leaves some of it to what is brighter. Copied, PQ would be at 143.
        let found = brightness(&made);
        assert!((180.0..225.0).contains(&found), "{name}: {found:.0}");
        let frames = world.get(&ready, &format!("{film}/frames")).1;
        let frames: Value = serde_json::from_slice(&frames).unwrap();
        let frame = frames["frames"][2].as_str().unwrap().rsplit(',').next().unwrap().to_owned();
        let picture = home.join(format!("{name}.webp"));
        fs::write(&picture, BASE64_STANDARD.decode(frame).unwrap()).unwrap();
        let found = brightness(&picture);
        assert!((180.0..225.0).contains(&found), "a frame of {name}: {found:.0}");
    }
    // The time line of a film that goes out as it is.
    let taken = world.ask(&ready, "/api/v1/masters", &json!({"path": home.join("pq.mp4")}));
    let film = format!("/api/v1/masters/{}", taken["id"].as_str().unwrap());
    world.ask(&ready, &format!("{film}/conversion"), &json!({"qualities": []}));
    until(|| {
        let master: Value = serde_json::from_slice(&world.get(&ready, &film).1).unwrap();
        assert_ne!(master["work"]["stage"], "failed", "{master}");
        (master["work"].is_null()).then_some(())
    });
    let sheet = home.join("data/masters").join(taken["id"].as_str().unwrap());
    let sheet = sheet.join("extras/previews-1.jpg");
    let found = brightness_of(&sheet, "crop=120:60:10:10");
    assert!((180.0..225.0).contains(&found), "a small picture: {found:.0}");
    stop(server);
}
