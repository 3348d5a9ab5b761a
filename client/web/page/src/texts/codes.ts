/** Every code that a `Failure` may have: the vault's (`spec/errors.md`), the client's, and the page's own. */

export const CODES = [
  // The vault's.
  "malformed", "unsupported", "too-large", "not-found", "method-not-allowed", "foreign-vault", "rate-limited", "busy",
  "timeout", "read-only", "internal", "login-refused", "login-expired", "login-used", "budget-spent", "recovery-refused",
  "clock-untrusted", "signature-invalid", "clock-skew", "session-ended", "device-revoked", "not-permitted", "account-deleted",
  "devices-moved", "recovery-code-moved", "pairing-unknown", "pairing-used", "registration-closed", "invite-required",
  "invite-refused", "name-taken", "head-moved", "generation-moved", "operation-used", "snapshot-missing", "device-quota",
  "storage-full", "store-unavailable", "outcome-unknown",
  // The client's.
  "invalid-address", "unreachable", "malformed-response", "response-too-long", "http-status", "name-required", "other-name",
  "weak-passphrase", "passphrase-or-account", "foreign-server-key", "foreign-account", "foreign-keyslot",
  "snapshot-refused", "rollback", "fork", "gap", "snapshot-lost", "no-such-backup", "older-backup", "restore-not-asked",
  "devices-refused", "no-such-device", "too-many-devices", "devices-unconfirmed", "no-such-entry", "entry-unreadable",
  "too-much", "read-back", "unconfirmed", "passphrase-unconfirmed", "deletion-unconfirmed", "contended",
  "pending-save", "recovery-code-waiting", "newer-suite", "newer-format", "newer-entry", "not-by-passphrase",
  "history-contradicted", "recovery-code-unconfirmed", "rekey-unconfirmed", "pairing-text", "pairing-refused", "pairing-expired",
  "key-derivation", "local-state", "enrolled-not-committed", "rekeyed-not-committed",
  // The page's.
  "offline", "saved-locally", "locked", "in-another-tab", "input", "cancelled", "account-known", "not-enrolled",
  "paired-not-stored", "paired-not-committed", "deleted-not-forgotten", "no-pairing", "storage", "storage-damaged",
  "page-damaged", "camera", "clipboard", "defect",
] as const;

export type Code = (typeof CODES)[number];

/** What may be wrong with an input, and why a passphrase is weak. */
export const REASONS = [
  // The worker's.
  "empty", "too-long", "unassigned", "untypable", "space", "not-a-url", "scheme", "insecure", "host", "path", "credentials",
  "word-count", "unknown-word", "checksum", "ambiguous", "is-recovery-code", "is-phrase", "seed-length", "not-hex",
  "text-length", "no-pairing", "newer", "damaged", "invalid",
  // The screens'.
  "not-saved", "differ", "too-weak", "words-missing", "no-number", "confirm-words", "type-it", "label-used",
  "too-many-paths", "several-lines", "unusual",
  // Of a passphrase.
  "common", "names", "pattern", "repeat", "sequence", "dates", "one-word", "hints", "more-words", "well-known",
] as const;

export type Reason = (typeof REASONS)[number];
