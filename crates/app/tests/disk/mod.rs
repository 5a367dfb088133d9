//! A small file system in memory: full, or sealed, when a test wants it to be.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Unmounted when dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it with options of tmpfs; `None` with a printed reason where that is not allowed.
    pub(crate) fn mount(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).expect("a folder");
        if mount(at, options) {
            return Some(Self(at.to_owned()));
        }
        println!("skipped: mounting a small disk needs root");
        None
    }

    /// Changes its options: another size, or sealed.
    #[allow(dead_code, reason = "not every test changes its disk")]
    pub(crate) fn change(&self, options: &str) {
        assert!(mount(&self.0, &format!("remount,{options}")), "it can be mounted again");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

fn mount(at: &Path, options: &str) -> bool {
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
    mounted.is_ok_and(|mounted| mounted.status.success())
}
