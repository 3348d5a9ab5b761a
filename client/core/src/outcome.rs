//! What a step that failed did at the vault.

/// What a step that failed did at the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: the change was not sent.
    NotSent,
    /// Nothing: the vault refused it.
    Refused,
    /// All of it, and something is left to do on this device, as the error says.
    Done,
    /// The vault may have done it, or will once this device repeats what it keeps. The error says how to find out.
    Uncertain,
}
