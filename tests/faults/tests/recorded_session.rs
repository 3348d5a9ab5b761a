//! The recorded session of `spec/vectors/sessions` is what client and vault say today, byte for byte.

use rootcellar_faults::{recording, time};
use std::path::Path;
use std::{env, fs};

/// `ROOTCELLAR_RECORD=1` writes it again, where the wire format was changed on purpose.
#[test]
fn the_recorded_session_is_what_is_said_today() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/sessions/one-life.json");
    let recorded = serde_json::to_string_pretty(&time::run(recording::record())).expect("JSON") + "\n";
    if env::var_os("ROOTCELLAR_RECORD").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, &recorded).expect("written");
    }
    let kept = fs::read_to_string(&path).expect("the recording is kept");
    assert!(
        kept == recorded,
        "record it again with ROOTCELLAR_RECORD=1, and say in the changelog what changed"
    );
}
