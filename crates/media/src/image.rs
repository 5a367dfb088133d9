//! Pictures from strangers: decoded within limits, and made anew as small WebP files.
//!
//! Only JPEG, PNG and WebP by their first bytes; an SVG is a program and not a picture. Nothing of the
//! original file survives but its pixels.

use std::io::Cursor;

use ::image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, RgbaImage};
use fast_image_resize::{
    PixelType, ResizeAlg, ResizeError, ResizeOptions, Resizer, images::Image, images::ImageRef,
};

/// The longest file that is decoded, in bytes.
pub const LEN_MAX: usize = 16 << 20;
/// The longest side that is decoded, in pixels.
const SIDE_MAX: u32 = 8192;
/// What decoding may allocate, in bytes.
const DECODED_MAX: u64 = 96 << 20;
/// WebP quality: the point where posters stop gaining, measured against their size.
const QUALITY: f32 = 78.0;
/// The longest side from which a thumbhash is made, in pixels; its format sets the limit.
const THUMB_SIDE: u32 = 100;

/// The box into which a picture is made to fit, in pixels; its shape is kept and it is never enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// At most so wide.
    pub width: u32,
    /// At most so high.
    pub height: u32,
}

impl Size {
    /// A poster in a grid.
    pub const POSTER_SMALL: Self = Self { width: 342, height: 513 };
    /// A poster on a title's page.
    pub const POSTER: Self = Self { width: 780, height: 1170 };
    /// The picture behind a title's page.
    pub const BACKDROP: Self = Self { width: 1280, height: 720 };
}

/// A picture made by us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// A WebP file.
    pub webp: Vec<u8>,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// What to show while it loads (thumbhash, some 25 bytes).
    pub thumbhash: Vec<u8>,
}

/// The media type of [`Picture::webp`].
pub const MIME: &str = "image/webp";

/// A file that is no picture we show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadImage {
    /// Longer than [`LEN_MAX`].
    #[error("the picture file is longer than 16 MiB")]
    TooLong,
    /// Neither JPEG nor PNG nor WebP.
    #[error("the file is no JPEG, PNG or WebP picture")]
    UnknownFormat,
    /// Damaged, or larger than the limits allow.
    #[error("the picture is damaged or too large")]
    Undecodable,
    /// It could not be made anew.
    #[error("the picture could not be converted")]
    Unconvertible,
}

/// Decodes a picture, makes it fit and encodes it anew.
///
/// # Errors
/// [`BadImage`] if the file is too long, in no allowed format, damaged, or too large.
pub fn poster(file: &[u8], size: Size) -> Result<Picture, BadImage> {
    if file.len() > LEN_MAX {
        return Err(BadImage::TooLong);
    }
    let format = sniff(file).ok_or(BadImage::UnknownFormat)?;
    let decoded = decode(file, format).ok_or(BadImage::Undecodable)?;
    let fitted = resize(&decoded, size).ok_or(BadImage::Unconvertible)?;
    let thumb = resize(&fitted, Size { width: THUMB_SIDE, height: THUMB_SIDE });
    let thumb = thumb.ok_or(BadImage::Unconvertible)?;
    let (width, height) = fitted.dimensions();
    Ok(Picture {
        webp: webp::Encoder::from_rgba(&fitted, width, height).encode(QUALITY).to_vec(),
        width,
        height,
        thumbhash: thumbhash::rgba_to_thumb_hash(
            thumb.width() as usize,
            thumb.height() as usize,
            &thumb,
        ),
    })
}

fn sniff(file: &[u8]) -> Option<ImageFormat> {
    match file {
        [0xFF, 0xD8, 0xFF, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(ImageFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

fn decode(file: &[u8], format: ImageFormat) -> Option<RgbaImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    // The turned version needs as much room again, in four bytes a pixel.
    if decoder.total_bytes() > DECODED_MAX {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture.into_rgba8())
}

/// Makes a picture fit; `None` if it has no pixels.
fn resize(picture: &RgbaImage, size: Size) -> Option<RgbaImage> {
    let (width, height) = picture.dimensions();
    let (to_width, to_height) = fit(width, height, size)?;
    if (to_width, to_height) == (width, height) {
        return Some(picture.clone());
    }
    let scaled = scale(picture, to_width, to_height).ok()?;
    RgbaImage::from_raw(to_width, to_height, scaled)
}

fn scale(picture: &RgbaImage, width: u32, height: u32) -> Result<Vec<u8>, ResizeError> {
    let source = ImageRef::new(picture.width(), picture.height(), picture, PixelType::U8x4);
    let source = source.map_err(|_| ResizeError::PixelTypesAreDifferent)?;
    let mut target = Image::new(width, height, PixelType::U8x4);
    let lanczos = ResizeAlg::Convolution(fast_image_resize::FilterType::Lanczos3);
    Resizer::new().resize(&source, &mut target, &ResizeOptions::new().resize_alg(lanczos))?;
    Ok(target.into_vec())
}

/// The largest size of this shape within a box.
fn fit(width: u32, height: u32, size: Size) -> Option<(u32, u32)> {
    if width == 0 || height == 0 || size.width == 0 || size.height == 0 {
        return None;
    }
    let ratio =
        (f64::from(size.width) / f64::from(width)).min(f64::from(size.height) / f64::from(height));
    let side = |length: u32| ((f64::from(length) * ratio.min(1.0)).round() as u32).max(1);
    Some((side(width), side(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, y| [x as u8, y as u8, 99, 255].into());
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    #[test]
    fn a_poster_fits_its_box_and_keeps_its_shape() {
        let made = poster(&png(1000, 1500), Size::POSTER_SMALL).unwrap();
        assert_eq!((made.width, made.height), (342, 513));
        assert_eq!(sniff(&made.webp), Some(ImageFormat::WebP));
        assert!((5..40).contains(&made.thumbhash.len()));
        let small = poster(&png(30, 20), Size::POSTER).unwrap();
        assert_eq!((small.width, small.height), (30, 20));
        let thin = poster(&png(3000, 1), Size::POSTER_SMALL).unwrap();
        assert_eq!((thin.width, thin.height), (342, 1));
    }

    #[test]
    fn what_is_no_raster_picture_is_refused() {
        for file in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"GIF89a", b"", b"<html>"] {
            assert_eq!(poster(file, Size::POSTER), Err(BadImage::UnknownFormat));
        }
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let mut bomb = png(1, 1);
        // The width and height of IHDR; its checksum becomes wrong, which a strict decoder may notice first.
        bomb[16..24].copy_from_slice(&[0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50]);
        assert_eq!(poster(&bomb, Size::POSTER), Err(BadImage::Undecodable));
        assert_eq!(poster(&png(8193, 1), Size::POSTER), Err(BadImage::Undecodable));
    }

    #[test]
    fn half_a_picture_is_refused() {
        let whole = png(64, 64);
        for end in (0..whole.len() / 2).step_by(7) {
            assert!(poster(&whole[..end], Size::POSTER).is_err(), "cut at {end}");
        }
    }
}
