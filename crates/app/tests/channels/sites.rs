//! Sites between real processes: published, visited, shown to a browser, and outliving their publisher.

mod mirrored;
mod moved;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    network::{Household, World, ready, stop},
    program::Running,
};

const CONTACT: [&str; 2] = ["--contact", "mailto:rights@example.org"];
/// Of a site that nobody has.
const ADDRESS: &str = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
const OPEN: [&str; 2] = ["--no-open", "--until-input-ends"];

fn write(home: &Path, pages: &[(&str, &str)]) {
    for (name, text) in pages {
        let path = home.join("pages").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const PAGES: [(&str, &str); 4] = [
    ("index.html", "<h1>Evenings</h1><script>steal()</script><a href=\"films/1927.html\">1927</a>"),
    ("films/1927.html", "<p onclick=\"steal()\">Metropolis</p>"),
    ("style.css", "h1 { color: red }"),
    (".draft.html", "secret"),
];

/// Makes a site of these pages and publishes it; its address and who shares it.
fn publish(publisher: &Household, pages: &[(&str, &str)], more: &[&str]) -> (String, Running) {
    let created = publisher.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let address = created["address"].as_str().unwrap().to_owned();
    assert_eq!(created["words"].as_str().unwrap().split(' ').count(), 24);
    write(&publisher.home, pages);
    let arguments = [&["site", "publish", "pages", "--until-input-ends"], more].concat();
    let mut publishing = publisher.start(&arguments);
    let published = publishing.next();
    assert_eq!((&published["event"], &published["version"]), (&"published".into(), &1.into()));
    assert_eq!(published["address"], *address);
    (address, publishing)
}

fn open(visitor: &Household, address: &str) -> (Running, Value) {
    ready(visitor.start(&[&["site", "open", address], &OPEN[..]].concat()))
}

/// As [`open`], once the newest version is here.
fn open_newest(visitor: &Household, address: &str) -> (Running, Value) {
    ready(visitor.start(&[&["site", "open", address, "--newest"], &OPEN[..]].concat()))
}

/// The host of a site, and the port that it is shown at.
fn host(ready: &Value) -> (String, u16) {
    let url = ready["url"].as_str().unwrap();
    let host = url.strip_prefix("http://").unwrap().strip_suffix('/').unwrap();
    let port = host.rsplit_once(':').unwrap().1.parse().unwrap();
    (host.to_owned(), port)
}

/// What a browser gets: everything up to the end of the connection.
fn ask(method: &str, host: &str, port: u16, path: &str, more: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Asks for a page of a site, as its frame does.
fn get(ready: &Value, path: &str, more: &str) -> String {
    let (host, port) = host(ready);
    ask("GET", &host, port, path, more, "")
}

fn get_frame(ready: &Value, path: &str, more: &str) -> String {
    let (_, port) = host(ready);
    ask("GET", &format!("site.localhost:{port}"), port, path, more, "")
}

/// Sends what a button of the frame sends.
fn answer_frame(ready: &Value, form: &str) -> u16 {
    let (_, port) = host(ready);
    status(&ask("POST", &format!("site.localhost:{port}"), port, "/.scripts", "", form))
}

/// What the buttons of a frame prove themselves with.
fn token(frame: &str) -> &str {
    frame.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// Lets the scripts of a site run.
fn agree(ready: &Value) {
    let frame = get_frame(ready, "/", "");
    assert_eq!(answer_frame(ready, &format!("token={}&agree=1", token(&frame))), 303);
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_site_outlives_its_publisher_and_only_what_changed_comes_again() {
    let world = World::new(8);
    let [publisher, visitor, late] =
        ["publisher", "visitor", "late"].map(|name| world.household(name));
    let (address, publishing) = publish(&publisher, &PAGES, &[]);
    let (first, ready) = open(&visitor, &address);
    assert_eq!((&ready["name"], &ready["scripts"]), (&"Silent evenings".into(), &false.into()));
    assert!(get(&ready, "/films/1927.html", "").contains("Metropolis"));
    assert_eq!(publishing.close_input(), Some(0));

    let (second, ready) = open(&late, &address);
    assert!(get(&ready, "/", "").contains("Evenings"), "it came from the first visitor alone");
    assert_eq!(second.close_input(), Some(0));
    assert_eq!(first.close_input(), Some(0));

    write(&publisher.home, &[("films/1927.html", "<p>The General</p>")]);
    let mut publishing = publisher.start(&["site", "publish", "pages", "--until-input-ends"]);
    let published = publishing.next();
    assert_eq!((&published["version"], &published["files"]), (&2.into(), &3.into()));
    assert_eq!(published["new_bytes"], "<p>The General</p>".len());
    // What is here is shown at once, and a newer version found behind it.
    let (mut third, ready) = open(&visitor, &address);
    assert_eq!(ready["version"], 1);
    let updated = third.next();
    assert_eq!((&updated["event"], &updated["version"]), (&"updated".into(), &2.into()));
    assert!(get(&ready, "/films/1927.html", "").contains("The General"), "nobody read the other");
    assert_eq!(third.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));

    let offline = [&["site", "open", &address, "--no-dht"], &OPEN[..]].concat();
    let mut offline = late.start(&offline);
    let ready = offline.next();
    assert_eq!((&ready["event"], &ready["version"]), (&"ready".into(), &1.into()));
    assert!(get(&ready, "/", "").contains("Evenings"));
    assert_eq!(offline.close_input(), Some(0));
}

/// Whether a frame offers a newer version.
fn offers(ready: &Value) -> bool {
    let offered = get_frame(ready, "/.newer", "");
    let frame = get_frame(ready, "/", "");
    let waits =
        frame.contains("A newer version of this site has come") && !frame.contains(" hidden>");
    assert_eq!(waits, !body(&offered).contains("null"), "{offered} {frame}");
    waits
}

/// Presses the frame's button for the newer version, at a page.
fn show_newer(ready: &Value, page: &str) {
    let frame = get_frame(ready, page, "");
    let (_, port) = host(ready);
    let press = |token: &str| {
        let form = format!("token={token}");
        let path = format!("/.newer?{page}");
        ask("POST", &format!("site.localhost:{port}"), port, &path, "", &form)
    };
    assert_eq!(status(&press("guessed")), 403);
    assert!(offers(ready));
    let shown = press(token(&frame));
    assert_eq!((status(&shown), header(&shown, "location")), (303, Some(page)), "{shown}");
    assert!(!offers(ready));
}

#[test]
fn what_a_visitor_reads_stays_as_it_is_until_they_ask_for_the_newer_version() {
    let world = World::new(8);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let (serving, _) = publisher.serve();
    let created = publisher.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let address = created["address"].as_str().unwrap();
    write(&publisher.home, &PAGES);
    assert_eq!(publisher.one(&["site", "publish", "pages"])["version"], 1);
    let (mut opened, ready) = open(&visitor, address);
    assert!(get(&ready, "/films/1927.html", "").contains("Metropolis"));
    assert!(!offers(&ready));

    for (version, film) in [(2, "The General"), (3, "Sunrise")] {
        write(&publisher.home, &[("films/1927.html", film)]);
        assert_eq!(publisher.one(&["site", "publish", "pages"])["version"], version);
        assert_eq!(opened.next()["version"], version);
        // Its files stay as well, those that were not read yet among them.
        assert!(get(&ready, "/films/1927.html", "").contains("Metropolis"));
        assert!(get(&ready, "/style.css", "").contains("color: red"));
    }
    show_newer(&ready, "/films/1927.html");
    assert!(get(&ready, "/films/1927.html", "").contains("Sunrise"), "the newest of them");
    assert_eq!(opened.close_input(), Some(0));
    stop(serving);
}

#[test]
fn pages_of_a_site_can_do_nothing_but_be_read_and_only_inside_our_frame() {
    let world = World::new(4);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let (address, publishing) = publish(&publisher, &PAGES, &[]);
    let (opened, ready) = open(&visitor, &address);
    let (site, port) = host(&ready);
    let key = address.strip_prefix("kinora:").unwrap();
    assert_eq!(site, format!("{key}.site.localhost:{port}"));
    let name = format!("site.localhost:{port}");

    let page = get(&ready, "/", "");
    assert!(page.contains("Evenings") && !page.contains("steal"), "{page}");
    let policy = page.lines().find(|line| line.starts_with("content-security-policy")).unwrap();
    for needed in [
        "default-src 'none'",
        "script-src 'none'",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "sandbox allow-same-origin",
        &format!("frame-ancestors http://{name}"),
    ] {
        assert!(policy.contains(needed), "{needed} is not in {policy}");
    }
    assert!(!policy.contains("allow-scripts"));
    for needed in ["nosniff", "referrer-policy: no-referrer", "x-dns-prefetch-control: off"] {
        assert!(page.contains(needed), "{needed}");
    }
    assert!(!page.to_lowercase().contains("access-control") && !page.contains("set-cookie"));

    let frame = get_frame(&ready, "/films/1927.html", "");
    assert!(frame.contains(&format!("frame-src http://{site};")), "{frame}");
    assert!(
        frame.contains("sandbox=\"allow-same-origin ") && frame.matches("<script").count() == 1,
        "{frame}"
    );
    let leaving = get(&ready, "/.leave?from=%2Ffilms%2F1927.html&to=https%3A%2F%2Fa.test%2F", "");
    assert!(leaving.contains("<code dir=\"ltr\">https://a.test/</code>"), "{leaving}");
    assert!(leaving.contains("href=\"/films/1927.html\""), "{leaving}");
    for (answer, opens_tabs) in [(&leaving, true), (&page, false)] {
        let policy = header(answer, "content-security-policy").unwrap();
        assert_eq!(policy.contains("allow-popups"), opens_tabs, "{policy}");
        assert!(!policy.contains("allow-scripts") && !policy.contains("allow-top"), "{policy}");
    }
    for nowhere in ["/.leave", "/.leave?to=http%3A%2F%2Fa.test", "/.leave?to=javascript%3Aa()"] {
        assert_eq!(status(&get(&ready, nowhere, "")), 404, "{nowhere}");
    }
    // The frame's one script is ours, and asks for one thing alone.
    let policy = header(&frame, "content-security-policy").unwrap();
    for needed in [
        format!("script-src http://{name}/.frame.js;"),
        format!("connect-src http://{name}/.newer;"),
    ] {
        assert!(policy.contains(&needed), "{needed} is not in {policy}");
    }
    let script = get_frame(&ready, "/.frame.js", "");
    assert_eq!(header(&script, "content-type"), Some("text/javascript; charset=utf-8"));
    assert!(frame.contains("1927.html") && frame.contains("Silent evenings"));

    let alone = get(&ready, "/films/1927.html", "Sec-Fetch-Dest: document\r\n");
    assert_eq!(status(&alone), 303, "a site is never a page by itself");
    assert!(alone.contains(&format!("location: http://{name}/films/1927.html")));
    // Our own page is a stranger to these names as well: it may link here, and neither it nor another may look in.
    let from_elsewhere =
        |dest: &str| format!("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: {dest}\r\n");
    assert_eq!(status(&get(&ready, "/", &from_elsewhere("document"))), 303);
    assert_eq!(status(&get_frame(&ready, "/", &from_elsewhere("document"))), 200);
    for dest in
        ["iframe", "frame", "object", "embed", "image", "script", "style", "empty", "worker"]
    {
        let header = from_elsewhere(dest);
        assert_eq!(status(&get(&ready, "/", &header)), 403, "{dest}");
        assert_eq!(status(&get_frame(&ready, "/", &header)), 403, "{dest}");
    }
    let sent = ask("POST", &name, port, "/.scripts", &from_elsewhere("document"), "agree=1");
    assert_eq!(status(&sent), 403, "a form of another page");
    for header in ["Sec-Fetch-Site: cross-site\r\n", "Service-Worker: script\r\n"] {
        assert_eq!(status(&get(&ready, "/", header)), 403, "{header}");
    }
    for nothing in ["/.draft.html", "/m", "/../m", "/%2e%2e/m", "/films", "/pages/index.html"] {
        assert_eq!(status(&get(&ready, nothing, "")), 404, "{nothing}");
    }
    assert_eq!(status(&ask("POST", &site, port, "/", "", "")), 405);
    let [other, parent] =
        [format!("{}.site.localhost:{port}", &ADDRESS[7..]), format!("localhost:{port}")];
    for foreign in [
        other,
        parent,
        format!("127.0.0.1:{port}"),
        format!("evil.test:{port}"),
        "localhost".into(),
    ] {
        let answer = ask("GET", &foreign, port, "/", "", "");
        assert!(status(&answer) >= 400 && !answer.contains("Evenings"), "{foreign}");
    }
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

#[test]
fn cookies_of_a_site_are_forgotten_and_never_shut_it() {
    let world = World::new(4);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let (address, publishing) = publish(&publisher, &PAGES, &[]);
    let (opened, ready) = open(&visitor, &address);
    let forgets = |answer: &str| header(answer, "clear-site-data").is_some();
    // As many as browsers keep of one site, and as long as they may be.
    let all = format!("Cookie: {}\r\n", format!("a={};", "x".repeat(4090)).repeat(180));
    for cookies in ["Cookie: a=b\r\n", &all] {
        for answer in [get(&ready, "/", cookies), get_frame(&ready, "/", cookies)] {
            assert_eq!(status(&answer), 200);
            assert_eq!(header(&answer, "clear-site-data"), Some("\"cookies\""));
        }
        assert!(forgets(&get(&ready, "/nothing", cookies)));
    }
    assert!(!forgets(&get(&ready, "/", "")) && !forgets(&get_frame(&ready, "/", "")));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

#[test]
fn scripts_run_when_the_visitor_agrees_and_wait_again_when_the_site_changes() {
    let world = World::new(4);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let pages = [("index.html", "<script src=\"a.js\"></script>"), ("a.js", "go()")];
    let (address, publishing) = publish(&publisher, &pages, &["--scripts"]);
    let (opened, ready) = open(&visitor, &address);
    assert_eq!(ready["scripts"], true);
    assert_eq!(status(&get(&ready, "/a.js", "")), 404);
    assert!(!get(&ready, "/", "").contains("a.js"));

    assert_eq!(answer_frame(&ready, "token=guessed&agree=1"), 403);
    assert_eq!(status(&get(&ready, "/a.js", "")), 404);
    agree(&ready);
    assert!(get(&ready, "/a.js", "").contains("go()"));
    assert!(get(&ready, "/", "").contains("script-src 'self'"));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));

    write(&publisher.home, &[("a.js", "steal()")]);
    let again = ["site", "publish", "pages", "--scripts", "--until-input-ends"];
    let mut publishing = publisher.start(&again);
    assert_eq!(publishing.next()["version"], 2);
    let (opened, ready) = open_newest(&visitor, &address);
    assert_eq!(ready["version"], 2);
    assert_eq!(status(&get(&ready, "/a.js", "")), 404);
    assert!(get_frame(&ready, "/", "").contains("changed since"));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

/// The value of a header of an answer.
fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_film_of_a_site_can_be_sought_in() {
    let world = World::new(4);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let film: String = (0..30_000).map(|place| format!("{place:08}")).collect();
    let pages = [("index.html", "<video src=\"a.webm\">"), ("a.webm", film.as_str())];
    let (address, publishing) = publish(&publisher, &pages, &[]);
    let (opened, ready) = open(&visitor, &address);
    let whole = get(&ready, "/a.webm", "");
    assert_eq!((status(&whole), body(&whole) == film), (200, true));
    assert_eq!(header(&whole, "accept-ranges"), Some("bytes"));
    let tag = header(&whole, "etag").unwrap().to_owned();
    let part = |more: &str| get(&ready, "/a.webm", more);

    let parts = [
        ("bytes=100000-199999", 100_000..200_000),
        ("bytes=239990-", 239_990..240_000),
        ("bytes=-10", 239_990..240_000),
        ("bytes=239990-999999999", 239_990..240_000),
    ];
    for (range, place) in parts {
        let answer = part(&format!("Range: {range}\r\n"));
        assert_eq!((status(&answer), body(&answer)), (206, &film[place.clone()]), "{range}");
        let told = format!("bytes {}-{}/240000", place.start, place.end - 1);
        assert_eq!(header(&answer, "content-range"), Some(&*told));
        assert_eq!(header(&answer, "content-length"), Some(&*place.len().to_string()));
        assert_eq!(header(&answer, "content-type"), Some("video/webm"));
    }
    for range in ["bytes=240000-", "bytes=99999999999999999999-", "bytes=-0"] {
        let answer = part(&format!("Range: {range}\r\n"));
        assert_eq!((status(&answer), body(&answer)), (416, ""), "{range}");
        assert_eq!(header(&answer, "content-range"), Some("bytes */240000"));
    }
    // RFC 9110, section 14.2: what is malformed or several parts at once is answered with the whole.
    for range in ["bytes=0-1,5-6", "bytes=9-1", "bytes=a-b", "bytes=-", "items=0-1", "nonsense"] {
        let answer = part(&format!("Range: {range}\r\n"));
        assert_eq!((status(&answer), body(&answer) == film), (200, true), "{range}");
    }
    let held = |tag: &str| status(&part(&format!("Range: bytes=0-1\r\nIf-Range: {tag}\r\n")));
    assert_eq!((held(&tag), held("\"another\"")), (206, 200));

    let (site, port) = host(&ready);
    let told = ask("HEAD", &site, port, "/a.webm", "Range: bytes=8-15\r\n", "");
    assert_eq!((status(&told), body(&told)), (206, ""));
    assert_eq!(header(&told, "content-range"), Some("bytes 8-15/240000"));
    let refused = part("Range: bytes=0-1\r\nSec-Fetch-Site: cross-site\r\n");
    assert_eq!((status(&refused), body(&refused)), (403, ""));
    for answer in [&part("Range: bytes=0-1\r\n"), &part("Range: bytes=240000-\r\n"), &whole] {
        assert!(header(answer, "content-security-policy").unwrap().contains("default-src 'none'"));
        assert_eq!(header(answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(answer, "cache-control"), Some("no-store"));
        assert_eq!(header(answer, "cross-origin-resource-policy"), Some("same-origin"));
    }
    // A page without scripts is made here, and is whole or not at all.
    let page = get(&ready, "/", "Range: bytes=0-1\r\n");
    assert_eq!((status(&page), body(&page)), (200, "<video src=\"a.webm\">"));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

#[test]
fn a_drawing_of_a_site_is_a_picture_and_never_a_page() {
    let world = World::new(4);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\"><a href=\"https://evil.test\"/></svg>";
    let pages =
        [("index.html", "<script src=\"a.js\"></script>"), ("a.js", ""), ("b/p.svg", drawing)];
    let (address, publishing) = publish(&publisher, &pages, &["--scripts"]);
    let (opened, ready) = open(&visitor, &address);
    let drawn = |dest: &str| get(&ready, "/b/p.svg", &format!("Sec-Fetch-Dest: {dest}\r\n"));
    let is_raw = |answer: &str| {
        assert_eq!(status(answer), 200);
        let is_raw = header(answer, "content-type") == Some("image/svg+xml");
        assert_eq!(is_raw, body(answer) == drawing, "{answer}");
        is_raw
    };
    assert!(is_raw(&drawn("image")));
    for dest in ["iframe", "frame", "object", "embed", "empty"] {
        assert!(!is_raw(&drawn(dest)), "{dest}");
    }
    let page = get(&ready, "/b/p.svg", "");
    assert!(!is_raw(&page) && body(&page).contains("<img src=\"/b/p.svg\""), "{page}");

    agree(&ready);
    assert!(is_raw(&drawn("empty")), "scripts that run may read what is theirs");
    assert!(!is_raw(&drawn("iframe")));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

#[test]
fn sites_are_made_and_published_while_the_server_runs_and_visitors_hear_of_it() {
    let world = World::new(12);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let (serving, served) = publisher.serve();
    let (lines, code) = publisher.run(&["site", "publish", "pages"]);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &"not_ours".into()));
    let created = publisher.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let address = created["address"].as_str().unwrap().to_owned();
    assert_eq!(created["words"].as_str().unwrap().split(' ').count(), 24);

    write(&publisher.home, &PAGES);
    write(&publisher.home, &[("a.js", ""), ("my film.html", "")]);
    let (lines, code) = publisher.run(&["site", "publish", "pages"]);
    let error = &lines[0];
    assert_eq!((code, &error["code"]), (Some(2), &"site_unfit".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("a.js") && message.contains("my film.html"), "{message}");
    for odd in ["a.js", "my film.html"] {
        fs::remove_file(publisher.home.join("pages").join(odd)).unwrap();
    }
    let published = publisher.one(&["site", "publish", "pages"]);
    assert_eq!((&published["event"], &published["version"]), (&"published".into(), &1.into()));
    assert_eq!((&published["address"], &published["files"]), (&address.clone().into(), &3.into()));
    assert!(published["copies"].as_u64() >= Some(1), "{published}");
    let (_, own) = world.get(&served, "/api/v1/own-sites");
    let own: Value = serde_json::from_slice(&own).unwrap();
    let pages = publisher.home.join("pages");
    assert_eq!(own["sites"][0]["folder"], pages.to_str().unwrap());
    assert_eq!((&own["sites"][0]["version"], &own["sites"][0]["files"]), (&1.into(), &3.into()));

    let mine = publisher.one(&["site", "open", &address]);
    let (mut opened, ready) = open(&visitor, &address);
    assert!(get(&ready, "/films/1927.html", "").contains("Metropolis"));

    write(&publisher.home, &[("films/1927.html", "<p>The General</p>")]);
    let since = Instant::now();
    let published = publisher.one(&["site", "publish", "pages", "--site", &address]);
    assert_eq!(published["version"], 2);
    assert_eq!(published["new_bytes"], "<p>The General</p>".len());
    assert!(get(&mine, "/films/1927.html", "").contains("The General"), "it is open here already");
    // Whoever has it open is told by others, long before the DHT would be asked again.
    let updated = opened.next();
    assert_eq!((&updated["event"], &updated["version"]), (&"updated".into(), &2.into()));
    assert!(since.elapsed() < Duration::from_secs(150), "it was not told, it asked");
    show_newer(&ready, "/films/1927.html");
    assert!(get(&ready, "/films/1927.html", "").contains("The General"));
    assert_eq!(opened.close_input(), Some(0));
    stop(serving);

    // What the server made is there without it.
    let mut publishing = publisher.start(&["site", "publish", "pages", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 3);
    assert_eq!(publishing.close_input(), Some(0));
}

/// Makes a site whose keys were replaced once, has somebody visit it, and loses the publisher. What is left is its words.
fn lose(world: &World, visitor: &Household) -> (String, Running, String) {
    let lost = world.household("lost");
    let created = lost.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let text = |field: &str| created[field].as_str().unwrap().to_owned();
    assert_eq!(lost.one(&["site", "rotate"])["address"], *text("address"));
    write(&lost.home, &PAGES);
    let mut publishing = lost.start(&["site", "publish", "pages", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    let (opened, _) = open(visitor, &text("address"));
    assert_eq!(publishing.close_input(), Some(0));
    (text("address"), opened, text("words"))
}

const RESTORE: [&str; 6] = ["site", "restore", "--words-file", "words", "--passphrase-file", "one"];

fn write_secrets(home: &Path, words: &str) {
    for (name, text) in [("words", words), ("one", "correct horse\n"), ("two", "battery staple\n")]
    {
        fs::write(home.join(name), text).unwrap();
    }
}

/// A site that is ours again is published from here, with every lock that its secret gets.
fn go_on(new: &Household, address: &str) {
    assert_eq!(new.run(&["site", "rotate"]).1, Some(2), "the secret is locked");
    let lock = ["site", "lock", "--old-passphrase-file", "one", "--passphrase-file", "two"];
    assert_eq!(new.one(&lock)["locked"], true);
    assert_eq!(new.run(&["site", "rotate", "--passphrase-file", "one"]).1, Some(2));
    let rotated = new.one(&["site", "rotate", "--passphrase-file", "two"]);
    assert_eq!((&rotated["event"], &rotated["address"]), (&"rotated".into(), &address.into()));
    write(&new.home, &[("index.html", "<h1>Nights</h1>")]);
}

#[test]
fn a_site_is_brought_back_from_its_words_by_what_a_visitor_has() {
    let world = World::new(8);
    let [visitor, new] = ["visitor", "new"].map(|name| world.household(name));
    let (address, mut opened, words) = lose(&world, &visitor);

    write_secrets(&new.home, "abandon ability");
    let (lines, code) = new.run_networked(&RESTORE);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &"bad_words".into()));
    write_secrets(&new.home, &words);
    let (lines, code) = new.run_networked(&RESTORE);
    assert_eq!(code, Some(0), "{lines:?}");
    let restored = &lines[0];
    assert_eq!((&restored["address"], &restored["version"]), (&address.clone().into(), &1.into()));
    assert_eq!((&restored["name"], &restored["locked"]), (&"Silent evenings".into(), &true.into()));
    let (lines, code) = new.run_networked(&RESTORE);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &"already_here".into()));

    go_on(&new, &address);
    let mut publishing = new.start(&["site", "publish", "pages", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 2);
    let updated = opened.next();
    assert_eq!((&updated["event"], &updated["version"]), (&"updated".into(), &2.into()));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

#[test]
fn a_site_is_brought_back_while_the_server_runs() {
    let world = World::new(8);
    let [visitor, new] = ["visitor", "new"].map(|name| world.household(name));
    let (address, mut opened, words) = lose(&world, &visitor);
    let (serving, served) = new.serve();
    let is_left = || {
        let own = world.get(&served, "/api/v1/own-sites").1;
        serde_json::from_slice::<Value>(&own).unwrap()["sites"][0]["key_unpublished"].clone()
    };

    write_secrets(&new.home, &words);
    let restored = new.one(&RESTORE);
    assert_eq!((&restored["address"], &restored["version"]), (&address.clone().into(), &1.into()));
    assert_eq!((&restored["name"], &restored["locked"]), (&"Silent evenings".into(), &true.into()));
    let (lines, code) = new.run(&RESTORE);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &"already_here".into()));

    assert_eq!(is_left(), false);
    go_on(&new, &address);
    assert_eq!(is_left(), true, "the key that signed what is out was replaced");
    assert_eq!(new.one(&["site", "publish", "pages"])["version"], 2);
    assert_eq!(is_left(), false);
    let updated = opened.next();
    assert_eq!((&updated["event"], &updated["version"]), (&"updated".into(), &2.into()));
    assert_eq!(opened.close_input(), Some(0));
    stop(serving);
}

#[test]
fn what_is_no_site_is_refused_with_what_to_do() {
    let world = World::new(4);
    let household = world.household("publisher");
    let code = |(lines, code): (Vec<Value>, Option<i32>)| {
        let error = lines.last().expect("it says why");
        assert!(!error["hint"].as_str().unwrap().is_empty(), "{error}");
        (error["code"].as_str().unwrap().to_owned(), code)
    };
    write(&household.home, &[("index.html", ""), ("a.js", "")]);
    assert_eq!(code(household.run(&["site", "publish", "pages"])), ("not_ours".into(), Some(2)));
    household.one(&[&["site", "create", "A"], &CONTACT[..]].concat());
    let refused = code(household.run(&["site", "publish", "pages"]));
    assert_eq!(refused, ("site_unfit".into(), Some(2)), "a script without --scripts");
    assert_eq!(code(household.run(&["site", "open", "nonsense"])), ("bad_address".into(), Some(2)));
    let everywhere = ["site", "open", ADDRESS];
    let unknown = household.run_networked(&[&everywhere[..], &["--timeout", "1"]].concat());
    assert_eq!(code(unknown), ("site_unknown".into(), Some(3)));

    let channel = household.create(&["Metropolis"]);
    let mut publishing = household.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["event"], "published");
    let visitor = world.household("visitor");
    let refused = code(visitor.run_networked(&["site", "open", &channel, "--timeout", "20"]));
    assert_eq!(refused.1, Some(5), "{refused:?}");
    assert_eq!(publishing.close_input(), Some(0));
}

#[test]
fn a_server_keeps_sites_alive_and_opens_them_for_its_household() {
    let world = World::new(12);
    let [publisher, first, late] = ["publisher", "first", "late"].map(|name| world.household(name));
    let (address, publishing) = publish(&publisher, &PAGES, &[]);
    let (serving, _) = first.serve();
    let ready = first.one(&["site", "open", &address]);
    assert_eq!((&ready["event"], &ready["name"]), (&"ready".into(), &"Silent evenings".into()));
    assert!(get(&ready, "/films/1927.html", "").contains("Metropolis"));
    assert_eq!(publishing.close_input(), Some(0));
    stop(serving);

    // After a start it is given to others although nobody opened it.
    let (serving, _) = first.serve();
    let (opened, ready) = open(&late, &address);
    assert_eq!(ready["version"], 1);
    assert_eq!(opened.close_input(), Some(0));
    stop(serving);
}

const TEXTS: [(&str, &str); 4] = [
    (
        "index.md",
        "# Evenings\n\n[1927](films/1927.md) and [out](https://example.org/)\n\n<script>steal()</script>",
    ),
    ("films/1927.md", "# Metropolis\n\n![A still](still.svg)"),
    ("films/still.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    (".draft.md", "secret"),
];

#[test]
fn texts_become_pages_of_plain_elements_that_load_nothing_but_pictures() {
    let world = World::new(4);
    let [publisher, visitor] = ["publisher", "visitor"].map(|name| world.household(name));
    let theme = ["--markdown", "--palette", "sea", "--language", "ar"];
    let (address, publishing) = publish(&publisher, &TEXTS, &theme);
    let (opened, ready) = open(&visitor, &address);
    assert_eq!(ready["scripts"], false);
    let page = get(&ready, "/", "Accept-Language: fr\r\n");
    assert_eq!(header(&page, "content-type"), Some("text/html; charset=utf-8"));
    for shown in [
        "<html lang=\"ar\" dir=\"rtl\">",
        "<title>Evenings – Silent evenings</title>",
        "<h1 id=\"evenings\" dir=\"auto\">Evenings</h1>",
        "<a href=\"/films/1927.md\">1927</a>",
        "&to=https%3A%2F%2Fexample%2Eorg%2F\">out</a> <span class=\"out\" dir=\"ltr\">[https://example.org/]</span>",
        "&lt;script&gt;steal()&lt;/script&gt;",
        "lang=\"fr\" dir=\"ltr\">Aller au texte</a>",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    let policy = header(&page, "content-security-policy").unwrap();
    for needed in ["default-src 'none'; img-src 'self'; style-src 'self';", "script-src 'none'"] {
        assert!(policy.contains(needed), "{needed} is not in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("allow-scripts"), "{policy}");
    let film = get(&ready, "/films/1927.md", "");
    assert!(film.contains("<img src=\"/films/still.svg\" alt=\"A still\""), "{film}");
    assert!(
        film.contains("<a href=\"/films/1927.md\" dir=\"auto\" aria-current=\"page\">"),
        "{film}"
    );
    let style = get(&ready, "/.theme.css", "");
    assert_eq!(
        (status(&style), header(&style, "content-type")),
        (200, Some("text/css; charset=utf-8"))
    );
    assert!(body(&style).contains("prefers-color-scheme:dark"), "{style}");
    for nothing in ["/index.html", "/.draft.md", "/m", "/films", "/films/"] {
        assert_eq!(status(&get(&ready, nothing, "")), 404, "{nothing}");
    }
    assert!(get_frame(&ready, "/", "").contains("Kinora itself drew its pages"));
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));

    write(&publisher.home, &[("a.css", "")]);
    let again = ["site", "publish", "pages", "--markdown", "--until-input-ends"];
    let (lines, code) = publisher.run(&again);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &"site_unfit".into()));
    fs::remove_file(publisher.home.join("pages/a.css")).unwrap();
    let mut publishing = publisher.start(&again);
    assert_eq!(publishing.next()["version"], 2);
    let (opened, ready) = open_newest(&visitor, &address);
    assert!(get(&ready, "/", "").contains("lang=\"ar\""), "what is not said stays as it was");
    assert_eq!(opened.close_input(), Some(0));
    assert_eq!(publishing.close_input(), Some(0));
}

/// Takes the secret off that these words stand for, and shows that publishing goes on and that keys ask for the words.
fn take_off(household: &Household, kind: &str, words: &str) {
    let with = |word: &str, more: &[&str]| household.run(&[&[kind, word], more].concat());
    let code = |(lines, code): (Vec<Value>, Option<i32>)| (lines[0]["code"].clone(), code);
    fs::write(household.home.join("paper"), words).unwrap();
    fs::write(household.home.join("pass"), "correct horse\n").unwrap();
    let other = "abandon ".repeat(23) + "art";
    fs::write(household.home.join("other"), other).unwrap();
    let paper = ["--words-file", "paper"];

    let refused = with("remove-secret", &["--words-file", "other"]);
    assert_eq!(code(refused), ("other_words".into(), Some(2)));
    assert_eq!(with("rotate", &[]).1, Some(0), "nothing was taken off");
    let removed = with("remove-secret", &paper);
    assert_eq!((removed.1, &removed.0[0]["event"]), (Some(0), &"secret_removed".into()));
    for word in ["rotate", "hand-over", "lock"] {
        assert_eq!(code(with(word, &[])), ("secret_away".into(), Some(2)), "{word}");
    }
    assert_eq!(code(with("remove-secret", &paper)), ("secret_away".into(), Some(2)));
    assert_eq!(code(with("rotate", &["--words-file", "other"])), ("other_words".into(), Some(2)));
    assert_eq!(with("rotate", &paper).1, Some(0));
}

#[test]
fn a_secret_is_taken_off_once_its_words_are_typed_and_publishing_goes_on() {
    let world = World::new(4);
    let publisher = world.household("publisher");
    write(&publisher.home, &[("index.html", "<h1>Evenings</h1>")]);
    let made = publisher.one(&[&["site", "create", "Evenings"], &CONTACT[..]].concat());
    take_off(&publisher, "site", made["words"].as_str().unwrap());
    let mut publishing = publisher.start(&["site", "publish", "pages", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    assert_eq!(publishing.close_input(), Some(0));
    assert!(!holds_a_secret(&publisher.home), "no copy is left");

    let (serving, served) = publisher.serve();
    let has_secret = || {
        let own = world.get(&served, "/api/v1/own-sites").1;
        serde_json::from_slice::<Value>(&own).unwrap()["sites"][0]["secret"].clone()
    };
    assert_eq!(has_secret(), false);
    let lock = ["site", "lock", "--words-file", "paper", "--passphrase-file", "pass"];
    assert_eq!(publisher.one(&lock)["locked"], true);
    assert_eq!(has_secret(), true);
    assert_eq!(publisher.run(&["site", "rotate"]).1, Some(2), "it is locked");
    let channel = publisher.one(&[&["channel", "create", "Films"], &CONTACT[..]].concat());
    take_off(&publisher, "channel", channel["words"].as_str().unwrap());
    assert_eq!(publisher.one(&["channel", "publish"])["version"], 1);
    let handed = publisher.one(&["channel", "hand-over", "--words-file", "paper"]);
    assert_eq!(handed["event"], "handed_over");
    let refused =
        publisher.run(&["channel", "rotate", "--channel", handed["to"].as_str().unwrap()]);
    assert_eq!(refused.0[0]["code"], "secret_away", "a secret that is away stays away");
    stop(serving);
}

/// Whether a secret lies anywhere below a folder.
fn holds_a_secret(folder: &Path) -> bool {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| name == "seed") {
                return true;
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    false
}
