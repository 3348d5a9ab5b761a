//! Precedence, unknown names, and combinations that are refused.
