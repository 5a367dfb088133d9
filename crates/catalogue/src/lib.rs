//! What is there to watch, who says so, under which licence?
