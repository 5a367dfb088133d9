//! The local HTTP door: who may come in, in which order that is asked, and what every answer carries.
//!
//! A request passes, in this order: the connection caps and the header timeout ([`listener`]), the rules
//! that hold before any route is looked up ([`gate`]), and the policy its route declared ([`policy`]).

pub mod client;
pub mod entity;
pub mod extract;
pub mod gate;
mod headers;
pub mod listener;
pub mod page;
pub mod policy;
pub mod problem;
pub mod range;
pub mod signed;
pub mod token;
