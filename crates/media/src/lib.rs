//! What is in this file, and how does it become something that this player can show?
