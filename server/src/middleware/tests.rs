//! The stack as a whole: every refusal is a problem document.
