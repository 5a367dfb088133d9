//! Films with a high dynamic range (HDR): brighter and more colourful than the qualities can say, so they are mapped.

use std::ffi::OsString;

use media::ffmpeg::Tools;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::child;

/// How a film's picture is brought into the range of the qualities (BT.709).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DynamicRange {
    /// It has that range already.
    Standard,
    /// Its brightness is mapped (`zscale` and `tonemap`).
    Mapped,
    /// The ffmpeg here cannot map it: the qualities look pale.
    Pale,
}

/// A curve of brightness with a high range (ITU-R BT.2100).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    /// PQ, SMPTE ST 2084: HDR10 and its kin.
    Pq,
    /// Hybrid log-gamma, as broadcast.
    Hlg,
}

impl Curve {
    /// The curve that ffprobe names; none for a standard range.
    pub(super) fn named(transfer: &str) -> Option<Self> {
        match transfer {
            "smpte2084" => Some(Self::Pq),
            "arib-std-b67" => Some(Self::Hlg),
            _ => None,
        }
    }

    /// The filters that map it: to linear light, in which what is white has the 203 cd/m² of ITU-R BT.2408, to the colours
    /// of BT.709, and only what is brighter rolled off. The input is told what it is, since many files say it in part.
    fn filter(self) -> String {
        let transfer = match self {
            Self::Pq => "smpte2084",
            Self::Hlg => "arib-std-b67",
        };
        format!(
            "zscale=tin={transfer}:min=2020_ncl:pin=2020:t=linear:npl=203,format=gbrpf32le,\
             zscale=p=709,tonemap=tonemap=mobius:desat=0,zscale=t=709:m=709:r=limited"
        )
    }

    /// The same at the beginning of a list of filters; nothing for a standard range.
    pub(super) fn filters(curve: Option<Self>) -> String {
        curve.map(|curve| format!("{},format=yuv420p,", curve.filter())).unwrap_or_default()
    }
}

/// The curve of a film that the ffmpeg which is installed maps; none if there is nothing to map, or it cannot.
pub(super) async fn mapped(tools: &Tools, curve: Option<Curve>) -> Option<Curve> {
    let range = range(tools, curve).await;
    curve.filter(|_| range == DynamicRange::Mapped)
}

/// How a film with this curve is brought into range by the ffmpeg that is installed.
pub(super) async fn range(tools: &Tools, curve: Option<Curve>) -> DynamicRange {
    match curve {
        None => DynamicRange::Standard,
        Some(_) if maps(tools).await => DynamicRange::Mapped,
        Some(_) => DynamicRange::Pale,
    }
}

/// Whether this ffmpeg has the filters: they come with a library that not every build has (zimg).
async fn maps(tools: &Tools) -> bool {
    let asked = ["-hide_banner", "-filters"].map(OsString::from);
    let listed = child::answer(&tools.ffmpeg, asked).await.unwrap_or_default();
    has_filters(&String::from_utf8_lossy(&listed))
}

/// Each line has flags, a name, and what goes in and out.
fn has_filters(listed: &str) -> bool {
    let has = |name| listed.lines().any(|line| line.split_whitespace().nth(1) == Some(name));
    has("zscale") && has("tonemap")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_ffmpeg_with_both_filters_maps() {
        let whole = "Filters:\n .S. tonemap V->V Conversion\n ... tonemap_vaapi V->V x\n .SC zscale V->V y\n";
        assert!(has_filters(whole));
        assert!(!has_filters(&whole.replace(" tonemap ", " tonemap_opencl ")));
        assert!(!has_filters(&whole.replace("zscale", "scale")));
        assert!(!has_filters(""));
    }

    #[test]
    fn a_curve_is_known_by_its_name() {
        assert_eq!(Curve::named("smpte2084"), Some(Curve::Pq));
        assert_eq!(Curve::named("arib-std-b67"), Some(Curve::Hlg));
        assert_eq!(Curve::named("bt709"), None);
        assert!(Curve::Hlg.filter().contains("tin=arib-std-b67"));
    }
}
