//! What no compiler, lint or other tool finds in the source tree.

mod arrows;
mod client_codes;
mod cycles;
mod dialect;
mod documents;
mod figures;
mod sizes;
mod words;
