//! What a download of a title fetches: its film, and what lies beside it in the torrent if that is the film's own.

use app::http::listener::Limits;
use serde_json::{Value, json};
use torrent::Metainfo;

use super::{
    answers::catalogue_of,
    playing::{introduce, until},
    support::{House, Seeder, make, noise},
};

/// A house with a title whose film is one file of a torrent.
async fn house_with(metainfo: &Metainfo, film: &str, length: usize) -> House {
    House::new(Limits::default(), |folder| catalogue_of(folder, metainfo, film, length)).await
}

/// Has the film downloaded; what the answer says of it.
async fn download(house: &House) -> Value {
    let body = json!({"item_id": "test.long", "release_id": "test.long-180p"});
    let download = house.ask("POST", "/api/v1/downloads", Some(body)).await;
    assert_eq!(download.status, 201, "{:?}", String::from_utf8_lossy(&download.body));
    download.json()
}

/// How much of each file of a seeder's torrent is here when the download of one film is done.
async fn fetched(files: &[(&str, &[u8])], film: &str) -> Vec<(String, u64)> {
    let seeder = Seeder::new("Films", files).await;
    let length = files.iter().find(|(name, _)| *name == film).unwrap().1.len();
    let house = house_with(&seeder.metainfo, film, length).await;
    download(&house).await;
    introduce(&house, &seeder).await;
    let is_done = |all: &Value| all["downloads"][0]["state"] == "done";
    let all = until(&house, "/api/v1/downloads", is_done).await;
    let files = all["downloads"][0]["files"].as_array().unwrap().iter().map(|file| {
        let path = file["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (path, file["done_bytes"].as_u64().unwrap())
    });
    let mut files: Vec<_> = files.filter(|(_, done)| *done > 0).collect();
    files.sort();
    house.stop().await;
    seeder.session.shutdown().await;
    files
}

fn whole(files: &[(&str, &[u8])]) -> Vec<(String, u64)> {
    files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.len() as u64)).collect()
}

#[tokio::test]
async fn of_several_films_in_one_torrent_the_one_that_was_asked_for_is_fetched_alone() {
    let (one, two, text) = (noise(1, 300_000), noise(2, 200_000), noise(3, 5_000));
    let films = [("one.mp4", &one[..]), ("one.srt", &text[..]), ("two.mkv", &two[..])];
    assert_eq!(fetched(&films, "two.mkv").await, whole(&films[2..]));
    assert_eq!(fetched(&films, "one.mp4").await, whole(&films[..1]));
}

#[tokio::test]
async fn what_lies_beside_the_only_film_of_a_torrent_is_fetched_with_it() {
    let (film, picture, text) = (noise(1, 300_000), noise(2, 40_000), noise(3, 5_000));
    let files = [("film.mp4", &film[..]), ("film.srt", &text[..]), ("poster.webp", &picture[..])];
    assert_eq!(fetched(&files, "film.mp4").await, whole(&files));
}

#[tokio::test]
async fn more_than_256_mib_beside_a_film_are_left_where_they_are() {
    let film = noise(1, 20_000);
    let most = vec![0; (256 << 20) + 1];
    for (beside, wanted) in [(256 << 20, (256 << 20) + film.len()), (most.len(), film.len())] {
        let metainfo = make("Films", &[("film.mp4", &film), ("pictures.zip", &most[..beside])]);
        let house = house_with(&metainfo, "film.mp4", film.len()).await;
        download(&house).await;
        // Whatever is fetched was chosen before; there is nobody who has it.
        let is_fetching = |all: &Value| all["downloads"][0]["state"] == "fetching";
        let all = until(&house, "/api/v1/downloads", is_fetching).await;
        assert_eq!(all["downloads"][0]["size_bytes"], wanted, "{beside} bytes beside it");
        house.stop().await;
    }
}
