//! The HTTP API, version 1: its routes with their policies, and its description (OpenAPI 3.1).

pub mod bytes;
pub mod card;
pub mod channels;
pub mod discovery;
pub mod doctor;
pub mod downloads;
mod entries;
pub mod filters;
pub mod held;
pub mod home;
pub mod household;
pub mod imports;
mod keys;
mod lines;
pub mod masters;
pub mod mirrors;
pub mod network;
pub mod own_channels;
pub mod own_sites;
pub mod play;
pub mod scenes;
pub mod settings;
pub mod sites;
pub mod titles;

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, http::header, response::IntoResponse, routing};
use utoipa::{
    IntoResponses, Modify, OpenApi, ToSchema,
    openapi::{
        self, Content, Ref, RefOr, ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::routes;

use crate::{
    cinema::Cinema,
    events::Event,
    http::{
        page,
        policy::{Access, Guard, Policy, Route, Routes},
        problem::Problem,
        signed::Scope,
    },
};

/// Where the description can be read.
const DESCRIPTION_PATH: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kinora",
        version = "1",
        description = "The cinema on this machine. Every path under /api needs the bearer token; films, \
            pictures and subtitles have signed paths, which the answers of the API name.",
        license(name = "MPL-2.0", identifier = "MPL-2.0")
    ),
    components(schemas(Problem, Event, titles::Sort)),
    modifiers(&Token)
)]
struct About;

struct Token;

