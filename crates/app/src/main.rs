//! The program `kinora`: everything it does lies in the library beside it, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::cli::run()
}
