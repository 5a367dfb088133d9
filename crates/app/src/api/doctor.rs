//! What works on this machine, and what to do about the rest.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problems;
use crate::{
    cinema::Cinema,
    doctor::{self, Finding},
    http::{extract::Json, problem::Problem},
};

/// What was looked at and what was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    /// One line each.
    findings: Vec<Finding>,
}

/// What works on this machine, and what to do about the rest.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "network",
    responses((status = 200, body = Report), Problems))]
pub(super) async fn doctor(State(cinema): State<Cinema>) -> Result<Json<Report>, Problem> {
    let media = cinema.swarm.media();
    let listening = !cinema.swarm.local_addrs().is_empty();
    let mut findings = doctor::programs();
    findings.push(doctor::writable("cache", &media).await);
    findings.push(doctor::peers(listening));
    findings.extend(cinema.swarm.interface().map(|(name, there)| doctor::interface(&name, there)));
    Ok(Json(Report { findings }))
}
