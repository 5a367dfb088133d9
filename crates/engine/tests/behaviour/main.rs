//! What one engine does, one subject a file: wire bytes in and out, time passed in.

#[path = "../setting/mod.rs"]
mod setting;
#[allow(dead_code, reason = "the hostile peers use the rest of it")]
#[path = "../hostile/stage.rs"]
mod stage;

mod announcing;
mod bold;
mod calling;
mod encryption;
mod hints;
mod holepunch;
mod queue;
mod quota;
mod rates;
mod scrape;
mod seeking;
mod siblings;
