//! Prints the OpenAPI description: `cargo run -p rootcellar-server --features openapi --example openapi`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let document = rootcellar_server::openapi_document().to_pretty_json()?;
    writeln!(std::io::stdout(), "{document}")
}
