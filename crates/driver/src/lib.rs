//! Who carries out what the engine asks?
