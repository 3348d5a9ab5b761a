//! Stretches once, at the cost of suite 1, and prints how many milliseconds that took: what the page is held against
//! (`cargo xtask bench`).

use generic_array::{GenericArray, typenum::U64};
use opaque_ke::ksf::Ksf;
use rootcellar_client::ksf::Argon2id;
use std::time::Instant;

fn main() -> Result<(), &'static str> {
    let input = GenericArray::<u8, U64>::default();
    let began = Instant::now();
    Argon2id::default().hash(input).map_err(|_| "there is not the memory for it")?;
    let took = began.elapsed();
    #[expect(clippy::print_stdout, reason = "a program prints its result")]
    {
        println!("{:.3}", took.as_secs_f64() * 1000.0);
    }
    Ok(())
}
