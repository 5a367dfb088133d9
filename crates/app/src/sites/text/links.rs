//! Where a link of a text leads: to a file of the same site, to somewhere that is only named, or nowhere.

use catalogue::channel::{Files, PagePath};
use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

/// What stays as it is in the name of a part of a page.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');
/// What stays as it is in an address that is read and not followed.
const READ: &AsciiSet = &CONTROLS.add(b' ');
/// Addresses that are shown to whoever wants to go there.
const NAMED: [&str; 3] = ["https", "kinora", "magnet"];
/// The longest address that is shown, bytes.
const NAMED_MAX: usize = 2000;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// To a file of the site, or a part of a page: what a browser follows. It needs no escaping.
    Within(String),
    /// Out of the site: text to read.
    Out(String),
    /// Nowhere that is shown.
    Nowhere,
}

/// Where a link on a page leads.
pub(super) fn way(link: &str, here: &PagePath, files: &Files) -> Way {
    let link = link.trim();
    if let Some((scheme, _)) = scheme(link) {
        let is_named = NAMED.iter().any(|named| named.eq_ignore_ascii_case(scheme));
        return match is_named && link.len() <= NAMED_MAX {
            true => Way::Out(utf8_percent_encode(link, READ).to_string()),
            false => Way::Nowhere,
        };
    }
    within(link, here, files).map_or(Way::Nowhere, Way::Within)
}

/// The file of the site that a link on a page means.
pub(super) fn file<'a>(link: &str, here: &PagePath, files: &'a Files) -> Option<&'a PagePath> {
    let path = link.split(['#', '?']).next().unwrap_or_default().trim();
    if scheme(path).is_some() || path.starts_with("//") || path.contains('\\') {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    files.at(&absolute(&decoded, here)?).map(|(path, _)| path)
}

fn within(link: &str, here: &PagePath, files: &Files) -> Option<String> {
    let (path, part) = link.split_once('#').map_or((link, None), |(path, part)| (path, Some(part)));
    let part = part.map(|part| {
        let part = percent_decode_str(part).decode_utf8_lossy();
        format!("#{}", utf8_percent_encode(&part, FRAGMENT))
    });
    let to = if path.is_empty() { here } else { file(path, here, files)? };
    Some(format!("/{}{}", &**to, part.unwrap_or_default()))
}

fn scheme(link: &str) -> Option<(&str, &str)> {
    link.split_once(':').filter(|(scheme, _)| !scheme.contains(['/', '?', '#']))
}

/// The whole address of a link on a page; nothing if it leaves the site.
fn absolute(link: &str, here: &PagePath) -> Option<String> {
    let mut parts: Vec<&str> = match link.starts_with('/') {
        true => vec![],
        false => here.split('/').collect(),
    };
    // The page itself is no folder.
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    let is_folder =
        link.ends_with('/') || link.ends_with("/.") || link.ends_with("..") || link == ".";
    let end = if is_folder && !parts.is_empty() { "/" } else { "" };
    Some(format!("/{}{end}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use catalogue::channel::{Level, Palette, SiteFile, Theme, Typeface};

    use super::*;

    fn path(raw: &str) -> PagePath {
        raw.to_owned().try_into().unwrap()
    }

    fn files() -> Files {
        let language = "en".to_owned().try_into().unwrap();
        let level =
            Level::Text(Theme { palette: Palette::Paper, typeface: Typeface::Sans, language });
        let all = ["index.md", "a.md", "films/index.md", "films/1927.md", "films/p.webp"];
        Files::new(&level, all.map(|raw| (path(raw), SiteFile::of(b""))).into()).unwrap()
    }

    fn from(here: &str, link: &str) -> Way {
        way(link, &path(here), &files())
    }

    #[test]
    fn links_to_files_of_the_site_are_followed_from_wherever_they_are() {
        for (here, link, to) in [
            ("index.md", "a.md", "/a.md"),
            ("index.md", "films/1927.md#the-end", "/films/1927.md#the-end"),
            ("index.md", "films/", "/films/index.md"),
            ("films/1927.md", "../a.md?b=c", "/a.md"),
            ("films/1927.md", "./p.webp", "/films/p.webp"),
            ("films/1927.md", "..", "/index.md"),
            ("films/1927.md", ".", "/films/index.md"),
            ("films/1927.md", "/", "/index.md"),
            ("films/1927.md", "/a%2Emd", "/a.md"),
            ("a.md", "#Über \"uns\"", "/a.md#%C3%9Cber%20%22uns%22"),
            ("a.md", "#%C3%BC", "/a.md#%C3%BC"),
        ] {
            assert_eq!(from(here, link), Way::Within(to.to_owned()), "{here} → {link}");
        }
    }

    #[test]
    fn what_leads_out_is_named_or_nowhere_and_never_followed() {
        for out in
            ["https://example.org/a?b#c", "magnet:?xt=urn:btih:00", "kinora:tkrq", "HTTPS://A"]
        {
            assert_eq!(from("index.md", out), Way::Out(out.to_owned()));
        }
        let odd = from("index.md", "https://example.org/\u{202e}gpj.exe b");
        assert_eq!(odd, Way::Out("https://example.org/%E2%80%AEgpj.exe%20b".to_owned()));
        for nowhere in [
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,a",
            "http://example.org",
            "//example.org/a.md",
            "\\\\example.org",
            "/\\example.org",
            "../a.md",
            "../../m",
            "no.md",
            "m",
            "films",
            "%ff.md",
        ] {
            assert_eq!(from("index.md", nowhere), Way::Nowhere, "{nowhere}");
        }
        assert_eq!(from("a.md", &format!("https://{}", "a".repeat(2000))), Way::Nowhere);
    }
}
