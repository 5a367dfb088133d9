//! The same film twice: told of, changed or added on purpose; by command, beside a server and from lists.

use std::fs;

use serde_json::{Value, json};

use crate::{
    films::{SAID, film, with_channel},
    network::{Household, World, stop},
};

const QUIET: [&str; 4] = ["--once", "--no-dht", "--listen", "127.0.0.1:0"];
const SKIPPED: &str = "skipped: ffmpeg is not installed (scripts/setup test)";

/// Runs `channel add` with a film; the last line and the code it ended with.
fn add(publisher: &Household, more: &[&str]) -> (Vec<Value>, Option<i32>) {
    publisher.run(&[&["channel", "add", "ferry.mp4"], &SAID[..], more].concat())
}

/// The titles of the version that is out, by their names.
fn titles(publisher: &Household) -> Vec<Value> {
    publisher.one(&["channel", "export", "--to", "out.json"]);
    let exported = fs::read(publisher.home.join("out.json")).unwrap();
    let exported: Value = serde_json::from_slice(&exported).unwrap();
    exported["titles"].as_array().unwrap().clone()
}

fn names(titles: &[Value]) -> Vec<&str> {
    titles.iter().map(|one| one["name"]["en"].as_str().unwrap()).collect()
}

/// How many films are kept.
fn masters(publisher: &Household) -> usize {
    fs::read_dir(publisher.home.join("data/masters")).unwrap().count()
}

/// Expects that the film is there, and returns what is said.
fn expect_there(publisher: &Household, more: &[&str], title: &Value) {
    let before = masters(publisher);
    let (lines, code) = add(publisher, more);
    let refused = lines.last().unwrap();
    assert_eq!((code, &refused["code"]), (Some(5), &json!("film_there")), "{lines:?}");
    assert_eq!(&refused["titles"][0]["title"], title, "{refused}");
    assert_eq!(&refused["titles"][0]["name"], "Last Ferry");
    let hint = refused["hint"].as_str().unwrap();
    assert!(hint.contains(&format!("--update {}", title.as_str().unwrap())), "{hint}");
    assert_eq!(masters(publisher), before, "nothing stays of what was refused");
}

/// Adds the film twice, and again on purpose.
fn adds_twice(publisher: &Household, quiet: &[&str]) {
    let (lines, code) = add(publisher, quiet);
    assert_eq!(code, Some(0), "{lines:?}");
    let title = lines[0]["title"].clone();
    let (id, first) = (title.as_str().unwrap(), titles(publisher));

    expect_there(publisher, quiet, &title);
    assert_eq!(publisher.one(&["channel", "show"])["waiting"]["titles"], 0);

    // What is not said stays, and the title is the same one.
    let update = ["--update", id, "--title", "The Last Ferry", "--genre", "drama"];
    let said: Vec<_> = SAID.iter().skip(2).copied().collect();
    let (lines, code) = publisher.run(
        &[&["channel", "add", "ferry.mp4", "--year", "1926"], &said[..], &update, quiet].concat(),
    );
    assert_eq!((code, &lines[0]["title"]), (Some(0), &title), "{lines:?}");
    let renewed = titles(publisher);
    assert_eq!(names(&renewed), ["The Last Ferry"]);
    let same = |field: &str| (first[0][field].clone(), renewed[0][field].clone());
    let (before, now) = same("id");
    assert_eq!(before, now);
    assert_eq!((&renewed[0]["year"], &renewed[0]["genres"]), (&json!(1926), &json!(["drama"])));
    assert_eq!(renewed[0]["releases"].as_array().unwrap().len(), 1);

    let (lines, code) = add(publisher, &[&["--again"], quiet].concat());
    assert_eq!(code, Some(0), "{lines:?}");
    assert_ne!(lines[0]["title"], title);
    let mut all = titles(publisher);
    all.sort_by_key(|one| one["name"]["en"].as_str().map(str::to_owned));
    assert_eq!(names(&all), ["Last Ferry", "The Last Ferry"]);

    let (lines, code) = add(publisher, &[&["--update", "nobody"], quiet].concat());
    let refused = lines.last().unwrap();
    assert_eq!((code, &refused["code"]), (Some(3), &json!("title_unknown")), "{lines:?}");
    let (_, code) = add(publisher, &[&["--update", id, "--again"], quiet].concat());
    assert_eq!(code, Some(2), "one of the two is meant");
    assert_eq!(publisher.one(&["channel", "show"])["waiting"]["titles"], 0);
}

#[test]
fn a_film_that_the_channel_has_is_told_of_and_changes_its_title_or_becomes_another_on_purpose() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("{SKIPPED}");
        return;
    }
    adds_twice(&publisher, &QUIET);
}

#[test]
fn a_running_server_tells_of_a_film_that_its_channel_has_and_changes_it() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("{SKIPPED}");
        return;
    }
    let (server, _) = publisher.serve();
    adds_twice(&publisher, &[]);
    stop(server);
}

