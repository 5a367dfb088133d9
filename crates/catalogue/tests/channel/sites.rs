//! Sites at the public door: their document, their torrent, and what neither may be.

use std::collections::BTreeMap;

use catalogue::channel::{
    BadFiles, BadSite, Files, Key, Level, PagePath, Palette, SITE_FILES_MAX, SITE_MARKDOWN_MAX,
    SITE_MAX, SITE_PAGE_MAX, Site, SiteChannel, SiteFile, Theme, Typeface, check_site_torrent,
    public, site_torrent,
};
use dht::SigningKey;
use proptest::prelude::*;
use torrent::{
    Metainfo,
    create::{Builder, Version},
};

fn path(raw: &str) -> PagePath {
    raw.to_owned().try_into().unwrap()
}

fn files(paths: &[&str]) -> Result<Files, BadFiles> {
    files_of(&Level::Static, paths)
}

fn files_of(level: &Level, paths: &[&str]) -> Result<Files, BadFiles> {
    let all = paths.iter().map(|raw| (path(raw), SiteFile::of(raw.as_bytes())));
    Files::new(level, all.collect())
}

fn site() -> Site {
    Site {
        version: 3,
        issued_ms: 1_790_000_000_000,
        expires_ms: 1_792_592_000_000,
        previous: [7; 32],
        name: serde_json::from_value(serde_json::json!({"en": "Silent evenings"})).unwrap(),
        publisher: "Somebody".to_owned().try_into().unwrap(),
        contact: vec!["mailto:rights@example.org".to_owned().try_into().unwrap()],
        level: Level::Static,
        files: files(&["index.html", "films/1927.html", "style.css"]).unwrap(),
        mirrors: vec!["https://a.example/evenings/".to_owned().try_into().unwrap()],
        channel: Some(SiteChannel::sign(Key([5; 32]), &key(), &Key([6; 32]))),
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

#[test]
fn a_site_comes_back_as_it_was_signed_and_names_its_signer() {
    let sealed = site().seal(&key());
    assert_eq!(Site::open(&sealed), Ok((public(&key()), site())));
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let sealed = site().seal(&key());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(Site::open(&changed).is_err(), "byte {at}");
    }
}

#[test]
fn a_site_without_a_contact_or_a_version_is_refused() {
    let nobody = Site { contact: vec![], ..site() }.seal(&key());
    assert_eq!(Site::open(&nobody), Err(BadSite::NoContact));
    let unborn = Site { version: 0, ..site() }.seal(&key());
    assert_eq!(Site::open(&unborn), Err(BadSite::NoVersion));
}

#[test]
fn files_that_some_system_would_mix_up_are_no_site() {
    assert_eq!(files(&["a.html"]), Err(BadFiles::NoEntry("index.html")));
    for clash in [["a/B.css", "A/b.css"], ["a.css", "a.css/b.html"]] {
        let all = [&["index.html"], &clash[..]].concat();
        assert!(matches!(files(&all), Err(BadFiles::Clash(_))), "{clash:?}");
    }
}

#[test]
fn a_site_has_its_limits() {
    let one = SiteFile { length: 1, sha256: [0; 32] };
    let many = (0..SITE_FILES_MAX).map(|number| (path(&format!("{number}.txt")), one));
    let mut many: BTreeMap<_, _> = many.collect();
    many.insert(PagePath::entry(), one);
    assert_eq!(Files::new(&Level::Static, many), Err(BadFiles::TooMany));
    let large = SiteFile { length: SITE_MAX + 1, ..one };
    assert_eq!(
        Files::new(&Level::Static, [(PagePath::entry(), large)].into()),
        Err(BadFiles::TooLarge)
    );
    let endless = SiteFile { length: u64::MAX, ..one };
    let two = [(PagePath::entry(), endless), (path("a.css"), endless)];
    assert_eq!(Files::new(&Level::Static, two.into()), Err(BadFiles::TooLarge));
    let long = |name, length| [(PagePath::entry(), one), (path(name), SiteFile { length, ..one })];
    for name in ["a/b.html", "b.HTM"] {
        let refused = Err(BadFiles::LargePage(name.to_owned()));
        assert_eq!(Files::new(&Level::Static, long(name, SITE_PAGE_MAX + 1).into()), refused);
        assert!(Files::new(&Level::Static, long(name, SITE_PAGE_MAX).into()).is_ok());
    }
    assert!(Files::new(&Level::Static, long("a.webm", SITE_PAGE_MAX + 1).into()).is_ok());
}

fn text() -> Level {
    let language = "fr".to_owned().try_into().unwrap();
    Level::Text(Theme { palette: Palette::Sea, typeface: Typeface::Serif, language })
}

#[test]
fn a_site_of_markdown_comes_back_with_its_theme_and_begins_with_its_own_page() {
    let files = files_of(&text(), &["index.md", "films/index.md", "a.webp", "b.svg"]).unwrap();
    let site = Site { level: text(), files, ..site() };
    assert_eq!(Site::open(&site.seal(&key())), Ok((public(&key()), site.clone())));
    let at = |address| site.files.at(address).map(|(path, _)| (**path).to_owned());
    assert_eq!(at("/").as_deref(), Some("index.md"));
    assert_eq!(at("/films/").as_deref(), Some("films/index.md"));
    assert_eq!(at("/index.html"), None);
}

#[test]
fn a_site_of_markdown_has_texts_and_pictures_alone() {
    assert_eq!(files_of(&text(), &["index.html"]), Err(BadFiles::NoEntry("index.md")));
    for other in ["a.html", "a.css", "a.js", "a.json", "a.txt", "a.woff2", "a.webm"] {
        let refused = Err(BadFiles::NoText(other.to_owned()));
        assert_eq!(files_of(&text(), &["index.md", other]), refused);
    }
    let long = |length| [(path("index.md"), SiteFile { length, sha256: [0; 32] })].into();
    assert!(Files::new(&text(), long(SITE_MARKDOWN_MAX)).is_ok());
    let refused = Err(BadFiles::LargeText("index.md".to_owned()));
    assert_eq!(Files::new(&text(), long(SITE_MARKDOWN_MAX + 1)), refused);
}

#[test]
fn an_address_means_a_file_or_nothing() {
    let site = site();
    let at = |address| site.files.at(address).map(|(path, _)| (**path).to_owned());
    assert_eq!(at("/").as_deref(), Some("index.html"));
    assert_eq!(at("/films/1927.html").as_deref(), Some("films/1927.html"));
    for nothing in
        ["", "index.html", "/films/", "/films", "//", "/../m", "/m", "/%6d", "/INDEX.HTML"]
    {
        assert_eq!(at(nothing), None, "{nothing}");
    }
}

fn pages(changed: &[u8]) -> BTreeMap<PagePath, Vec<u8>> {
    [
        (path("a/long.txt"), vec![7; 200_000]),
        (path("index.html"), changed.to_vec()),
        (path("z.css"), b"body {}".to_vec()),
    ]
    .into()
}

/// The Merkle roots of the files of a torrent, by their paths.
fn roots(torrent: &Metainfo) -> BTreeMap<Vec<String>, Option<torrent::Sha256Hash>> {
    torrent.info.files().iter().map(|file| (file.path.clone(), file.pieces_root)).collect()
}

#[test]
fn the_same_files_give_the_same_torrent_and_a_changed_page_leaves_the_others() {
    let torrent = site_torrent(b"document", b"root", &pages(b"first")).unwrap();
    assert_eq!(
        torrent.info.hashes(),
        site_torrent(b"document", b"root", &pages(b"first")).unwrap().info.hashes()
    );
    assert_eq!(check_site_torrent(&torrent), Ok(()));
    let other = site_torrent(b"document", b"root", &pages(b"other")).unwrap();
    let (before, after) = (roots(&torrent), roots(&other));
    let changed: Vec<_> = before.iter().filter(|(path, root)| after[*path] != **root).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
}

fn stranger(name: &str, path: &[&str], length: u64) -> Metainfo {
    let mut builder = Builder::folder(name);
    builder.version = Version::V2;
    builder.file(path.iter().map(|&part| part.to_owned()).collect(), length);
    builder.file(vec!["m".to_owned()], 1);
    let mut hashing = builder.start().unwrap();
    while let Some((_, length)) = hashing.next_file() {
        hashing.feed(&vec![0; usize::try_from(length).unwrap()]).unwrap();
    }
    hashing.finish().unwrap()
}

#[test]
fn a_torrent_of_something_else_is_refused_before_a_file_is_made() {
    assert_eq!(check_site_torrent(&stranger("kinora-channel", &["pages", "a.html"], 1)), Ok(()));
    for (name, path) in [
        ("other", &["pages", "a.html"][..]),
        ("kinora-channel", &["a.html"]),
        ("kinora-channel", &["pages", "a.exe"]),
        ("kinora-channel", &["pages", "con", "a.html"]),
        ("kinora-channel", &["other", "a.html"]),
    ] {
        assert!(check_site_torrent(&stranger(name, path, 1)).is_err(), "{name} {path:?}");
    }
    let large = stranger("kinora-channel", &["pages", "a.html"], SITE_MAX + (8 << 20));
    assert!(check_site_torrent(&large).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_a_site_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        Site::open(&bytes).ok();
    }

    #[test]
    fn any_text_is_a_path_that_stays_in_its_folder_or_none(raw in ".{0,60}") {
        if let Ok(path) = PagePath::try_from(raw) {
            prop_assert!(path.split('/').all(|part| !part.starts_with('.') && !part.is_empty()));
            prop_assert!(path.is_ascii() && !path.contains(['\\', ':', '%', '?', '#']));
        }
    }
}
