//! What comes out is WebVTT with text in it, whatever goes in.

use super::*;

fn vtt(file: &str) -> String {
    to_vtt(file.as_bytes(), &Hints::default()).unwrap()
}

/// One cue with this text, in SRT.
fn srt(text: &str) -> String {
    vtt(&format!("1\n00:00:01,000 --> 00:00:02,500\n{text}\n\n"))
}

/// The cue text of a file with one cue.
fn cue_text(vtt: &str) -> &str {
    vtt.splitn(4, '\n').nth(3).unwrap().trim_end()
}

/// Every tag in the result, brackets included.
fn tags(vtt: &str) -> Vec<&str> {
    vtt.match_indices('<').map(|(at, _)| &vtt[at..=at + vtt[at..].find('>').unwrap()]).collect()
}

#[test]
fn srt_becomes_vtt() {
    let vtt = srt("Hello <i>world</i>\nand more");
    assert_eq!(vtt, "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello <i>world</i>\nand more\n");
}

#[test]
fn hostile_markup_becomes_text() {
    let payloads = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>x",
        "<math><a xlink:href=javascript:alert(1)>x",
        "<iframe srcdoc='<script>alert(1)</script>'>x",
        "<a href=javascript:alert(1)>x</a>",
        "<style>@import 'http://x'</style>",
        "<link rel=stylesheet href=//x>x",
        "<meta http-equiv=refresh content=0>x",
        "<video><source onerror=alert(1)>x",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">x",
        "<c.evil>x</c><v Mallory>y</v><lang x>z</lang>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)",
        "&#x3c;img src=x&#x3E;",
        "<<script>script>alert(1)",
        "<i onclick=alert(1)>x</i>",
        "<b/><b <i>x",
        "</i></b>x",
        "<ruby>x<rt>y</rt></ruby>",
        "{\\fn../../x\\p1}x{\\p0}y",
        "x --> y",
        "<00:00:01.000>x",
    ];
    for payload in payloads {
        let vtt = srt(&format!("{payload}\nbeside it"));
        let tags = tags(&vtt);
        let safe = ["<i>", "</i>", "<b>", "</b>", "<u>", "</u>"];
        assert!(tags.iter().all(|tag| safe.contains(tag)), "{payload}: {vtt}");
        assert_eq!(
            tags.iter().filter(|tag| tag.starts_with("</")).count() * 2,
            tags.len(),
            "{vtt}"
        );
        assert_eq!(vtt.matches("-->").count(), 1, "{payload}: {vtt}");
    }
}

#[test]
fn tags_stay_nested_and_close() {
    assert_eq!(cue_text(&srt("<i>a<b>b</i>c")), "<i>a<b>b</b></i><b>c</b>");
    assert_eq!(cue_text(&srt(&("<i>".repeat(5_000) + "x"))), "<i>x</i>");
}

#[test]
fn less_than_is_not_a_tag() {
    assert_eq!(cue_text(&srt("1 < 2 & 3 > 2")), "1 &lt; 2 &amp; 3 &gt; 2");
    assert_eq!(cue_text(&srt("I <3 you")), "I &lt;3 you");
}

#[test]
fn blank_lines_and_numbers_may_be_missing() {
    let vtt = vtt("1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\n");
    assert_eq!(
        vtt,
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\none\n\n00:00:03.000 --> 00:00:04.000\ntwo\n"
    );
}

#[test]
fn times_are_repaired_and_put_in_order() {
    let vtt = vtt(
        "00:00:05,000 --> 00:00:01,000\nlate\n\n0:01.5 --> 0:02\nearly\n\n99999:99:99,999 --> 00:00:01,000\nnever\n",
    );
    assert_eq!(
        vtt,
        "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\nearly\n\n00:00:05.000 --> 00:00:07.000\nlate\n"
    );
}

#[test]
fn style_and_notes_of_vtt_are_left_out() {
    let vtt = vtt(
        "WEBVTT - title\n\nSTYLE\n::cue { background: url(http://x) }\n\nid\n00:01.000 --> 00:02.000 line:0 position:10%\nHi\n\nNOTE secret\nmore\n\n00:03.000 --> 00:04.000\nBye\n",
    );
    assert_eq!(
        vtt,
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHi\n\n00:00:03.000 --> 00:00:04.000\nBye\n"
    );
}

#[test]
fn ass_dialogue_becomes_text() {
    let file = "[Script Info]\nPlayResX: 2147483648\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
        Comment: 0,0:00:00.00,0:00:01.00,D,,0,0,0,,no\n\
        Dialogue: 0,0:00:01.00,0:00:02.50,D,,0,0,0,,{\\an8\\i1}Up, there{\\i0}\\Nand <b>here\n\
        Dialogue: 0,0:00:03.00,0:00:04.00,D,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n\
        [Fonts]\nDialogue: 0,0:00:05.00,0:00:06.00,D,,0,0,0,,font\n";
    assert_eq!(
        vtt(file),
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<i>Up, there</i>\nand &lt;b&gt;here\n"
    );
}

#[test]
fn micro_dvd_counts_pictures() {
    let vtt = vtt("{1}{1}25.000\n{25}{50}{y:i}one|two\n{75}{}three\n");
    assert_eq!(
        vtt,
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<i>one</i>\ntwo\n\n00:00:03.000 --> 00:00:05.000\nthree\n"
    );
}

#[test]
fn a_flood_is_refused_or_cut() {
    let many = "00:00:01.000 --> 00:00:02.000\nx\n\n".repeat(CUES_MAX + 1);
    assert_eq!(to_vtt(many.as_bytes(), &Hints::default()), Err(BadSubtitle::TooManyCues));
    assert_eq!(to_vtt(&vec![b'x'; LEN_MAX + 1], &Hints::default()), Err(BadSubtitle::TooLong));
    assert!(srt(&"x".repeat(9 << 20)).len() < 3_000);
    assert!(srt(&"x\n".repeat(9 << 19)).len() < 5_000);
}

#[test]
fn nonsense_is_refused_with_its_reason() {
    let cases: [(&[u8], BadSubtitle); 5] = [
        (b"PK\x03\x04", BadSubtitle::NotText),
        (b"\x1F\x8B\x08", BadSubtitle::NotText),
        (b"just words", BadSubtitle::UnknownFormat),
        (b"", BadSubtitle::UnknownFormat),
        (b"WEBVTT\n\n", BadSubtitle::Empty),
    ];
    for (file, reason) in cases {
        assert_eq!(to_vtt(file, &Hints::default()), Err(reason));
    }
}
