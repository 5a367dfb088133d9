//! Everything that went into an engine, so that the same comes out again.

use engine::{Config, Engine, Input, Output, Time};

/// One engine's life: the bug report that replays.
#[derive(Debug, Clone)]
pub struct Recording {
    /// How it was set up.
    pub config: Config,
    /// What happened, and when.
    pub inputs: Vec<(Time, Input)>,
    /// What it decided.
    pub outputs: Vec<Output>,
}

impl Recording {
    /// Nothing happened yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, inputs: Vec::new(), outputs: Vec::new() }
    }

    /// What a new engine decides when the same happens to it.
    #[must_use]
    pub fn replay(&self) -> Vec<Output> {
        let mut engine = Engine::new(self.config.clone());
        let mut outputs = Vec::new();
        for (now, input) in &self.inputs {
            engine.handle_input(*now, input.clone());
            while let Some(output) = engine.poll_output() {
                outputs.push(output);
            }
        }
        outputs
    }
}
