//! Fuzzes the door `resume_record`.
#![no_main]

#[path = "../../crates/driver/tests/doors/disk.rs"]
mod disk;
#[path = "../../crates/driver/tests/doors/doors.rs"]
mod doors;
#[path = "../../crates/driver/src/resume/journal.rs"]
mod journal;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::resume_record(bytes));
