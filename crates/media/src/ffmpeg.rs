//! Finding ffmpeg, which the demo and later conversions need; playing does not.

use std::{ffi::OsStr, path::PathBuf};

/// The two programs of an ffmpeg installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// Converts.
    pub ffmpeg: PathBuf,
    /// Describes.
    pub ffprobe: PathBuf,
}

/// There is no ffmpeg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ffmpeg is not installed")]
pub struct Missing;

impl Missing {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "install it: `apt install ffmpeg` on Debian and Ubuntu, `brew install ffmpeg` on macOS, `winget install ffmpeg` on Windows"
    }
}

/// Looks for ffmpeg in the folders of a `PATH`.
///
/// # Errors
/// [`Missing`] if one of the two programs is not there.
pub fn find(path: &OsStr) -> Result<Tools, Missing> {
    let find =
        |program| which::which_in_global(program, Some(path)).ok().and_then(|mut all| all.next());
    find("ffmpeg")
        .zip(find("ffprobe"))
        .map(|(ffmpeg, ffprobe)| Tools { ffmpeg, ffprobe })
        .ok_or(Missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_has_no_ffmpeg() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path().as_os_str()), Err(Missing));
    }
}
