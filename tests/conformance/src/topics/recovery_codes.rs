//! Recovery codes as words (protocol.md section 11).

use crate::Topic;
use crate::case::{array, expect, hex, text};
use crate::seeded::Seeded;
use anyhow::{Result, ensure};
use rootcellar_client::recovery_code::{RecoveryCode, RecoveryCodeError};
use serde_json::{Value, json};

pub(super) const TOPIC: Topic = Topic { name: "recovery-code", generate, check };

fn result_of(outcome: &Result<RecoveryCode, RecoveryCodeError>) -> &'static str {
    match outcome {
        Ok(_) => "valid",
        Err(RecoveryCodeError::WordCount(_)) => "word-count",
        Err(RecoveryCodeError::UnknownWord { .. }) => "unknown-word",
        Err(RecoveryCodeError::SeedPhrase) => "seed-phrase",
        Err(_) => "checksum",
    }
}

fn generate() -> Vec<(String, Value)> {
    let mut seeded = Seeded::new("recovery-code");
    let mut vectors = Vec::new();
    let entropies = [
        ("zeros", [0; 16]),
        ("ones", [0xff; 16]),
        ("random-1", seeded.bytes()),
        ("random-2", seeded.bytes()),
    ];
    for (name, entropy) in entropies {
        let code = RecoveryCode::from_entropy(&entropy);
        let vector = json!({
            "words": code.words().as_str(),
            "result": "valid",
            "entropy": hex(entropy),
            "locator": hex(code.locator()),
        });
        vectors.push((name.to_owned(), vector));
    }
    let words = RecoveryCode::from_entropy(&seeded.bytes()).words().to_string();
    let (first, rest) = words.split_once(' ').expect("twelve words");
    let faults = [
        (
            "seed-phrase",
            "legal winner thank year wave sausage worth useful legal winner thank yellow".to_owned(),
        ),
        ("zero-seed-phrase", format!("{}about", "abandon ".repeat(11))),
        ("wrong-checksum", format!("{}ability", "abandon ".repeat(11))),
        ("eleven-words", rest.to_owned()),
        ("thirteen-words", format!("{words} {first}")),
        ("empty", String::new()),
        ("kelvin-sign-is-no-k", format!("{}\u{212a}angaroo", "kangaroo ".repeat(11))),
        ("unknown-word", format!("rootcellar {rest}")),
    ];
    for (name, words) in faults {
        let result = result_of(&RecoveryCode::parse(&words));
        assert_ne!(result, "valid", "{name}");
        vectors.push((name.to_owned(), json!({ "words": words, "result": result })));
    }
    vectors.push(("written-otherwise".to_owned(), {
        let entropy: [u8; 16] = [0x42; 16];
        let words = RecoveryCode::from_entropy(&entropy).words().to_uppercase().replace(' ', "-\n ");
        let locator = hex(RecoveryCode::from_entropy(&entropy).locator());
        json!({ "words": words, "result": "valid", "entropy": hex(entropy), "locator": locator })
    }));
    vectors
}

fn check(vector: &Value) -> Result<()> {
    let outcome = RecoveryCode::parse(text(vector, "words")?);
    expect(vector, "result", result_of(&outcome))?;
    if let Ok(code) = outcome {
        expect(vector, "locator", hex(code.locator()))?;
        let again = RecoveryCode::from_entropy(&array(vector, "entropy")?);
        ensure!(again.words() == code.words(), "the entropy gives other words");
    }
    Ok(())
}
