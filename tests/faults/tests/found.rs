//! What the exploration found once, each by its name.

use rootcellar_faults::fault::Verb;
use rootcellar_faults::operations::Registering;
use rootcellar_faults::{Fault, run_with};

#[test]
fn a_name_whose_claim_met_itself_is_claimed() {
    run_with(&Registering, Verb::Create, "names/", Fault::OwnRetryFailed);
    run_with(&Registering, Verb::Create, "locators/", Fault::OwnRetryFailed);
}
