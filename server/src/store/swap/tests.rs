//! The rules of outcomes, against a store that follows a script.
