/** What happened and what to do next, in English. */

import type { Failure } from "../api.ts";
import type { Errors, ErrorText, Reasons } from "./errors.ts";
import { formats } from "./format.ts";

const f = formats("en");

const again = "Try again.";
const later = "Wait a little, then try again.";
const operator = "Tell the operator.";
const update = "Load this page anew to update it.";
const login = "Log in again.";
const anew = "Begin anew on both devices.";
const nothing = "Nothing was shown or changed. Ask the operator by another way.";
const defect: ErrorText = ["This page and the vault do not understand each other.", `${update} If it stays, tell the operator.`];

function tries({ remaining = 0, nextWait = 0, passphrasesSince }: Failure): string {
  const next =
    nextWait > 0
      ? `The next try is possible in ${f.wait(nextWait)}.`
      : remaining > 0
        ? f.count(remaining, { one: "# try is left before waits begin.", other: "# tries are left before waits begin." })
        : again;
  const died =
    passphrasesSince === undefined
      ? ""
      : ` The vault’s operator replaced its root secret: passphrases set before ${f.date(passphrasesSince)} no longer work. Use the recovery code.`;
  return `Check both. ${next}${died}`;
}

export const errors: Errors = {
  "malformed": defect,
  "unsupported": ["The vault uses something that this page does not know.", update],
  "too-large": ["This is more than the vault takes.", "Keep less in one entry."],
  "not-found": ["There is no vault at this address.", "Check the address."],
  "method-not-allowed": defect,
  "foreign-vault": ["This is not the vault that this browser knows: the address leads somewhere else.", "Check the address."],
  "rate-limited": ["Too many requests.", later],
  "busy": ["The vault is busy.", later],
  "timeout": ["The vault took too long.", again],
  "read-only": ["The vault is being moved and takes no changes now.", "Wait a little. The recovery code gives the entries back meanwhile."],
  "internal": ["The vault has a defect.", `${again} If it stays, tell the operator.`],
  "login-refused": ["The vault refused the login.", "Check name and passphrase."],
  "login-expired": ["The login took too long.", again],
  "login-used": ["The login was finished already.", login],
  "budget-spent": ["Too many tries: passphrases are not accepted for now.", "The recovery code gives the entries back at once. A new passphrase has to wait, too."],
  "recovery-refused": ["The vault knows no account with this code.", "Check the words and the vault’s address. After a new code was made, only that one works."],
  "clock-unsound": ["The vault’s clock is wrong, so no passphrase is accepted.", "Tell the operator. The recovery code works meanwhile."],
  "signature-invalid": ["The vault did not accept this browser’s signature.", operator],
  "clock-skew": ["This device’s clock and the vault’s are far apart.", "Correct this device’s clock, then try again."],
  "session-ended": ["The session has ended.", "Open the account again. What you typed stays."],
  "device-revoked": ["The vault says that this browser is not enrolled any more.", "Log in with the passphrase. If you did not revoke it, look into the history."],
  "not-permitted": ["This browser may not do this.", "Log in with the passphrase, or use a device that may."],
  "account-gone": ["The account was deleted.", "Nothing brings it back. Forget this browser to begin anew."],
  "devices-moved": ["Another device changed the devices meanwhile.", again],
  "pairing-unknown": ["The pairing is over, or was not begun.", anew],
  "pairing-used": ["This pairing was used already. Somebody else may have read the code.", anew],
  "registration-closed": ["This vault takes no new accounts.", "Ask its operator, or use another vault."],
  "invite-required": ["This vault takes new accounts by invite only.", "Ask its operator for an invite."],
  "invite-refused": ["The invite is unknown, expired or used.", "Ask the operator for a new one."],
  "name-taken": ["Another account has this name.", "Choose another, or log in if it is yours."],
  "head-moved": ["Another device saved meanwhile.", again],
  "generation-moved": ["The account’s keys were changed.", login],
  "operation-used": ["The vault took this for something else.", again],
  "snapshot-missing": ["The vault does not keep this backup, or no longer.", "Choose another one."],
  "too-many-snapshots": ["Too many saves in a short time.", "Wait, and put several changes into one save."],
  "storage-full": ["The vault has no room. Nothing was saved.", "Tell the operator, and save again later."],
  "store-unavailable": ["The vault cannot reach its store.", later],
  "outcome-unknown": ["The vault does not know whether it was done.", "Try again: nothing happens twice."],
  "invalid-address": ["This is no vault’s address.", "Check it: it is like vault.example.org."],
  "unreachable": ["The vault cannot be reached.", "Check the network, then try again. What you typed stays."],
  "malformed-answer": ["What answers there is not a vault, or is damaged.", "Check the address; if it is right, tell the operator."],
  "answer-too-long": ["The answer is longer than any of a vault.", "Check the address; if it is right, tell the operator."],
  "http-status": ["Something before the vault refused.", "Check the address, or try again later."],
  "name-needed": ["This browser does not know the account’s name.", "Type it."],
  "other-name": ["The account that this browser knows has another name.", "Type its name, or forget this browser first."],
  "weak-passphrase": ["The passphrase is too easy to guess.", "Take the one that is offered, or several random words."],
  "passphrase-or-account": ["Wrong passphrase, or unknown account.", tries],
  "foreign-server-key": [
    ({ passphrasesSince: at }) =>
      at === undefined
        ? "The vault’s key has changed: this may be another vault."
        : `The vault’s key has changed. It says that its operator replaced a lost root secret on ${f.date(at)}; an impostor could say so, too.`,
    ({ passphrasesSince: at }) => (at === undefined ? nothing : `${nothing} Passphrases from before no longer work; the recovery code does.`),
  ],
  "foreign-account": ["The vault answered with another account than this browser knows.", "Nothing was shown or changed. If the account was made anew, forget this browser first."],
  "foreign-keyslot": ["The vault gave keys that are not this account’s.", "Nothing was shown or changed. Try the recovery code, and tell the operator."],
  "snapshot-refused": ["The vault gave a backup that is damaged, or not this account’s.", nothing],
  "rollback": [({ seen = 0, offered = 0 }) => `The vault gave an older backup: number ${offered}. This browser has seen number ${seen}.`, nothing],
  "fork": [({ seen = 0, offered = 0 }) => `The vault gave another history: its number ${offered} does not follow from number ${seen} that this browser has seen.`, nothing],
  "gap": [({ seen = 0, offered = 0 }) => `This browser was away for too long to check the backup: it has seen number ${seen}, the newest is ${offered}.`, "Nothing was shown or changed. If other devices saved that often, accept it once."],
  "snapshot-lost": ["The vault has lost its newest backup.", "Nothing was shown or changed. Tell the operator; an older backup may still be there."],
  "no-such-backup": ["The vault does not keep a backup of this number.", "Choose another one."],
  "older-backup": ["An older backup is open: nothing can be saved after it.", "Open the newest one."],
  "restore-not-asked": ["The vault has not been asked for a restore yet.", "Ask it, which it writes into the history."],
  "devices-refused": ["The vault’s list of devices cannot be trusted. No device was changed.", operator],
  "no-such-device": ["There is no such device any more.", "Look at the list again."],
  "too-many-devices": ["There are as many devices as there may be.", "Revoke one first."],
  "devices-unconfirmed": ["It is not known whether the devices were changed.", "Look at the list, and try again if they were not."],
  "no-such-entry": ["The backup does not hold this entry any more.", "Look for changes."],
  "entry-unreadable": ["An entry does not open, so that it cannot be taken along to new keys. Nothing was changed.", "Look for it in an older backup, remove it, and try again."],
  "too-much": ["This does not fit into a backup.", "Remove an entry, or keep less in one."],
  "read-back": ["The vault said that it saved, but gives something else back.", "The save is kept here: try again, and tell the operator."],
  "unconfirmed": ["It is not known whether the vault has saved.", "The save is kept here: try again, which finishes it."],
  "passphrase-unconfirmed": ["It is not known whether the passphrase was changed.", "Log in with the new one; if that fails, with the old one."],
  "deletion-unconfirmed": ["It is not known whether the account was deleted.", "Log in, and delete it again if that works."],
  "contended": ["Other devices kept saving first.", "The save is kept here: try again, which finishes it."],
  "unfinished-save": ["An earlier save is not finished.", "Finish it, or give it up first."],
  "newer-suite": ["The account was moved to a newer format.", update],
  "not-by-passphrase": ["This needs a login with the passphrase.", "Log in with it, then try again."],
  "history-contradicted": ["The vault’s history contradicts what this browser has seen.", "Ask the operator whether the vault was restored from an old copy."],
  "recovery-code-unconfirmed": ["It is not known whether the new recovery code holds.", "Keep both. Try the new one; if that fails, the old one."],
  "rekey-unconfirmed": ["It is not known whether the keys were changed.", "Keep both recovery codes and log in. If the new code works, they were; else change them again."],
  "pairing-text": ["This is not what a new device shows, or a part is missing.", "Scan it, or copy the whole text."],
  "pairing-refused": ["The pairing was refused: somebody may be in between. Nothing was changed.", anew],
  "pairing-expired": ["The other device did not answer in time. No device was added.", anew],
  "stretching": ["The passphrase could not be stretched: it needs 64 MiB of memory.", "Close other tabs, then try again."],
  "journal": ["This browser could not keep what has to be kept.", "Check that it may store data and has room, then try again."],
  "offline": ["There is no network.", "Connect, then try again. What you typed stays."],
  "locked": ["The account is closed.", "Open it again. What you typed stays."],
  "in-another-tab": ["The account was continued in another tab.", "Go on there, or continue here."],
  "input": ["Something is missing or wrong.", "Correct what is marked."],
  "cancelled": ["Cancelled.", "Nothing was changed."],
  "camera": ["The camera cannot be used.", "Allow it in the browser’s settings, or paste the text."],
  "clipboard": ["The browser did not let this page copy.", "Select the text, and copy it yourself."],
  "account-known": ["This browser knows an account already.", "Log in, or forget this browser to make another."],
  "not-enrolled": ["This browser is not enrolled.", "Log in with the passphrase."],
  "no-recovery-code": ["No recovery code was drawn.", "Begin again."],
  "pairing-not-kept": ["This browser was let in, but could not keep its keys.", "Revoke it on the other device, and pair again."],
  "newer-entry": ["This entry is of a kind that this page does not know.", update],
  "storage": ["This browser does not let the page keep anything.", "Leave private mode or make room, then try again."],
  "storage-damaged": ["What this browser keeps is damaged.", "Forget this browser, then log in or recover."],
  "page-damaged": ["A part of this page did not load, or is not the one that was built.", "Load it anew. If it stays, tell the operator."],
  "defect": ["This page has a defect.", `${update} Nothing that was saved is lost.`],
};

