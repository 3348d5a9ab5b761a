//! What no compiler, lint or other tool finds in the source tree.

mod arrows;
mod client_codes;
mod cycles;
mod dialect;
mod documents;
mod figures;
mod phrases;
mod prose_of_source;
mod sizes;
mod words;
