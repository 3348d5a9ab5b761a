//! Each operation, with a fault of the store between any two of its steps.

use rootcellar_faults::{explore, operations};

macro_rules! explored {
    ($($test:ident: $operation:ident,)*) => {$(
        #[test]
        fn $test() {
            explore(&operations::$operation);
        }
    )*};
}

explored! {
    registering_keeps_its_promises_under_faults: Registering,
    registering_by_invite_keeps_its_promises_under_faults: RegisteringByInvite,
    registering_a_taken_name_keeps_its_promises_under_faults: RegisteringTakenName,
    inviting_keeps_its_promises_under_faults: Inviting,
    logging_in_keeps_its_promises_under_faults: LoggingIn,
    guessing_keeps_its_promises_under_faults: Guessing,
    recovering_keeps_its_promises_under_faults: Recovering,
    opening_an_older_snapshot_keeps_its_promises_under_faults: OpeningOlder,
    saving_keeps_its_promises_under_faults: Saving,
    saving_at_once_keeps_its_promises_under_faults: SavingAtOnce,
    finishing_a_save_keeps_its_promises_under_faults: Finishing,
    dropping_the_oldest_snapshot_keeps_its_promises_under_faults: DroppingOldest,
    setting_a_passphrase_keeps_its_promises_under_faults: SettingPassphrase,
    recovering_with_a_new_passphrase_keeps_its_promises_under_faults: RecoveringWithNewPassphrase,
    sweeping_keeps_its_promises_under_faults: Sweeping,
    recovering_a_half_registered_account_keeps_its_promises_under_faults: RecoveringHalfRegistered,
}
