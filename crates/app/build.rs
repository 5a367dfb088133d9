//! Refuses a release build without the page, which would be a cinema without a screen.

use std::{env, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    println!("cargo:rerun-if-changed=../../web/dist");
    assert!(
        Path::new("../../web/dist/index.html").exists(),
        "the page is not built: run `npm --prefix web ci && npm --prefix web run build` first"
    );
}
