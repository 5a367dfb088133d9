//! Does it hold up in a thousand bad evenings?
