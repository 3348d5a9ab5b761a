//! Each operation, with a fault of the store between any two of its steps.

use rootcellar_faults::{operations, search};

#[test]
fn registering_keeps_its_promises_under_faults() {
    search(&operations::Registering);
}

#[test]
fn registering_by_invite_keeps_its_promises_under_faults() {
    search(&operations::RegisteringByInvite);
}

#[test]
fn registering_a_taken_name_keeps_its_promises_under_faults() {
    search(&operations::RegisteringTakenName);
}

#[test]
fn inviting_keeps_its_promises_under_faults() {
    search(&operations::Inviting);
}

#[test]
fn logging_in_keeps_its_promises_under_faults() {
    search(&operations::LoggingIn);
}

#[test]
fn guessing_keeps_its_promises_under_faults() {
    search(&operations::Guessing);
}

#[test]
fn recovering_keeps_its_promises_under_faults() {
    search(&operations::Recovering);
}

#[test]
fn opening_an_older_snapshot_keeps_its_promises_under_faults() {
    search(&operations::OpeningOlder);
}

#[test]
fn saving_keeps_its_promises_under_faults() {
    search(&operations::Saving);
}

#[test]
fn saving_at_once_keeps_its_promises_under_faults() {
    search(&operations::SavingAtOnce);
}

#[test]
fn finishing_a_save_keeps_its_promises_under_faults() {
    search(&operations::Finishing);
}

#[test]
fn dropping_the_oldest_snapshot_keeps_its_promises_under_faults() {
    search(&operations::DroppingOldest);
}

#[test]
fn thinning_keeps_its_promises_under_faults() {
    search(&operations::Thinning);
}

#[test]
fn setting_a_passphrase_keeps_its_promises_under_faults() {
    search(&operations::SettingPassphrase);
}

#[test]
fn recovering_with_a_new_passphrase_keeps_its_promises_under_faults() {
    search(&operations::RecoveringWithNewPassphrase);
}

#[test]
fn sweeping_keeps_its_promises_under_faults() {
    search(&operations::Sweeping);
}

#[test]
fn recovering_a_half_registered_account_keeps_its_promises_under_faults() {
    search(&operations::RecoveringHalfRegistered);
}

#[test]
fn deleting_an_account_keeps_its_promises_under_faults() {
    search(&operations::Deleting);
}

#[test]
fn enrolling_a_device_keeps_its_promises_under_faults() {
    search(&operations::EnrollingDevice);
}

#[test]
fn revoking_a_device_keeps_its_promises_under_faults() {
    search(&operations::RevokingDevice);
}

#[test]
fn permitting_a_device_more_keeps_its_promises_under_faults() {
    search(&operations::PermittingMore);
}

#[test]
fn permitting_a_device_less_keeps_its_promises_under_faults() {
    search(&operations::PermittingLess);
}

#[test]
fn saving_on_a_device_keeps_its_promises_under_faults() {
    search(&operations::SavingOnDevice);
}

#[test]
fn saving_on_a_device_that_is_behind_keeps_its_promises_under_faults() {
    search(&operations::SavingOnDeviceBehind);
}

#[test]
fn setting_a_recovery_code_keeps_its_promises_under_faults() {
    search(&operations::SettingRecoveryCode);
}

#[test]
fn changing_keys_keeps_its_promises_under_faults() {
    search(&operations::Rekeying);
}

#[test]
fn moving_to_a_newer_suite_keeps_its_promises_under_faults() {
    search(&operations::MovingSuite);
}

#[test]
fn pairing_keeps_its_promises_under_faults() {
    search(&operations::Pairing);
}

#[test]
fn thinning_on_a_device_keeps_its_promises_under_faults() {
    search(&operations::ThinningOnDevice);
}

#[test]
fn refusing_a_device_without_room_keeps_its_promises_under_faults() {
    search(&operations::RefusingDevice);
}