const HEAD: &str = "id,title,year,licence,attribution,source,infohash,path,pieces_root\n";

fn row(id: &str, title: &str, torrent: u32, root: u32) -> String {
    format!(
        "{id},{title},1922,CC0-1.0,Somebody,https://example.org/n,{torrent:040x},a.mp4,{root:064x}\n"
    )
}

/// Imports rows and publishes; what was told at the end, and the titles of the version then.
fn import(publisher: &Household, rows: &[String]) -> (Value, Vec<Value>) {
    fs::write(publisher.home.join("films.csv"), format!("{HEAD}{}", rows.concat())).unwrap();
    let (mut lines, code) =
        publisher.run(&["channel", "import", "films.csv", "--report", "left.csv"]);
    assert_eq!(code, Some(0), "{lines:?}");
    publish(publisher);
    (lines.pop().unwrap(), titles(publisher))
}

fn publish(publisher: &Household) {
    let (lines, code) = publisher.run(&[&["channel", "publish"], &QUIET[..]].concat());
    assert_eq!(code, Some(0), "{lines:?}");
}

/// Rows whose film is there, under another name, with an id of their own, and twice in one list.
fn imports_again(publisher: &Household) {
    let (imported, first) =
        import(publisher, &[row("", "Nosferato", 1, 1), row("", "Faust", 2, 2)]);
    assert_eq!((&imported["titles"], &imported["updated"]), (&json!(2), &json!(0)), "{imported}");
    let id = |titles: &[Value], name: &str| {
        titles.iter().find(|one| one["name"]["en"] == name).unwrap()["id"].clone()
    };
    let known = id(&first, "Nosferato");

    // A name that is corrected, and the same bytes in another torrent.
    let rows = [row("", "Nosferatu", 1, 1), row("", "Le Nosferatu", 3, 1)];
    let (imported, renewed) = import(publisher, &rows);
    assert_eq!(
        (&imported["titles"], &imported["updated"], &imported["dropped_why"]),
        (&json!(1), &json!(1), &json!({"film_twice": 1})),
        "{imported}"
    );
    assert_eq!((renewed.len(), id(&renewed, "Nosferatu")), (2, known.clone()));
    let left = fs::read_to_string(publisher.home.join("left.csv")).unwrap();
    assert!(left.lines().nth(1).unwrap().starts_with("3,\"Le Nosferatu\",film_twice,"), "{left}");

    // An id of its own is the list's word: one more title, on purpose.
    let (imported, more) = import(publisher, &[row("second-cut", "Nosferatu short", 1, 1)]);
    assert_eq!((&imported["updated"], more.len()), (&json!(0), 3), "{imported}");
    let (imported, same) = import(publisher, &[row("second-cut", "Nosferatu long", 1, 1)]);
    assert_eq!((&imported["updated"], same.len()), (&json!(0), 3), "{imported}");
    assert_eq!(id(&same, "Nosferatu"), known);
}

#[test]
fn a_row_whose_film_is_there_changes_that_title_unless_it_has_an_id_of_its_own() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    imports_again(&publisher);
}

#[test]
fn a_running_server_takes_rows_whose_film_is_there_as_changes() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    let (server, _) = publisher.serve();
    fs::write(publisher.home.join("films.csv"), format!("{HEAD}{}", row("", "A", 1, 1))).unwrap();
    publisher.run(&["channel", "import", "films.csv"]);
    // It waits, and was never published.
    fs::write(publisher.home.join("films.csv"), format!("{HEAD}{}", row("", "B", 1, 1))).unwrap();
    let (lines, code) = publisher.run(&["channel", "import", "films.csv"]);
    let imported = lines.last().unwrap();
    assert_eq!(
        (code, &imported["updated"], &imported["waiting"]),
        (Some(0), &json!(1), &json!(1)),
        "{lines:?}"
    );
    stop(server);
}

#[test]
fn a_film_of_a_folder_that_the_channel_has_changes_its_title_and_is_not_kept_twice() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("{SKIPPED}");
        return;
    }
    let (lines, _) = add(&publisher, &QUIET);
    let title = lines[0]["title"].clone();
    let folder = publisher.home.join("films");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(publisher.home.join("ferry.mp4"), folder.join("ferry.mp4")).unwrap();
    let nfo = "<movie><title>The Ferry</title><plot>It leaves.</plot><licence>CC-BY-4.0</licence>\
               <attribution>Somebody</attribution><source>https://example.org/f</source></movie>";
    fs::write(folder.join("ferry.nfo"), nfo).unwrap();
    let (lines, code) = publisher.run(&["channel", "import", "films"]);
    let imported = lines.last().unwrap();
    assert_eq!((code, &imported["updated"]), (Some(0), &json!(1)), "{lines:?}");
    publish(&publisher);
    let all = titles(&publisher);
    assert_eq!(names(&all), ["The Ferry"]);
    assert_eq!(all[0]["id"], title);
    // The same frame is its poster: the torrents are the same.
    assert_eq!(masters(&publisher), 1);
}
