//! Everything that a check can find, with its stable code, its result and its text.

use super::CheckResult;
use serde::Serialize;

macro_rules! causes {
    ($($result:ident { $($name:ident: $text:expr;)* })*) => {
        /// What a check found. Serialised in kebab case, which is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[expect(missing_docs, reason = "the text of each says it")]
        pub enum Cause { $($($name,)*)* }

        impl Cause {
            /// The result of a check that found it.
            #[must_use]
            pub fn result(self) -> CheckResult {
                match self { $($(Self::$name => CheckResult::$result,)*)* }
            }

            /// What it means and what to do, in sentences. `{}` is replaced by the detail.
            fn template(self) -> &'static str {
                match self { $($(Self::$name => $text,)*)* }
            }
        }
    };
}

macro_rules! ignored {
    ($what:literal) => {
        concat!(
            $what,
            " A vault here would lose saves and allow unlimited guesses. Use a store with conditional writes."
        )
    };
}

causes! {
    Ok {
        Responds: "The store responds.";
        ClocksAgree: "The clocks of this machine and of the store agree.";
        ClocksClose: "The store's clock is {} of this machine's.";
        CreatesOnce: "An object that was written can be read, and is not created a second time.";
        ReplacesIfUnchanged: "An object is replaced only if it did not change since it was read.";
        DoesNotReplaceMissing: "A late write does not bring back a deleted object.";
        OneWinner: "Of concurrent writes, exactly one succeeds and the others fail.";
        ListsAtOnce: "New objects are listed at once and in order.";
        DeletesIfUnchanged: "An object is deleted only if it did not change since it was read.";
        CreatesAgain: "A deleted object can be created again.";
        VersioningOn: "Versioning is on: overwritten and deleted objects remain until a rule of the bucket \
            removes them. Set up such a rule. It also decides how long removed backups remain.";
        VersionsProtected: "The role cannot delete versions permanently, so an intruder on the server cannot \
            destroy them.";
    }
    Note {
        NotChecked: "Could not be checked. {}";
        VersioningOff: "Versioning is off: overwritten or deleted objects are lost at once, whether by mistake or \
            by an intruder. Turn it on, with a rule that removes old versions.";
    }
    Warning {
        VersionsDeletable: "The role can delete versions permanently, so an intruder on the server can destroy \
            every backup. Deny it s3:DeleteObjectVersion, and s3:BypassGovernanceRetention, which is not checked.";
        LeftBehind: "Objects of the check remain at {}. Delete them.";
    }
    Unclear {
        NoResponse: "The store gave no clear response: {}.";
        Contended: "The store reports that another write is in progress. Run the check again.";
        NoWinner: "Of concurrent writes, none was confirmed. Run the check again.";
    }
    Failed {
        Refused: "{}";
        Full: "The store is full. Free some space.";
        ClocksDiffer: "The store's clock is {} of this machine's, so passphrases would not be accepted. Set this \
            machine's clock.";
        ConditionNotRecognised: "The store refuses a write whose condition is met. It may report ETags in another \
            form. Use another store.";
        WriteLost: "An object that was just written cannot be read. A vault here would lose saves. Use another store.";
        EtagDiffers: "A write and the read after it report different ETags. Use another store.";
        RefusedWriteApplied: "A write that was refused took effect. Use another store.";
        StaleRead: "A read after a write returns the old contents. Use another store.";
        IfNoneMatchIgnored: ignored!("The store overwrites an existing object: it ignores If-None-Match: *.");
        IfMatchIgnored: ignored!("The store overwrites a changed object: it ignores If-Match.");
        IfMatchCreates: ignored!("The store creates a missing object in spite of If-Match.");
        DeleteIfMatchIgnored: ignored!("The store deletes a changed object: it ignores If-Match on deletes.");
        SeveralWinners: ignored!("Several concurrent writes with the same condition succeeded.");
        WrongWinner: ignored!("Of concurrent writes, one was confirmed and another one took effect.");
        ListIncomplete: "A new object is not listed, or not in order. Sweeps and copies would miss objects. Use \
            another store.";
        StartAfterIgnored: "A listing does not start where requested: start-after is ignored. Sweeps and copies \
            would miss objects. Use another store.";
        DeletedStillRead: "A deleted object can still be read. Use another store.";
        DeletedNameTaken: "A deleted object cannot be created again: its delete marker counts as an object. Users \
            whose old guess budget was removed could not log in. Use a bucket without versioning, or another store.";
    }
}

impl Cause {
    /// What was found, what it means and what to do, in sentences.
    pub(super) fn text(self, detail: &str) -> String {
        self.template().replace("{}", detail)
    }
}
