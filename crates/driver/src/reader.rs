//! One reader of one file: gets verified bytes as they come, and never others.

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use engine::{DiskFault, Input, StreamId};
use torrent::File;

use crate::{carrier::Command, disk, session::Inner, state::TorrentState};

/// The most bytes given at once: large enough to be cheap, small enough to be on their way soon.
const CHUNK: u64 = 256 * 1024;

/// Reads a part of a file in order. As long as it lives the engine fetches for it; dropping it ends that.
#[derive(Debug)]
pub struct Reader {
    session: Arc<Inner>,
    state: Arc<TorrentState>,
    stream: StreamId,
    /// The file's place in the content.
    offset: u64,
    /// Where it stands and where it stops, in the file.
    position: u64,
    end: u64,
}

/// Why a reader gets no more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The disk refuses.
    #[error("the disk {}: free space or choose another folder, then resume the torrent", said(*.0))]
    Disk(DiskFault),
    /// The torrent was removed or the session has ended.
    #[error("the torrent was removed: add it again to go on")]
    Removed,
}

/// A fault of the disk, in words that go on from "the disk".
pub(crate) fn said(fault: DiskFault) -> &'static str {
    match fault {
        DiskFault::Full => "is full",
        DiskFault::Denied => "may not be written or read",
        DiskFault::Broken => "does not work",
    }
}

impl Reader {
    /// A reader of `file` from `position` to `end`, which the engine knows as `stream`.
    pub(crate) fn new(
        session: Arc<Inner>,
        state: Arc<TorrentState>,
        stream: StreamId,
        file: &File,
        (position, end): (u64, u64),
    ) -> Self {
        Self { session, state, stream, offset: file.offset, position, end }
    }

    /// The next bytes, at most 256 KiB of them, as soon as they are verified; `None` at the end. Nothing is
    /// lost if the returned future is dropped.
    ///
    /// # Errors
    /// The disk refuses, or the torrent was removed.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        while self.position < self.end {
            let mut woken = pin!(self.state.verified.woken());
            // From here on nothing that changes is missed.
            woken.as_mut().enable();
            let Some(run) = self.state.verified.run_from(self.offset + self.position) else {
                self.hopeful()?;
                woken.await;
                continue;
            };
            let start = self.offset + self.position;
            let end = run.end.min(self.offset + self.end).min(start + CHUNK);
            let content = self.state.content.get().ok_or(ReadError::Removed)?;
            let bytes = disk::read(Arc::clone(content), start..end).await;
            // What was read while a piece was given back may be a hole.
            if self.state.verified.still(run) {
                let bytes = bytes.map_err(ReadError::Disk)?;
                self.position += bytes.len() as u64;
                self.tell(Input::Read(self.stream, self.offset + self.position));
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Where the next byte lies in the file.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the byte that is waited for may still come.
    fn hopeful(&self) -> Result<(), ReadError> {
        let standing = self.state.standing();
        let standing = standing.borrow();
        match standing.fault {
            _ if standing.removed => Err(ReadError::Removed),
            Some(fault) => Err(ReadError::Disk(fault)),
            None => Ok(()),
        }
    }

    fn tell(&self, input: Input) {
        self.session.command(Command::Input(input)).ok();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.tell(Input::Close(self.stream));
    }
}
