//! Many titles at once: spreadsheets, feeds, JSON-LD, folders of films; all of a list or nothing.

use std::{fs, io::Write as _, process::Command};

use serde_json::{Value, json};

use crate::{
    films::{SAID, film},
    network::{Household, World, stop},
    program::Running,
};

const SKIPPED: &str = "skipped: ffmpeg is not installed (scripts/setup test)";
const HEAD: &str = "title,year,licence,attribution,source,infohash,path\n";

fn publisher(world: &World) -> Household {
    let publisher = world.household("publisher");
    create(&publisher);
    publisher
}

fn create(publisher: &Household) {
    let contact = ["--contact", "mailto:rights@example.org"];
    publisher.one(&[&["channel", "create", "Silent films"], &contact[..]].concat());
}

fn row(number: u32, licence: &str) -> String {
    format!(
        "Film {number},1922,{licence},Somebody,https://example.org/{number},{number:040x},a/{number}.mp4\n"
    )
}

fn waiting(publisher: &Household) -> Value {
    publisher.one(&["channel", "show"])["waiting"]["titles"].clone()
}

fn titles(publisher: &Household) -> Vec<Value> {
    publisher.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);
    publisher.one(&["channel", "export", "--to", "out.json"]);
    let exported = fs::read(publisher.home.join("out.json")).unwrap();
    let exported: Value = serde_json::from_slice(&exported).unwrap();
    exported["titles"].as_array().unwrap().clone()
}

#[test]
fn rows_with_a_licence_are_imported_and_the_others_reported_with_line_and_reason() {
    let world = World::new(1);
    let publisher = publisher(&world);
    let rows: String =
        (0..1000).map(|at| row(at, if at % 4 == 0 { "" } else { "CC-BY-4.0" })).collect();
    fs::write(publisher.home.join("films.csv"), format!("{HEAD}{rows}")).unwrap();
    let (lines, code) = publisher.run(&["channel", "import", "films.csv", "--report", "left.csv"]);
    assert_eq!(code, Some(0), "{lines:?}");
    let imported = lines.last().unwrap();
    assert_eq!(
        (&imported["records"], &imported["titles"], &imported["dropped"], &imported["waiting"]),
        (&json!(1000), &json!(750), &json!(250), &json!(750))
    );
    assert_eq!(imported["dropped_why"], json!({"licence": 250}));
    let left = fs::read_to_string(publisher.home.join("left.csv")).unwrap();
    assert_eq!(left.lines().count(), 251);
    assert_eq!(left.lines().nth(1), Some("2,\"Film 0\",licence,\"it names no licence\""));
    // What is said for all stands in for what rows do not say, and what is imported again takes its own place.
    let all = ["channel", "import", "films.csv", "--licence", "CC0-1.0"];
    let (lines, _) = publisher.run(&all);
    assert_eq!(lines.last().unwrap()["waiting"], 1000);
    assert_eq!(titles(&publisher).len(), 1000);
}

#[test]
fn a_list_that_cannot_be_read_to_its_end_changes_nothing() {
    let world = World::new(1);
    let publisher = publisher(&world);
    let item = "<item><title>A</title><link>https://example.org/</link><media:license>CC0-1.0</media:license>\
        <media:copyright>A</media:copyright><enclosure type='application/x-bittorrent' length='1' \
        url='magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c&amp;dn=a.mp4'/></item>";
    let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bomb = format!("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss>{item}</rss>");
    let refused: [(&str, Vec<u8>, &str); 6] = [
        ("torn.xml", format!("<rss><channel>{item}<item>").into(), "list_bad"),
        ("wrong.xml", format!("<rss>{item}</wrong>").into(), "list_bad"),
        ("bomb.xml", bomb.into(), "list_bad"),
        ("wide.csv", [&[0xFF, 0xFE], &utf16[..]].concat(), "list_bad"),
        ("works.json", format!("[{}", "[".repeat(500_000)).into(), "list_bad"),
        ("none.csv", format!("{HEAD}{}", row(1, "proprietary")).into(), "no_valid_title"),
    ];
    for (name, bytes, word) in refused {
        fs::write(publisher.home.join(name), bytes).unwrap();
        let (lines, code) = publisher.run(&["channel", "import", name]);
        let line = lines.last().unwrap();
        assert_eq!(line["code"], word, "{name}: {line}");
        assert_ne!(code, Some(0));
    }
    assert_eq!(waiting(&publisher), 0);
    assert_eq!(publisher.run(&["channel", "import", "no.csv"]).1, Some(3));
    assert_eq!(publisher.run(&["channel", "import", "films.doc"]).1, Some(2));
}

