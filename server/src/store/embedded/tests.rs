//! Behaviour of the file beyond the contract.
