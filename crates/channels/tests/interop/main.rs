//! A client of BEP 46 that knows nothing of channels follows one: libtorrent reads the head item from the DHT and fetches
//! the torrent that its `ih` names.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../../../torrent/tests/libtorrent/interpreter.rs"]
mod interpreter;
#[path = "../face/stage.rs"]
#[allow(dead_code, reason = "the tests of the face use the rest")]
mod stage;

use std::{path::Path, process::Command};

use catalogue::channel::{MANIFEST_FILE, ROOT_FILE, head_salt};
use serde_json::Value;

use crate::stage::{Home, films, network, new_channel};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libtorrent_reads_a_head_item_and_fetches_the_torrent_that_its_ih_names() {
    let Some(python) = interpreter::python() else { return };
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let key = own.create(new_channel("Silent films"), None).await.unwrap().key;
    own.add(key, films(&["Metropolis", "The General"])).await.unwrap();
    let published = own.publish(Some(&publisher.session), key).await.unwrap();
    assert!(published.copies > 0, "nobody took it");

    let folder = publisher.channels.folder(key);
    let standing = folder.standing().unwrap();
    let (head, item) = (standing.head().unwrap(), standing.head_item().unwrap());
    let files = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/reader.py");
    let mut command = Command::new(python);
    command.args(["-W", "ignore::DeprecationWarning"]).arg(script);
    command.args([hex(item.key()), hex(&head_salt(&key))]).arg(files.path());
    command.arg(publisher.session.local_addrs()[0].port().to_string());
    command.args(network.doors().iter().map(|door| door.port().to_string()));
    let done = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let read: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(read["seq"], item.seq());
    assert_eq!(read["version"], 1);
    assert_eq!(read["ih"], head.torrent.wire().to_string());
    assert_eq!(
        read["files"][MANIFEST_FILE],
        hex(&head.manifest),
        "the manifest is the one signed for"
    );
    let came = read["files"].as_object().unwrap();
    let shelves = folder.manifest().unwrap().shelves.unwrap();
    assert!(came.contains_key(ROOT_FILE) && came.values().any(|one| *one == hex(&shelves.sha256)));
}
