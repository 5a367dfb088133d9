//! Starting and stopping: what stands in the way is said in a sentence with the right exit code.

use app::{http::listener::Limits, serve::Server};

use super::support::{House, config};

async fn refusal(
    flags: Vec<(&'static str, String)>,
    folder: &std::path::Path,
) -> (String, u8, String) {
    match Server::start(&config(folder, flags), Limits::default()).await {
        Ok(_) => panic!("it started"),
        Err(failure) => (failure.code.to_owned(), failure.exit.code(), failure.message),
    }
}

#[tokio::test]
async fn a_second_instance_is_told_where_the_first_one_is() {
    let house = House::empty().await;
    let (code, exit, message) = refusal(Vec::new(), house.folder.path()).await;
    assert_eq!((code.as_str(), exit), ("already_running", 4));
    assert!(message.contains(&house.server.url), "{message}");
    house.stop().await;
}

#[tokio::test]
async fn a_port_that_was_asked_for_and_is_taken_ends_in_exit_code_2() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let flags = vec![("server.port", port.to_string())];
    let (code, exit, message) = refusal(flags, folder.path()).await;
    assert_eq!((code.as_str(), exit), ("port_taken", 2));
    assert!(message.contains(&port.to_string()), "{message}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_ends_in_exit_code_4() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let flags = vec![("data_dir", folder.path().join("file/below").display().to_string())];
    let (code, exit, _) = refusal(flags, folder.path()).await;
    assert_eq!((code.as_str(), exit), ("data_dir_denied", 4));
}

#[tokio::test]
async fn a_catalogue_that_is_none_ends_in_exit_code_2_and_a_missing_one_in_3() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalogue.json");
    let flags = || vec![("catalogue", path.display().to_string())];
    let (code, exit, _) = refusal(flags(), folder.path()).await;
    assert_eq!((code.as_str(), exit), ("catalogue_unreadable", 3));
    std::fs::write(&path, "[1, 2").unwrap();
    let (code, exit, _) = refusal(flags(), folder.path()).await;
    assert_eq!((code.as_str(), exit), ("catalogue_bad", 2));
}

#[tokio::test]
async fn the_token_stays_the_same_and_everything_can_start_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let server =
            Server::start(&config(folder.path(), Vec::new()), Limits::default()).await.unwrap();
        tokens.push(server.token.reveal().to_owned());
        server.stop().await;
    }
    assert_eq!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn an_event_stream_does_not_keep_the_server_from_stopping() {
    let house = House::empty().await;
    let mut stream = house.opened("/api/v1/events", true).await;
    let mut first = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    tokio::time::timeout(super::support::PATIENCE, house.stop()).await.expect("it stops");
}
