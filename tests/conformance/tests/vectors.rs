//! Walks `spec/vectors/` by directory, so that a new vector cannot be skipped and a changed one fails.

use rootcellar_conformance::{check_all, generate, kept};

#[test]
fn the_client_does_what_every_vector_says() {
    let count = check_all().expect("every vector holds");
    assert!(count > 80, "only {count} vectors");
}

#[test]
fn every_vector_is_what_the_generator_makes() {
    let (made, kept) = (generate(), kept().expect("spec/vectors can be read"));
    assert!(made.keys().eq(kept.keys()), "run `cargo xtask vectors`, and say in the changelog what changed");
    for (path, text) in made {
        assert_eq!(Some(&text), kept.get(&path), "{}", path.display());
    }
}