#[test]
fn an_import_that_is_interrupted_changes_nothing() {
    let world = World::new(1);
    let publisher = publisher(&world);
    let pipe = publisher.home.join("slow.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let importing = publisher.start_alone(&["channel", "import", "slow.csv"]);
    // Opening waits for the reader, so the signal finds the import at work.
    let mut rows = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    rows.write_all(format!("{HEAD}{}", row(1, "CC0-1.0")).as_bytes()).unwrap();
    importing.signal("INT");
    assert_eq!(importing.end().1, Some(130));
    drop(rows);
    assert_eq!(waiting(&publisher), 0);
}

/// A folder with a film and what lies beside it, a description without a film, and one without a licence; false without
/// ffmpeg.
fn write_folder(publisher: &Household) -> bool {
    let folder = publisher.home.join("films/Nosferatu (1922)");
    fs::create_dir_all(&folder).unwrap();
    if !film(&folder.join("Nosferatu.mp4")) {
        return false;
    }
    let nfo = |title: &str, more: &str| {
        format!(
            "<movie><title>{title}</title><plot>Night falls.</plot><director>Murnau</director>{more}</movie>"
        )
    };
    let open = "<licence>CC-PDM-1.0</licence><attribution>Murnau</attribution><source>https://example.org/n</source>";
    fs::write(folder.join("Nosferatu.nfo"), nfo("Nosferatu", open)).unwrap();
    fs::write(folder.join("poster.jpg"), "no picture").unwrap();
    fs::write(folder.join("Nosferatu-fanart.png"), PICTURE).unwrap();
    fs::write(folder.join("No film.nfo"), nfo("No film", open)).unwrap();
    fs::write(publisher.home.join("films/Closed.nfo"), nfo("Closed", "")).unwrap();
    true
}

/// Expects an import of that folder, publishes, and expects that nothing is imported twice.
fn imports_folder(publisher: &Household) {
    let (lines, code) = publisher.run(&["channel", "import", "films", "--report", "left.csv"]);
    assert_eq!(code, Some(0), "{lines:?}");
    let progress = json!({"event": "progress", "films": 1, "films_done": 1});
    assert!(lines.contains(&progress), "{lines:?}");
    let left = fs::read_to_string(publisher.home.join("left.csv")).unwrap();
    let left: Vec<_> = left.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert_eq!(left, ["licence", "malformed", "poster_bad"]);
    let imported = lines.last().unwrap();
    assert_eq!((&imported["titles"], &imported["dropped"]), (&json!(1), &json!(2)), "{imported}");
    // What is no picture costs the film nothing: a frame of it stands in.
    assert_eq!(imported["pictures_left_out"], json!({"bad": 1}));
    let titles = titles(publisher);
    assert_eq!(
        (&titles[0]["name"]["en"], &titles[0]["kind"]),
        (&json!("Nosferatu"), &json!("film"))
    );
    assert_eq!(titles[0]["people"][0]["role"], "director");
    for picture in ["poster", "backdrop"] {
        assert_eq!(titles[0][picture]["sha256"].as_str().unwrap().len(), 64, "{picture}");
    }
    assert_eq!(titles[0]["releases"][0]["torrent"]["v2"].as_str().unwrap().len(), 64);
    let (lines, _) = publisher.run(&["channel", "import", "films"]);
    assert_eq!(lines.last().unwrap()["already_here"], 1, "{lines:?}");
    assert_eq!(masters(publisher).len(), 1);
}

#[test]
fn a_folder_of_films_is_taken_in_with_what_lies_beside_them_and_only_once() {
    let world = World::new(1);
    let publisher = publisher(&world);
    if !write_folder(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    imports_folder(&publisher);
}

/// What is known of each film that is here.
fn masters(publisher: &Household) -> Vec<Value> {
    let folders = fs::read_dir(publisher.home.join("data/masters")).unwrap();
    let read = |entry: fs::DirEntry| {
        let about = fs::read(entry.path().join("master.json"));
        about.map_or(Value::Null, |about| serde_json::from_slice(&about).unwrap())
    };
    folders.map(|entry| read(entry.unwrap())).collect()
}

/// How many pictures wait to be published.
fn pictures(publisher: &Household) -> usize {
    let channel = fs::read_dir(publisher.home.join("data/channels")).unwrap();
    let things = channel.map(|entry| entry.unwrap().path().join("own/things"));
    things.filter_map(|things| Some(fs::read_dir(things).ok()?.count())).sum()
}

/// A list of a film and of one that takes long to hash; false without ffmpeg.
fn write_long_list(publisher: &Household) -> bool {
    if !film(&publisher.home.join("short.mp4")) {
        return false;
    }
    let long = publisher.home.join("long.mp4");
    fs::copy(publisher.home.join("short.mp4"), &long).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&long).unwrap();
    // A box that players pass over, of which nothing is on the disk.
    let room = 6_u64 << 30;
    file.write_all(&[&[0, 0, 0, 1], &b"free"[..], &room.to_be_bytes()].concat()).unwrap();
    file.set_len(file.metadata().unwrap().len() + room - 16).unwrap();
    let row = |name: &str| format!("{name},CC0-1.0,Somebody,https://example.org/,{name}.mp4\n");
    let rows = format!("{}{}", row("short"), row("long"));
    fs::write(publisher.home.join("long.csv"), format!("{FILM_HEAD}{rows}")).unwrap();
    true
}

const FILM_HEAD: &str = "title,licence,attribution,source,file\n";

/// An import that has taken one film in and is at work with the next.
fn half_way(publisher: &Household) -> Running {
    let mut importing = publisher.start_alone(&["channel", "import", "long.csv"]);
    let line = importing.next();
    assert_eq!(line["films_done"], 1, "{line}");
    assert_eq!(pictures(publisher), 1, "the first film's poster is ready");
    importing
}

/// Waits until nothing is left of an import.
fn wait_until_gone(publisher: &Household) {
    while !masters(publisher).is_empty() || pictures(publisher) > 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn an_import_that_is_interrupted_leaves_no_film_and_no_picture() {
    let world = World::new(1);
    let publisher = publisher(&world);
    if !write_long_list(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    let importing = half_way(&publisher);
    importing.signal("INT");
    assert_eq!(importing.end().1, Some(130));
    assert_eq!((masters(&publisher).len(), pictures(&publisher)), (0, 0));
    assert_eq!(waiting(&publisher), 0);
}

/// A series as media centres keep it: two seasons, two episodes in one film, and what cannot be used; false without ffmpeg.
fn write_series(publisher: &Household) -> bool {
    let folder = publisher.home.join("shows/Lessons (1931)");
    let (spring, specials) = (folder.join("Season 01"), folder.join("Specials"));
    fs::create_dir_all(&spring).unwrap();
    fs::create_dir_all(&specials).unwrap();
    if !film(&spring.join("Lessons S01E01.mp4")) {
        return false;
    }
    fs::copy(spring.join("Lessons S01E01.mp4"), spring.join("Lessons S01E02-E03.mp4")).unwrap();
    fs::copy(spring.join("Lessons S01E01.mp4"), specials.join("Lessons S00E01.mp4")).unwrap();
    fs::write(spring.join("Lessons S01E05.mp4"), "no film").unwrap();
    fs::write(spring.join("Lessons S01E01-thumb.png"), PICTURE).unwrap();
    fs::write(folder.join("poster.png"), PICTURE).unwrap();
    fs::write(folder.join("fanart.jpg"), "no picture").unwrap();
    let show = "<tvshow><title>Lessons</title><plot>All of them.</plot><year>1931</year>\
        <namedseason number=\"1\">Spring</namedseason></tvshow>";
    fs::write(folder.join("tvshow.nfo"), show).unwrap();
    fs::write(spring.join("season.nfo"), "<season><seasonnumber>1</seasonnumber></season>")
        .unwrap();
    let write = |folder: &std::path::Path, name: &str, texts: &[String]| {
        fs::write(folder.join(name).with_extension("nfo"), texts.concat()).unwrap();
    };
    let episode = |season: u16, number: u16, more: &str| {
        format!(
            "<episodedetails><title>Part {number}</title><season>{season}</season>\
             <episode>{number}</episode>{more}</episodedetails>"
        )
    };
    write(&spring, "Lessons S01E01", &[episode(1, 1, "<plot>It begins.</plot>")]);
    write(&spring, "Lessons S01E02-E03", &[episode(1, 2, ""), episode(1, 3, "")]);
    write(&spring, "Lessons S01E04", &[episode(1, 4, "")]);
    write(&spring, "Lessons S01E05", &[episode(1, 5, "")]);
    write(&specials, "Lessons S00E01", &[episode(0, 1, "<licence>CC0-1.0</licence>")]);
    write(&publisher.home.join("shows"), "Lost", &[episode(1, 1, "")]);
    true
}

const IMPORT_SERIES: [&str; 10] = [
    "channel",
    "import",
    "shows",
    "--licence",
    "CC-BY-4.0",
    "--attribution",
    "Somebody",
    "--source",
    "https://example.org/lessons",
    "--report=left.csv",
];

/// Expects an import of that folder, publishes, and expects that a new episode joins the others.
fn imports_series(publisher: &Household) {
    let (lines, code) = publisher.run(&IMPORT_SERIES);
    assert_eq!(code, Some(0), "{lines:?}");
    let left = fs::read_to_string(publisher.home.join("left.csv")).unwrap();
    for (file, why) in [
        ("Lost.nfo", "tvshow.nfo"),
        ("S01E04.nfo", "no film"),
        ("S00E01.nfo", "its licence is not that of its series"),
        ("S01E05.mp4", "malformed"),
        ("Lessons", "backdrop_bad"),
    ] {
        let line = left.lines().find(|line| line.contains(file) && line.contains(why));
        assert!(line.is_some(), "{file}: {left}");
    }
    let imported = lines.last().unwrap();
    assert_eq!(
        (&imported["records"], &imported["titles"], &imported["dropped"]),
        (&json!(8), &json!(1), &json!(4)),
        "{imported}"
    );
    let [series] = &titles(publisher)[..] else { panic!("one series") };
    assert_eq!((&series["kind"], &series["name"]["en"]), (&json!("series"), &json!("Lessons")));
    assert_eq!((&series["licence"], &series["year"]), (&json!("CC-BY-4.0"), &json!(1931)));
    assert!(series["poster"]["sha256"].is_string() && series["backdrop"].is_null(), "{series}");
    assert_eq!(series["seasons"][0]["name"]["en"], "Spring");
    let episodes = series["seasons"][0]["episodes"].as_array().unwrap();
    let numbers: Vec<_> = episodes.iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(episodes.iter().all(|one| one["still"]["sha256"].is_string()), "{series}");
    let torrent = |at: usize| episodes[at]["releases"][0]["torrent"]["v1"].clone();
    assert!(torrent(0).is_string() && torrent(1) == torrent(2) && torrent(0) != torrent(1));
    assert_eq!(masters(publisher).len(), 2);

    let (lines, _) = publisher.run(&IMPORT_SERIES);
    let again = lines.last().unwrap();
    assert_eq!((&again["titles"], &again["already_here"]), (&json!(0), &json!(3)), "{lines:?}");
    let spring = publisher.home.join("shows/Lessons (1931)/Season 01");
    assert!(film(&spring.join("Lessons S01E04.mp4")));
    publisher.run(&IMPORT_SERIES);
    let [series] = &titles(publisher)[..] else { panic!("the same series") };
    let episodes = series["seasons"][0]["episodes"].as_array().unwrap();
    let torrents: Vec<_> = episodes.iter().map(|one| &one["releases"][0]["torrent"]).collect();
    assert_eq!((torrents.len(), masters(publisher).len()), (4, 3));
}

#[test]
fn a_folder_of_a_series_becomes_one_title_with_its_seasons_and_episodes() {
    let world = World::new(1);
    let publisher = publisher(&world);
    if !write_series(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    imports_series(&publisher);
}

#[test]
fn a_running_server_takes_a_folder_of_a_series_in() {
    let world = World::new(1);
    let (publisher, server, _) = served(&world);
    if !write_series(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    imports_series(&publisher);
    stop(server);
}

#[test]
fn rows_of_a_series_become_one_title_and_bad_ones_are_reported() {
    let world = World::new(1);
    let publisher = publisher(&world);
    let head = "title,series,season,episode,licence,attribution,source,infohash,path,still\n";
    let row = |at: u32, season: u32, number: u32, licence: &str| {
        format!(
            "Part {number},Lessons,{season},{number},{licence},Somebody,https://example.org/,{at:040x},{at}.mp4,art/a.png\n"
        )
    };
    let rows = [
        row(1, 1, 1, "CC-BY-4.0"),
        row(2, 1, 2, ""),
        row(3, 2, 1, "CC-BY-4.0"),
        row(4, 2, 2, "CC0-1.0"),
        row(5, 1, 1, "CC-BY-4.0").replace("Part 1", "Another"),
    ];
    fs::create_dir_all(publisher.home.join("art")).unwrap();
    fs::write(publisher.home.join("art/a.png"), PICTURE).unwrap();
    fs::write(publisher.home.join("lessons.csv"), format!("{head}{}", rows.concat())).unwrap();
    let (lines, code) = publisher.run(&["channel", "import", "lessons.csv"]);
    assert_eq!(code, Some(0), "{lines:?}");
    let imported = lines.last().unwrap();
    assert_eq!((&imported["titles"], &imported["dropped"]), (&json!(1), &json!(3)), "{lines:?}");
    let dropped = lines.iter().filter(|line| line["event"] == "dropped");
    let dropped: Vec<_> = dropped.map(|line| line["line"].as_u64().unwrap()).collect();
    assert_eq!(dropped, [3, 5, 6]);
    let [series] = &titles(&publisher)[..] else { panic!("one series") };
    let seasons = series["seasons"].as_array().unwrap();
    let numbers = seasons.iter().map(|one| one["episodes"].as_array().unwrap().len());
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 1]);
    assert!(seasons[1]["episodes"][0]["still"]["sha256"].is_string(), "{series}");
}

#[test]
fn what_an_import_left_that_was_killed_goes_with_the_next_one_and_nothing_else_does() {
    let world = World::new(1);
    let publisher = publisher(&world);
    if !write_long_list(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    write_pictured(&publisher);
    imports_pictured(&publisher);
    let (waited, pictured) = (waiting(&publisher), pictures(&publisher));
    let mut importing = publisher.start_alone(&["channel", "import", "long.csv"]);
    assert_eq!(importing.next()["films_done"], 1);
    importing.signal("KILL");
    importing.end();
    assert_eq!(pictures(&publisher), pictured + 1);
    assert!(!masters(&publisher).is_empty());
    imports_pictured(&publisher);
    assert_eq!((masters(&publisher).len(), pictures(&publisher)), (0, pictured));
    assert_eq!(waiting(&publisher), waited);
    shows_pictures(&titles(&publisher));
}

#[test]
fn films_whose_titles_wait_already_are_kept_when_their_import_was_killed() {
    let world = World::new(1);
    let publisher = publisher(&world);
    if !film(&publisher.home.join("short.mp4")) {
        println!("{SKIPPED}");
        return;
    }
    let row = "short,CC0-1.0,Somebody,https://example.org/,short.mp4\n";
    fs::write(publisher.home.join("films.csv"), format!("{FILM_HEAD}{row}")).unwrap();
    publisher.run(&["channel", "import", "films.csv"]);
    let [whole] = &masters(&publisher)[..] else { panic!("one film") };
    let mut cut_off = whole.clone();
    cut_off["published"] = Value::Null;
    let path = publisher.home.join("data/masters").join(whole["id"].as_str().unwrap());
    fs::write(path.join("master.json"), cut_off.to_string()).unwrap();
    let (lines, code) = publisher.run(&["channel", "import", "films.csv"]);
    assert_eq!((code, &lines.last().unwrap()["already_here"]), (Some(0), &json!(1)), "{lines:?}");
    assert_eq!(masters(&publisher), std::slice::from_ref(whole));
}

#[test]
fn a_film_that_was_not_published_when_its_command_was_killed_goes_with_the_next_one() {
    let world = World::new(1);
    let publisher = publisher(&world);
    if !write_long_list(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    let adding = publisher.start_alone(&[&["channel", "add", "long.mp4"], &SAID[..]].concat());
    let folder = publisher.home.join("data/masters");
    while !folder.is_dir() || masters(&publisher).iter().all(Value::is_null) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    adding.signal("KILL");
    adding.end();
    assert_eq!(masters(&publisher).len(), 1, "it was at work with the film");
    let row = "short,CC0-1.0,Somebody,https://example.org/,short.mp4\n";
    fs::write(publisher.home.join("films.csv"), format!("{FILM_HEAD}{row}")).unwrap();
    publisher.one(&["channel", "import", "films.csv", "--report", "left.csv"]);
    let [short] = &masters(&publisher)[..] else { panic!("the killed one is gone") };

    // Of a command that was killed when its title waited already, the title goes as well.
    let mut cut_off = short.clone();
    cut_off["published"] = Value::Null;
    cut_off["purpose"] = json!({"publish": short["purpose"]["import"]});
    let path = publisher.home.join("data/masters").join(short["id"].as_str().unwrap());
    fs::write(path.join("master.json"), cut_off.to_string()).unwrap();
    assert_eq!(waiting(&publisher), 1);
    let (server, _) = publisher.serve();
    assert_eq!((masters(&publisher).len(), pictures(&publisher)), (0, 0));
    assert_eq!(waiting(&publisher), 0);
    stop(server);
}

#[test]
fn a_film_whose_command_is_killed_beside_a_server_goes_at_once() {
    let world = World::new(1);
    let (publisher, server, _) = served(&world);
    if !write_long_list(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    for signal in ["KILL", "INT"] {
        let adding = publisher.start_alone(&[&["channel", "add", "long.mp4"], &SAID[..]].concat());
        let folder = publisher.home.join("data/masters");
        while !folder.is_dir() || masters(&publisher).iter().all(Value::is_null) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        adding.signal(signal);
        adding.end();
        wait_until_gone(&publisher);
        assert_eq!(waiting(&publisher), 0);
    }
    stop(server);
}

#[test]
fn a_running_server_takes_a_folder_of_films_in() {
    let world = World::new(1);
    let (publisher, server, ready) = served(&world);
    if !write_folder(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    imports_folder(&publisher);
    // The wizard's list has the film as it has every other that is published.
    let (_, list) = world.get(&ready, "/api/v1/masters");
    let list: Value = serde_json::from_slice(&list).unwrap();
    let film = &list["masters"][0];
    assert_eq!((&film["work"], film["published"].is_object()), (&Value::Null, true), "{list}");
    stop(server);
}

#[test]
fn a_running_server_forgets_an_import_that_is_interrupted_or_killed() {
    let world = World::new(1);
    let (publisher, server, _) = served(&world);
    if !write_long_list(&publisher) {
        println!("{SKIPPED}");
        return;
    }
    for (signal, code) in [("INT", Some(130)), ("KILL", None)] {
        let importing = half_way(&publisher);
        importing.signal(signal);
        assert_eq!(importing.end().1, code);
        wait_until_gone(&publisher);
        assert_eq!(waiting(&publisher), 0);
    }
    // With the server itself it goes when that is started again.
    let importing = half_way(&publisher);
    server.signal("KILL");
    server.end();
    assert_eq!(importing.end().1, Some(3));
    assert!(pictures(&publisher) > 0 && !masters(&publisher).is_empty());
    let (again, _) = publisher.serve();
    assert_eq!((masters(&publisher).len(), pictures(&publisher)), (0, 0));
    assert_eq!(waiting(&publisher), 0);
    stop(again);
}

/// A publisher beside a server that runs, which told where it is.
fn served(world: &World) -> (Household, Running, Value) {
    let publisher = world.household("publisher");
    let (server, ready) = publisher.serve();
    create(&publisher);
    (publisher, server, ready)
}

const PICTURE: &[u8] = include_bytes!("../../../../fuzz/corpus/picture/png");

/// A list of films with a picture each: beside it, missing, none, an address, and outside of its folder.
fn write_pictured(publisher: &Household) {
    let pictures =
        ["art/a.png", "art/gone.png", "films.csv", "https://example.org/a.jpg", "../secret.png"];
    let row = |(at, picture): (usize, &str)| {
        let row = row(u32::try_from(at).unwrap(), "CC0-1.0");
        format!("{},{picture},art/a.png\n", row.trim_end())
    };
    let rows: String = pictures.into_iter().enumerate().map(row).collect();
    let head = HEAD.trim_end();
    fs::create_dir_all(publisher.home.join("art")).unwrap();
    fs::write(publisher.home.join("art/a.png"), PICTURE).unwrap();
    fs::write(publisher.home.join("films.csv"), format!("{head},poster,backdrop\n{rows}")).unwrap();
}

/// Expects an import of that list: every title, its pictures as far as they can be, and a word on the others.
fn imports_pictured(publisher: &Household) {
    let import = ["channel", "import", "films.csv", "--report", "left.csv"];
    let (lines, code) = publisher.run(&import);
    assert_eq!(code, Some(0), "{lines:?}");
    let imported = lines.last().unwrap();
    assert_eq!(
        (&imported["titles"], &imported["dropped"], &imported["pictures"]),
        (&json!(5), &json!(0), &json!(6)),
        "{imported}"
    );
    let why = json!({"missing": 1, "bad": 1, "remote": 1, "outside": 1});
    assert_eq!(imported["pictures_left_out"], why);
    let told = lines.iter().filter(|line| line["event"] == "picture_left_out");
    let mut told: Vec<_> = told.map(|line| (line["line"].as_u64(), line["file"].clone())).collect();
    told.sort_by_key(|(line, _)| *line);
    let lines = [(3, "art/gone.png"), (4, "films.csv"), (5, "https://example.org/a.jpg")];
    let lines = lines.into_iter().chain([(6, "../secret.png")]);
    assert_eq!(told, lines.map(|(line, file)| (Some(line), json!(file))).collect::<Vec<_>>());
    let left = fs::read_to_string(publisher.home.join("left.csv")).unwrap();
    assert_eq!(left.lines().count(), 5, "{left}");
    assert!(left.contains("poster_remote") && left.contains("pictures are not fetched"), "{left}");
}

/// The exported titles name their pictures by hashes.
fn shows_pictures(titles: &[Value]) {
    let is_packed = |art: &Value| art["sha256"].as_str().is_some_and(|hash| hash.len() == 64);
    let posters: Vec<_> = titles.iter().map(|title| is_packed(&title["poster"])).collect();
    assert_eq!(posters, [true, false, false, false, false]);
    assert!(titles[0]["thumbhash"].is_string());
    assert!(titles.iter().all(|title| is_packed(&title["backdrop"])));
}

#[test]
fn pictures_beside_a_list_go_with_its_titles_and_the_others_are_named() {
    let world = World::new(1);
    let publisher = publisher(&world);
    write_pictured(&publisher);
    imports_pictured(&publisher);
    shows_pictures(&titles(&publisher));
}

#[test]
fn a_running_server_takes_the_pictures_of_a_list_too() {
    let world = World::new(1);
    let (publisher, server, _) = served(&world);
    write_pictured(&publisher);
    imports_pictured(&publisher);
    shows_pictures(&titles(&publisher));
    stop(server);
}

#[test]
fn a_running_server_takes_a_list_in() {
    let world = World::new(1);
    let (publisher, server, _) = served(&world);
    fs::write(
        publisher.home.join("films.csv"),
        format!("{HEAD}{}{}", row(1, "CC0-1.0"), row(2, "")),
    )
    .unwrap();
    let (lines, code) = publisher.run(&["channel", "import", "films.csv"]);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!((&lines[0]["event"], &lines[0]["line"]), (&json!("dropped"), &json!(3)));
    assert_eq!((&lines[1]["titles"], &lines[1]["waiting"]), (&json!(1), &json!(1)));
    stop(server);
}
