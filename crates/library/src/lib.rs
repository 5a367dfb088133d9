//! What does this household remember?
