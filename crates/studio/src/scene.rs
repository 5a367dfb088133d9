//! The pictures: each scene is a drawing that moves in a loop.
//!
//! `turn` runs from 0 to 1 and the last frame leads back to the first, so a film is the loop again and
//! again without a jump. The same drawing is a poster, a backdrop and the stills of episodes.

mod heavens;
mod land;
mod pattern;
mod water;

use crate::canvas::{Canvas, Hex};

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Dunes under a low sun.
    Dunes,
    /// A ferry on a sea with the moon's path on it.
    Ferry,
    /// Planets around a star.
    Orbits,
    /// A lit town with a tram going through.
    Town,
    /// Firs in fog and falling snow.
    Firs,
    /// Quarter circles that turn.
    Tiles,
    /// A lighthouse and its beam.
    Lighthouse,
    /// Meshing gears.
    Gears,
    /// A flock of folded birds.
    Birds,
    /// Northern lights over a lake.
    Aurora,
    /// A flower of rings.
    Petals,
    /// Waves from a mast.
    Signal,
    /// The lines of a map.
    Lines,
}

/// Five colours from dark to light; the last one is for type.
pub(crate) type Palette = [Hex; 5];

/// Draws one moment of a scene. `variant` moves things about, for episodes of the same series.
pub(crate) fn draw(canvas: &mut Canvas, scene: Scene, palette: Palette, turn: f32, variant: u32) {
    let paint = match scene {
        Scene::Dunes => land::dunes,
        Scene::Firs => land::firs,
        Scene::Town => land::town,
        Scene::Ferry => water::ferry,
        Scene::Lighthouse => water::lighthouse,
        Scene::Aurora => water::aurora,
        Scene::Orbits => heavens::orbits,
        Scene::Birds => heavens::birds,
        Scene::Signal => heavens::signal,
        Scene::Tiles => pattern::tiles,
        Scene::Gears => pattern::gears,
        Scene::Petals => pattern::petals,
        Scene::Lines => pattern::lines,
    };
    paint(canvas, palette, turn, variant);
}
