//! What a visitor of a site has fetched: the first version as a whole, of the next one what changed, and nothing after two
//! that contradict each other until they say so.

use std::{fs, ops::ControlFlow};

use catalogue::channel::{Address, Key, Level};
use channels::{
    PublishedSite, SiteError, Visited, forgive_site, publish_site, put_site, visit_site,
};

use crate::{
    PATIENCE,
    stage::{Home, network, new_channel},
};

/// The bytes of the film that is on the site.
const FILM: u64 = 400_000;

async fn publish(publisher: &Home, key: Key, page: &str) -> PublishedSite {
    let folder = publisher.place().join("site");
    fs::create_dir_all(&folder).unwrap();
    let film: Vec<u8> = (0..FILM).map(|place| (place * place % 251) as u8).collect();
    fs::write(folder.join("film.webm"), film).unwrap();
    fs::write(folder.join("index.html"), "<video src=\"film.webm\"></video>").unwrap();
    fs::write(folder.join("news.html"), page).unwrap();
    let tell = |_| ControlFlow::Continue(());
    let published =
        publish_site(&publisher.channels, key, folder, Level::Static, None, tell).await.unwrap();
    put_site(&publisher.session, &publisher.channels, key).await.unwrap();
    published
}

/// Visits the site: what it has now, and the bytes that came for it.
async fn visit(visitor: &Home, published: &PublishedSite) -> (Visited, u64) {
    let address = Address::new(published.key);
    let visited =
        visit_site(&visitor.session, &visitor.channels, &address, PATIENCE).await.unwrap();
    let torrent = visitor.session.find(&published.torrent).unwrap();
    (visited, torrent.stats().await.unwrap().downloaded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_site_that_changed_a_visitor_fetches_the_changed_page_and_the_signed_document() {
    let network = network().await;
    let (publisher, visitor) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.publisher().create(new_channel("Evenings"), None).await.unwrap().key;

    let first = publish(&publisher, key, "<p>Nothing yet</p>").await;
    let (visited, whole) = visit(&visitor, &first).await;
    assert_eq!(visited.site.version, 1);
    assert!(whole > FILM, "{whole} bytes");

    let page = "<p>The General, on Friday</p>";
    let second = publish(&publisher, key, page).await;
    assert_eq!(second.new_bytes, page.len() as u64);
    let (visited, came) = visit(&visitor, &second).await;
    assert_eq!((visited.site.version, visited.is_new), (2, true));
    assert_eq!(fs::read_to_string(visited.pages.join("news.html")).unwrap(), page);
    let document = visited.pages.parent().unwrap().join("m");
    let needed = page.len() as u64 + fs::metadata(document).unwrap().len();
    assert_eq!(came, needed, "the film and the other page were here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_of_a_site_stand_still_after_two_versions_until_its_visitor_says_so() {
    let network = network().await;
    let (publisher, visitor) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.publisher().create(new_channel("Evenings"), None).await.unwrap().key;
    let first = publish(&publisher, key, "<p>Nothing yet</p>").await;
    visit(&visitor, &first).await;
    visitor.see_another(&publisher, key);
    let second = publish(&publisher, key, "<p>The General</p>").await;

    let address = Address::new(key);
    let halted = visit_site(&visitor.session, &visitor.channels, &address, PATIENCE).await.unwrap();
    assert_eq!((halted.site.version, halted.is_halted), (1, true));
    forgive_site(&visitor.channels, key).unwrap();
    let (visited, _) = visit(&visitor, &second).await;
    assert_eq!((visited.site.version, visited.is_halted), (2, false));
    let unknown = forgive_site(&visitor.channels, Key([9; 32]));
    assert!(matches!(unknown, Err(SiteError::Unknown)), "{unknown:?}");
}
