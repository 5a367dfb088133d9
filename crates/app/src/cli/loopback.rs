//! Listening on this machine alone, for commands that serve something to its browsers or programs.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::failure::{Exit, Failure};

/// Listens on a loopback address.
///
/// # Errors
/// Exit code 2 for an address that others reach, or that is taken.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let refused =
        |code, message: String, hint: &str| Failure::new(Exit::BadInput, code, message, hint);
    if !address.ip().is_loopback() {
        let message = format!("{address} is not on this machine alone.");
        return Err(refused("not_loopback", message, "Use 127.0.0.1 or ::1."));
    }
    TcpListener::bind(address).await.map_err(|error| {
        let message = format!("{address} cannot be listened on: {error}.");
        refused(
            "port_taken",
            message,
            "Choose another address with --http; port 0 picks a free one.",
        )
    })
}
