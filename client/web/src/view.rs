//! What the page is shown of an open account, as JSON; no secret of an entry is in it.

use crate::held::By;
use crate::json::{Array, Object};
use crate::platform::Page;
use rootcellar_client::entry::Kind;
use rootcellar_client::inventory::Item;
use rootcellar_client::pending_code::{Ceremony, CodeNotice};
use rootcellar_client::session::Session;
use rootcellar_client::{ClientError, VaultText, VaultUrl};
use rootcellar_spec::base64url;
use rootcellar_spec::hex;

/// `SessionView` of the page's `api.ts`.
pub(crate) fn session(
    session: &Session<Page>,
    by: By,
    is_older: bool,
    (finished, code, registered_at): (&str, Option<CodeNotice>, &VaultUrl),
) -> String {
    let mut items = Array::new();
    session.items().iter().for_each(|one| items.push(&item(one)));
    Object::new()
        .text("permission", session.permission().as_str())
        .text("by", by.as_str())
        .raw("backup", &backup(session, is_older))
        .text_or_null("refused", session.refused_head().map(ClientError::code))
        .raw("items", &items.finish())
        .number("failedAttempts", u64::from(session.failed_attempts()))
        .flag("named", session.is_named())
        .text("finished", finished)
        .flag("devicesRefused", session.devices_fault().is_some())
        .raw("code", &code.map_or_else(|| "null".to_owned(), |code| notice(code, registered_at)))
        .text_or_null("accountName", shown(session.account_name()).as_deref())
        .text_or_null("vaultAddress", shown(session.vault_addresses().first().map(String::as_str)).as_deref())
        .finish()
}

/// What a backup notes, which other devices write.
fn shown(noted: Option<&str>) -> Option<String> {
    noted.map(|text| VaultText::new(text).to_string())
}

/// `CodeNotice` of the page's `api.ts`.
fn notice(notice: CodeNotice, registered_at: &VaultUrl) -> String {
    let vault = (notice.ceremony == Ceremony::Registration).then(|| registered_at.to_string());
    let purpose = match notice.ceremony {
        Ceremony::Registration => "registration",
        Ceremony::RecoveryCode => "recovery-code",
        Ceremony::Rekey => "rekey",
    };
    Object::new()
        .text("purpose", purpose)
        .text("state", notice.state.as_str())
        .number("generatedAt", notice.generated_at.0)
        .text_or_null("vault", vault.as_deref())
        .finish()
}

fn backup(session: &Session<Page>, is_older: bool) -> String {
    let (Some(head), Some(snapshot)) = (session.head(), session.snapshot()) else { return "null".to_owned() };
    Object::new()
        .number("number", head.number.0)
        // The one that is signed: the vault's own could make an old backup look new.
        .number("at", snapshot.inventory.created_at.0)
        .text("device", &snapshot.inventory.device.label.to_string())
        .flag("older", is_older)
        .finish()
}

fn item(item: &Item) -> String {
    Object::new()
        .text("id", &base64url::encode(&item.id.0))
        .text("label", &item.label.to_string())
        .text("kind", Kind::from_number(item.kind).map_or("unknown", Kind::name))
        .number("createdAt", item.created_at.0)
        .number("changedAt", item.changed_at.0)
        .text_or_null("fingerprint", item.fingerprint.map(|bytes| hex::encode(&bytes)).as_deref())
        .finish()
}