impl Modify for Token {
    fn modify(&self, about: &mut openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token from the address that `kinora` printed."))
            .build();
        let components = about.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Every answer that is not a success.
struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let schema = Ref::from_schema_name(Problem::name());
        let response = ResponseBuilder::new()
            .description("What went wrong and what to do next")
            .content("application/problem+json", Content::new(Some(schema)))
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

fn declared(guard: Arc<Guard>) -> Routes<Cinema> {
    Routes::new(guard, About::openapi())
        .add(Policy::TOKEN, routes!(home::home))
        .add(Policy::TOKEN, routes!(home::search))
        .add(Policy::TOKEN, routes!(titles::titles))
        .add(Policy::TOKEN, routes!(titles::title))
        .add(Policy::TOKEN, routes!(titles::facets))
        .add(Policy::TOKEN, routes!(play::play))
        .add(Policy::TOKEN, routes!(play::state, play::end))
        .add(Policy::PATIENT, routes!(scenes::scenes))
        .add(Policy::TOKEN, routes!(household::set_progress, household::clear_progress))
        .add(Policy::TOKEN, routes!(household::set_favourite, household::clear_favourite))
        .add(Policy::TOKEN, routes!(household::set_watched, household::clear_watched))
        .add(Policy::TOKEN, routes!(household::blocked))
        .add(Policy::TOKEN, routes!(household::set_blocked, household::clear_blocked))
        .add(Policy::TOKEN, routes!(settings::settings, settings::patch))
        .add(Policy::TOKEN, routes!(settings::consent))
        .add(Policy::TOKEN, routes!(downloads::list, downloads::add))
        .add(Policy::TOKEN, routes!(downloads::change, downloads::remove))
        .add(Policy::UPLOAD, routes!(downloads::hand_in))
        .add(Policy::TOKEN, routes!(downloads::play_file))
        .add(Policy::TOKEN, routes!(channels::channels, channels::follow_channel))
        .add(Policy::TOKEN, routes!(channels::read_address))
        .add(Policy::TOKEN, routes!(channels::channel, channels::unfollow_channel))
        .add(Policy::TOKEN, routes!(channels::name_channel))
        .add(Policy::TOKEN, routes!(channels::refresh_channel))
        .add(Policy::TOKEN, routes!(channels::forgive_channel))
        .add(Policy::TOKEN, routes!(channels::shelves))
        .add(Policy::TOKEN, routes!(filters::apply_filter, filters::apply_filter_no_more))
        .add(Policy::TOKEN, routes!(filters::show_anyway, filters::show_anyway_no_more))
        .add(Policy::CATALOGUE, routes!(entries::add_entries, entries::entries))
        .add(Policy::TOKEN, routes!(entries::marks))
        .add(Policy::TOKEN, routes!(discovery::found_channels))
        .add(Policy::PATIENT, routes!(discovery::ask_domain))
        .add(Policy::TOKEN, routes!(discovery::vouch, discovery::vouch_no_more))
        .add(Policy::TOKEN, routes!(discovery::vouches))
        .add(Policy::PATIENT, routes!(discovery::claim_domain, discovery::ask_own_domain))
        .add(Policy::TOKEN, routes!(channels::block_channel, channels::unblock_channel))
        .add(Policy::TOKEN, routes!(own_channels::own_channels, own_channels::create_channel))
        .add(Policy::TOKEN, routes!(own_channels::own_channel))
        .add(Policy::TOKEN, routes!(own_channels::channel_draft))
        .add(Policy::TOKEN, routes!(own_channels::take_out))
        .add(Policy::CATALOGUE, routes!(own_channels::add_titles))
        .add(Policy::UPLOAD, routes!(own_channels::take_file))
        .add(Policy::LIST, routes!(imports::import_list))
        .add(Policy::TOKEN, routes!(own_channels::withdraw_title))
        .add(Policy::PATIENT, routes!(own_channels::publish_channel))
        .add(Policy::TOKEN, routes!(mirrors::add_mirror, mirrors::remove_mirror))
        .add(Policy::TOKEN, routes!(keys::rotate_key))
        .add(Policy::PATIENT, routes!(keys::hand_over))
        .add(Policy::TOKEN, routes!(keys::lock_channel))
        .add(Policy::TOKEN, routes!(keys::remove_secret))
        .add(Policy::TOKEN, routes!(keys::word_list, keys::read_words))
        .add(Policy::TOKEN, routes!(keys::restore_channel, keys::restorations))
        .add(Policy::TOKEN, routes!(keys::restoration_state, keys::stop_restoring))
        .add(Policy::PATIENT, routes!(own_channels::export_channel))
        .add(Policy::TOKEN, routes!(masters::masters))
        .add(Policy::PATIENT, routes!(masters::take_master))
        .add(Policy::EVENTS, routes!(held::hold_master))
        .add(Policy::FILM, routes!(masters::receive_master))
        .add(Policy::TOKEN, routes!(masters::master, masters::remove_master))
        .add(Policy::PATIENT, routes!(masters::frames, masters::choose_frame))
        .add(Policy::UPLOAD, routes!(masters::set_poster))
        .add(
            Policy::PATIENT,
            routes!(masters::offer, masters::convert_master, masters::stop_conversion),
        )
        .add(Policy::UPLOAD, routes!(masters::add_subtitle))
        .add(Policy::TOKEN, routes!(masters::remove_subtitle))
        .add(Policy::TOKEN, routes!(masters::publish_master))
        .add(Policy::TOKEN, routes!(masters::licences))
        .add(Policy::PATIENT, routes!(sites::sites, sites::open_site))
        .add(Policy::TOKEN, routes!(sites::forget_site))
        .add(Policy::TOKEN, routes!(sites::forgive_site))
        .add(Policy::TOKEN, routes!(sites::go_along, sites::ask_again))
        .add(Policy::TOKEN, routes!(own_sites::own_sites, own_sites::create_site))
        .add(Policy::EVENTS, routes!(own_sites::publish_site))
        .add(Policy::PATIENT, routes!(own_sites::restore_site))
        .add(Policy::TOKEN, routes!(mirrors::add_site_mirror, mirrors::remove_site_mirror))
        .add(Policy::TOKEN, routes!(own_sites::rotate_site))
        .add(Policy::TOKEN, routes!(own_sites::lock_site))
        .add(Policy::TOKEN, routes!(own_sites::hand_over_site))
        .add(Policy::TOKEN, routes!(own_sites::remove_site_secret))
        .add(Policy::TOKEN, routes!(network::network))
        .add(Policy::EVENTS, routes!(network::events))
        .add(Policy::TOKEN, routes!(doctor::doctor))
        .add(Policy::STREAM, routes!(bytes::stream))
        .add(Policy::signed(Scope::Image), routes!(bytes::picture))
        .add(Policy::signed(Scope::Subtitle), routes!(bytes::subtitle_text))
}

/// Everything that is served: the API, the bytes, the description and the page.
pub fn router(cinema: Cinema) -> (Router, Vec<Route>) {
    let (router, description, mut inventory) = declared(cinema.guard.clone()).finish();
    let description: Arc<str> = to_json(&description).into();
    inventory.push(Route {
        method: axum::http::Method::GET,
        path: DESCRIPTION_PATH.to_owned(),
        access: Access::Open,
    });
    let describe = move || {
        let description = description.clone();
        async move {
            ([(header::CONTENT_TYPE, "application/json")], description.to_string()).into_response()
        }
    };
    let router = router
        .route(DESCRIPTION_PATH, routing::get(describe))
        .fallback(page::serve)
        .with_state(cinema);
    (router, inventory)
}

/// The description as the file that the page's client is generated from.
///
/// # Errors
/// When the operating system gives no random bytes for the guard that the routes are built with.
pub fn description() -> Result<String, getrandom::Error> {
    Ok(to_json(&declared(Arc::new(Guard::random()?)).finish().1))
}

fn to_json(description: &openapi::OpenApi) -> String {
    description.to_pretty_json().map(|text| text + "\n").unwrap_or_default()
}
