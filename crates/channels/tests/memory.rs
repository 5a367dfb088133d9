//! What handing a channel over takes. One test, since others would be measured with it.

use catalogue::{Text, Title, channel::Contact};
use channels::{Channels, NewChannel, Opening, Own, OwnError};
use peak_alloc::PeakAlloc;
use serde_json::json;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const KIB: usize = 1024;
/// About what is said of each title, bytes.
const SAID: usize = 11 * KIB;

/// A film about which much is said.
fn film(number: usize) -> Title {
    let plot = format!("{number} ").repeat(SAID / 3 / format!("{number} ").len());
    let film = json!({
        "id": format!("film-{number}"), "kind": "film", "name": {"en": format!("Film {number}")},
        "synopsis": {"en": plot, "de": plot, "fr": plot}, "licence": "CC-BY-4.0",
        "attribution": "Somebody", "source": "https://example.org/licence",
        "releases": [{"id": format!("r-{number}"), "quality": "720p", "container": "mp4",
            "size_bytes": 1, "path": "a/b.mp4", "torrent": {"v1": format!("{number:040x}")}}],
    });
    serde_json::from_value(film).expect("a title")
}

fn new_channel() -> NewChannel {
    let text = |text: &str| text.to_owned();
    NewChannel {
        kind: catalogue::channel::Kind::Catalogue,
        name: serde_json::from_value(json!({"en": "Films"})).expect("a name"),
        about: Default::default(),
        publisher: Text::try_from(text("Somebody")).expect("a text"),
        contact: Contact::try_from(text("mailto:rights@example.org")).expect("a contact"),
    }
}

/// The most memory that handing over takes more than was in use before; half of the titles are published, half wait.
fn handing_over(titles: usize) -> usize {
    let place = tempfile::tempdir().expect("a folder");
    let channels = Channels::open(place.path()).expect("a folder of channels");
    let (own, _) = Own::create(&channels, new_channel(), None).expect("a channel");
    let half = titles / 2;
    own.add((0..half).map(film).collect()).expect("they wait");
    channels::publish(&channels, *own.folder().key()).expect("they are published");
    own.add((half..titles).map(film).collect()).expect("they wait");
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let heir = own.hand_over(&channels, &Opening::NOTHING).expect("it is handed over");
    let peak = MEMORY.peak_usage() - before;
    let mut waiting = 0;
    heir.waiting(|title| {
        assert_eq!(title.name.get("en"), Some(&*format!("Film {waiting}")));
        waiting += 1;
        Ok::<_, OwnError>(())
    })
    .expect("what waits");
    assert_eq!(waiting, titles);
    peak
}

#[test]
fn handing_over_holds_no_more_of_many_titles_than_where_they_stand() {
    let (few, many) = (handing_over(200), handing_over(1000));
    let each = many.saturating_sub(few) / 800;
    assert!(each < SAID / 16, "{each} bytes for each title more; {few} and {many} in all");
}
