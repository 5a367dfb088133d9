//! Hosts of strangers' URLs as they are, not as they look.
//!
//! A host may be written with letters that look like others: `аpple.com` with a Cyrillic `а` is somebody else. So a host is
//! shown as it is asked for (RFC 5890, the A-label: `xn--pple-43d.com`), and what it looks like beside it.

use catalogue::channel::looks_like;

/// A URL as a person may read it: its host as it is asked for, and what its letters are if they are others.
pub(crate) fn shown(url: &str) -> String {
    let Some([before, host, port, path]) = split(url) else { return plain(url) };
    let asked = idna::domain_to_ascii(host).unwrap_or_else(|_| plain(host));
    let (letters, _) = idna::domain_to_unicode(host);
    let url = format!("{}{asked}{}{path}", plain(before), plain(port));
    if letters.is_ascii() {
        return url;
    }
    match looks_like(&letters) {
        Some(other) => format!("{url} (made to look like {other})"),
        None => format!("{url} ({letters})"),
    }
}

/// What comes before a URL's host, the host, its port and what comes after it.
fn split(url: &str) -> Option<[&str; 4]> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let start = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
    let authority = &url[start..end];
    if authority.starts_with('[') {
        return None;
    }
    let port = authority.rfind(':').map_or(end, |at| start + at);
    Some([&url[..start], &url[start..port], &url[port..end], &url[end..]])
}

/// Text with letters beyond ASCII written as their numbers.
fn plain(text: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() }
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hp_85_hosts_with_letters_that_look_like_others_are_shown_as_they_are_asked_for() {
        for (url, expected) in [
            ("http://a.example/announce", "http://a.example/announce"),
            ("udp://tracker.example:6969", "udp://tracker.example:6969"),
            ("http://[2001:db8::1]:9/x", "http://[2001:db8::1]:9/x"),
            (
                "http://\u{430}pple.com/announce?x",
                "http://xn--pple-43d.com/announce?x (made to look like apple.com)",
            ),
            (
                "udp://xn--pple-43d.com:6969/",
                "udp://xn--pple-43d.com:6969/ (made to look like apple.com)",
            ),
            (
                "https://me:secret@\u{455}ite.example:8/",
                "https://me:secret@xn--ite-ehd.example:8/ (made to look like site.example)",
            ),
            ("http://b\u{fc}cher.example/", "http://xn--bcher-kva.example/ (bücher.example)"),
            ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/ (bücher.example)"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }

    #[test]
    fn hp_85_what_is_no_host_is_shown_letter_by_letter() {
        for url in [
            "http://xn--\u{430}/",
            "\u{430}pple.com",
            "http://[\u{430}]/",
            "://\u{430}:\u{431}",
            "http://a.example\u{2044}@b.example/",
        ] {
            let host = shown(url);
            assert!(host.split(" (").next().is_some_and(str::is_ascii), "{host}");
        }
        for url in ["", "://", "http://", "http://@:/", "http://:", "http://a@b@c:1:2/#@"] {
            assert_eq!(shown(url), url);
        }
    }
}
