//! The style of texts: colours of a palette in light and in dark, the letters of a typeface, and one sheet for all.

use catalogue::channel::{Palette, Theme, Typeface};

const SHEET: &str = include_str!("theme.css");

/// Colours, each `#rrggbb`.
#[derive(Debug, Clone, Copy)]
struct Colours {
    ground: &'static str,
    /// Behind code and the current page.
    tint: &'static str,
    line: &'static str,
    ink: &'static str,
    quiet: &'static str,
    /// Links.
    mark: &'static str,
}

const fn colours([ground, tint, line, ink, quiet, mark]: [&'static str; 6]) -> Colours {
    Colours { ground, tint, line, ink, quiet, mark }
}

/// In light, and in dark.
fn palette(palette: Palette) -> [Colours; 2] {
    let both = match palette {
        Palette::Paper => [
            ["#faf8f3", "#f1ece1", "#e0d8c8", "#1f1d1a", "#5c574e", "#8a3b12"],
            ["#171512", "#242019", "#3b352b", "#ece7dc", "#b3aa9a", "#f0a878"],
        ],
        Palette::Sea => [
            ["#f5f9fb", "#e7f0f5", "#cfdfe8", "#10222d", "#47606e", "#0b5f8a"],
            ["#0c161d", "#14232d", "#263a47", "#e3eef4", "#a0b6c2", "#74c3ee"],
        ],
        Palette::Forest => [
            ["#f6f9f4", "#e8f1e6", "#d0e0d0", "#16241a", "#4a5f4f", "#23692f"],
            ["#0f1712", "#18241c", "#293c2e", "#e4efe6", "#a3b8a8", "#86d093"],
        ],
        Palette::Plum => [
            ["#faf7fb", "#f2eaf5", "#e2d5e8", "#251a2b", "#63536b", "#7a2f8f"],
            ["#17111b", "#241b2b", "#3b2d44", "#efe6f3", "#b8a8c0", "#d9a2ec"],
        ],
        Palette::Ember => [
            ["#fdf8f5", "#f8ebe5", "#ecd6cc", "#2a1712", "#6b524a", "#a8281a"],
            ["#1b110e", "#2a1b16", "#45322b", "#f6e8e2", "#c5aca2", "#ff9d80"],
        ],
    };
    both.map(colours)
}

fn letters(typeface: Typeface) -> &'static str {
    match typeface {
        Typeface::Sans => "system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif",
        Typeface::Serif => {
            "Charter, \"Bitstream Charter\", \"Iowan Old Style\", Cambria, Georgia, \"Noto Serif\", serif"
        }
        Typeface::Mono => {
            "ui-monospace, \"Cascadia Code\", Menlo, Consolas, \"DejaVu Sans Mono\", monospace"
        }
    }
}

/// The style of a theme.
pub(in super::super) fn style(theme: &Theme) -> String {
    let [light, dark] = palette(theme.palette).map(declared);
    let letters = letters(theme.typeface);
    format!(
        ":root{{color-scheme:light dark;{light}--letters:{letters}}}\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{SHEET}"
    )
}

fn declared(colours: Colours) -> String {
    let Colours { ground, tint, line, ink, quiet, mark } = colours;
    format!(
        "--ground:{ground};--tint:{tint};--line:{line};--ink:{ink};--quiet:{quiet};--mark:{mark};"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let part = |from: usize| {
            let part = u8::from_str_radix(&colour[from..from + 2], 16).unwrap();
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_palette_can_be_read_in_light_and_in_dark() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
        for (name, one) in Palette::ALL {
            for colours in palette(one) {
                for ground in [colours.ground, colours.tint] {
                    assert!(contrast(colours.ink, ground) >= 7.0, "{name}: text on {ground}");
                    for colour in [colours.quiet, colours.mark] {
                        let contrast = contrast(colour, ground);
                        assert!(contrast >= 4.5, "{name}: {colour} on {ground}: {contrast}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_theme_is_a_style_of_its_own() {
        let language = || "en".to_owned().try_into().unwrap();
        let mut styles = std::collections::BTreeSet::new();
        for (_, palette) in Palette::ALL {
            for (_, typeface) in Typeface::ALL {
                let style = style(&Theme { palette, typeface, language: language() });
                assert_eq!(style.matches('{').count(), style.matches('}').count());
                assert!(!style.contains("url(") && !style.contains("@import"), "it loads nothing");
                styles.insert(style);
            }
        }
        assert_eq!(styles.len(), Palette::ALL.len() * Typeface::ALL.len());
    }
}