export const reasons: Reasons = {
  "empty": "Something is to be typed here.",
  "too-long": "This is too long.",
  "unassigned": "It holds a character that may change its form. Use another.",
  "not-kept": "Write it down or save it first, then tick this.",
  "differ": "The two differ. Type it once more.",
  "too-weak": "It is too easy to guess.",
  "words-missing": "Some words are missing.",
  "no-number": "This is no number of a backup.",
  "confirm-words": "This is another word. Look at your paper.",
  "type-it": "Type the word to go on.",
  "not-hex": "This is not hexadecimal: 0 to 9 and a to f, two for each byte.",
  "seed-length": "A seed has at most 64 bytes.",
  "label-used": "Another entry has this label.",
  "too-many-paths": "At most 16 paths.",
  "common": "Everybody’s passwords are tried first, and this is like one.",
  "names": "Names are tried early.",
  "pattern": "Rows of keys are tried early.",
  "repeat": "Repeated letters or words hardly add anything.",
  "sequence": "Sequences like abc or 123 are tried early.",
  "dates": "Dates and years are tried early.",
  "one-word": "A single word is found at once.",
  "hints": "It holds the name of the account or the vault.",
  "more-words": "Add more words that have nothing to do with each other.",
  "well-known": "Everybody has read it.",
  "space": "A name has no spaces.",
  "not-a-url": "This is no address. It is like vault.example.org.",
  "scheme": "It must begin with https://.",
  "insecure": "It must begin with https://: all else would go in the clear.",
  "host": "This is no host of a vault. Check its spelling.",
  "path": "Leave out what stands behind the host.",
  "credentials": "Leave out the name before the @.",
  "word-count": "A phrase has 12, 15, 18, 21 or 24 words.",
  "unknown-word": "A word is not on the list.",
  "checksum": "The words do not fit together: one is wrong, or two are swapped.",
  "ambiguous": "These words are on several lists. Choose the language.",
  "recovery-code": "This is a recovery code. It does not belong into the vault that it opens.",
  "seed-phrase": "This is a wallet’s seed phrase, not a recovery code. Never type a seed where it does not belong.",
  "text-length": "A text has at most 16,000 bytes.",
  "no-pairing": "This is not what a new device shows. It begins with rootcellar-pair-1:",
  "newer": "The new device runs a newer version. Load this page anew to update it.",
  "damaged": "A part is missing or mistyped. Copy the whole text, or scan the code.",
  "invalid": "This cannot be used.",
};
