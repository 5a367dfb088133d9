//! Names and paths of strangers: what becomes of them on Linux, Windows and macOS.

use std::collections::BTreeSet;

use proptest::prelude::*;
use torrent::paths::{Os, is_unseen, name, resolve};

const ALL: [Os; 3] = [Os::Linux, Os::Windows, Os::Mac];

#[test]
fn good_names_stay_as_they_are() {
    let good = [
        "film.mkv",
        ".hidden",
        "a b",
        "Ünïcödé",
        "日本語.mp4",
        "عربى",
        "🏴‍☠️.txt",
        "می‌خواهم",
        "a.b.c",
        "-x",
        "~",
    ];
    for os in ALL {
        for stranger in good {
            assert_eq!(name(stranger, os), stranger, "{os:?}");
        }
    }
}

#[test]
fn names_that_lead_elsewhere_become_harmless_everywhere() {
    let cases = [
        ("", "_"),
        (".", "_"),
        ("..", "_"),
        ("/etc/passwd", "_etc_passwd"),
        ("..\\..\\x", ".._.._x"),
        ("a\0b", "a_b"),
        ("line\nbreak\x1b[31m", "line_break_[31m"),
        ("\u{202e}gpj.exe", "_gpj.exe"),
        ("zero\u{200b}width\u{feff}", "zero_width_"),
        ("soft\u{ad}hyphen\u{2028}", "soft_hyphen_"),
    ];
    for os in ALL {
        for (stranger, safe) in cases {
            assert_eq!(name(stranger, os), safe, "{os:?}");
        }
    }
}

#[test]
fn windows_has_rules_of_its_own() {
    let cases = [
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Aux .x.y", "_Aux .x.y"),
        ("COM1", "_COM1"),
        ("com0", "_com0"),
        ("LPT³.log", "_LPT³.log"),
        ("CONIN$", "_CONIN$"),
        ("conout$.a", "_conout$.a"),
        ("NUL:", "NUL_"),
        ("COM10", "COM10"),
        ("CONSOLE", "CONSOLE"),
        ("C:", "C_"),
        ("a:b", "a_b"),
        ("what?*<>|\"", "what______"),
        ("dot.", "dot_"),
        ("space ", "space_"),
        ("mixed. .", "mixed___"),
        ("...", "___"),
    ];
    for (stranger, safe) in cases {
        assert_eq!(name(stranger, Os::Windows), safe);
    }
    for (stranger, _) in cases.into_iter().filter(|(stranger, _)| !stranger.contains(':')) {
        assert_eq!(name(stranger, Os::Linux), stranger, "Linux does not mind");
    }
    assert_eq!(name("a:b", Os::Mac), "a_b");
    assert_eq!(name("a:b", Os::Linux), "a:b");
}

#[test]
fn long_names_are_cut_between_characters_and_keep_their_extension() {
    for os in ALL {
        let cut = name(&format!("{}.mkv", "x".repeat(300)), os);
        assert_eq!((cut.len(), cut.ends_with("x.mkv")), (255, true), "{os:?}");
    }
    let wide = "語".repeat(200);
    assert_eq!(name(&wide, Os::Linux).len(), 255, "85 characters of 3 bytes");
    assert_eq!(name(&wide, Os::Windows), wide, "200 units");
    let pairs = name(&"🎬".repeat(200), Os::Windows);
    assert_eq!(pairs.encode_utf16().count(), 254, "a pair is not cut in two");
    let no_extension = name(&format!("a.{}", "y".repeat(300)), Os::Linux);
    assert_eq!(no_extension.len(), 255);
}

fn paths(list: &[&str]) -> Vec<Vec<String>> {
    list.iter().map(|path| path.split('/').map(str::to_owned).collect()).collect()
}

fn resolved(list: &[&str], os: Os) -> Vec<String> {
    resolve(&paths(list), os).into_iter().map(|path| path.join("/")).collect()
}

#[test]
fn no_two_files_share_a_path_whatever_the_file_system_folds() {
    let cases: [(&[&str], &[&str]); 8] = [
        (&["a/x.txt", "a/x.txt", "a/x.txt"], &["a/x.txt", "a/x (2).txt", "a/x (3).txt"]),
        (&["README", "readme"], &["README", "readme (2)"]),
        (&["caf\u{e9}", "cafe\u{301}"], &["caf\u{e9}", "cafe\u{301} (2)"]),
        (&["straße", "STRASSE"], &["straße", "STRASSE (2)"]),
        (&["\u{212a}elvin", "kelvin"], &["\u{212a}elvin", "kelvin (2)"]),
        (&["\u{ac00}", "\u{1100}\u{1161}"], &["\u{ac00}", "\u{1100}\u{1161} (2)"]),
        (&["a", "a/b"], &["a (2)", "a/b"]),
        (&["x", "x", "x (2)"], &["x", "x (2)", "x (2) (2)"]),
    ];
    for os in ALL {
        for (strangers, safe) in cases {
            assert_eq!(resolved(strangers, os), safe, "{os:?}");
        }
    }
}

#[test]
fn names_that_become_equal_on_one_system_are_told_apart_there() {
    assert_eq!(resolved(&["a?", "a*"], Os::Windows), ["a_", "a_ (2)"]);
    assert_eq!(resolved(&["a?", "a*"], Os::Linux), ["a?", "a*"]);
    assert_eq!(resolved(&["x.", "x_"], Os::Windows), ["x_", "x_ (2)"]);
}

#[test]
fn deep_paths_are_shortened_to_what_systems_can_open() {
    let deep = [vec!["folder".repeat(10); 90], vec!["film.mkv".to_owned()]].concat();
    let other = [vec!["other".to_owned()], deep[1..].to_vec()].concat();
    for (os, limit) in [(Os::Mac, 1024), (Os::Linux, 4096)] {
        let safe = resolve(&[deep.clone(), other.clone()], os);
        assert!(safe.iter().all(|path| path.join("/").len() < limit), "{os:?}");
        assert_eq!(safe[0].last().map(String::as_str), Some("film.mkv"));
        assert_ne!(safe[0], safe[1]);
    }
}

#[test]
fn a_torrent_made_of_clashes_is_resolved_in_time() {
    // Twins of long names that differ only where a number will stand.
    let long = |n: usize| vec![format!("{}{n:05}", "x".repeat(250))];
    let twins: Vec<Vec<String>> = (0..20_000).map(|n| long(n / 2)).collect();
    let same = vec![vec!["same".to_owned()]; 20_000];
    for paths in [twins, same] {
        let safe: BTreeSet<Vec<String>> = resolve(&paths, Os::Linux).into_iter().collect();
        assert_eq!(safe.len(), 20_000);
    }
}

proptest! {
    #[test]
    fn every_path_is_safe_unique_and_the_same_each_time(
        strangers in prop::collection::vec(prop::collection::vec("[a-cA-C./\\\\:é\u{301}\u{202e} ]{0,4}|CON|\\PC{0,40}", 0..4), 0..12)
    ) {
        for os in ALL {
            let safe = resolve(&strangers, os);
            prop_assert_eq!(safe.len(), strangers.len());
            let folded: BTreeSet<String> = safe.iter().map(|path| path.join("/").to_lowercase()).collect();
            prop_assert_eq!(folded.len(), safe.len(), "unique");
            for part in safe.iter().flatten() {
                prop_assert!(!matches!(part.as_str(), "" | "." | ".."));
                prop_assert!(!part.contains(['/', '\\', '\0']) && !part.contains(is_unseen));
                prop_assert!(part.len() <= 1024);
                if os == Os::Windows {
                    prop_assert!(!part.ends_with(['.', ' ']) && !part.contains(['<', '>', ':', '"', '|', '?', '*']));
                }
            }
            prop_assert!(safe.iter().all(|path| !path.is_empty()));
            prop_assert_eq!(resolve(&strangers, os), safe.clone());
            prop_assert_eq!(resolve(&safe, os), safe, "safe paths stay");
        }
    }
}
