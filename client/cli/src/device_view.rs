//! Enrolled devices as people see them, and as JSON.

use crate::entry_match::Named;
use crate::home;
use crate::text;
use crate::time_text::{date, day, rfc3339};
use rootcellar_client::VaultText;
use rootcellar_client::device_list::DeviceKind;
use rootcellar_client::session::KnownDevice;
use rootcellar_spec::hex;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{DeviceId, Timestamp};
use serde::Serialize;

/// Digits of the short form of an id.
const SHORT_DIGITS: usize = 8;

/// A device of the list that the owner signed; when it was seen last is the vault's word.
#[derive(Serialize)]
pub(crate) struct DeviceView {
    id: String,
    label: VaultText,
    permission: &'static str,
    /// Left out of an app, which most are.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    enrolled_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<String>,
    this_device: bool,
    #[serde(skip)]
    pub(crate) device: DeviceId,
    #[serde(skip)]
    pub(crate) may: Permission,
    #[serde(skip)]
    enrolled: String,
    #[serde(skip)]
    last_seen: String,
}

/// This device, as `--json` prints it.
#[derive(Serialize)]
pub(crate) struct ThisDevice {
    id: String,
    /// As the person gave it.
    pub(crate) label: VaultText,
}

impl ThisDevice {
    /// The view of it.
    pub(crate) fn of(device: &home::Device) -> Self {
        Self { id: hex::encode(&device.id.0), label: device.label.as_str().into() }
    }
}

/// What a view is made of.
struct Parts<'a> {
    /// Its id.
    device: DeviceId,
    /// Its label.
    label: &'a VaultText,
    /// What it may do.
    permission: Permission,
    /// What kind of device it is.
    kind: DeviceKind,
    /// When it was enrolled.
    enrolled_at: Timestamp,
    /// When the vault saw it last, to the day.
    last_seen_at: Option<Timestamp>,
    /// Whether it is this one.
    is_this: bool,
}

impl DeviceView {
    /// The view of a device.
    fn of(parts: &Parts<'_>) -> Self {
        Self {
            id: hex::encode(&parts.device.0),
            label: parts.label.clone(),
            permission: parts.permission.as_str(),
            kind: (parts.kind != DeviceKind::App).then(|| parts.kind.name()),
            enrolled_at: rfc3339(parts.enrolled_at),
            last_seen_at: parts.last_seen_at.map(rfc3339),
            this_device: parts.is_this,
            device: parts.device,
            may: parts.permission,
            enrolled: date(parts.enrolled_at),
            last_seen: parts.last_seen_at.map_or_else(|| "-".to_owned(), day),
        }
    }

    /// The view of a device that the session listed.
    pub(crate) fn of_known(known: &KnownDevice) -> Self {
        Self::of(&Parts {
            device: known.device.id,
            label: known.device.label.text(),
            permission: known.device.permission,
            kind: known.device.kind,
            enrolled_at: known.device.enrolled_at,
            last_seen_at: Some(known.last_seen_at),
            is_this: known.is_this,
        })
    }

    /// The headings over [`DeviceView::row`].
    pub(crate) const HEADINGS: &'static str = text::devices::HEADINGS;

    /// One line for a person: short id, permission, dates, label.
    pub(crate) fn row(&self) -> String {
        let this = if self.this_device { text::devices::THIS } else { "" };
        let kind = self.kind.map(|kind| text::devices::Kind { kind }.to_string()).unwrap_or_default();
        format!(
            "{}  {:<10}  {}  {:<10}  {}{kind}{this}\n",
            self.short_id(),
            self.permission,
            self.enrolled,
            self.last_seen,
            self.label
        )
    }

    /// What a question or an answer calls it.
    pub(crate) fn summary(&self) -> String {
        let (label, id, permission) = (&self.label, self.short_id(), self.permission);
        match self.this_device {
            true => text::devices::SummaryThis { label, id, permission }.into(),
            false => text::devices::Summary { label, id, permission }.into(),
        }
    }

    /// Whether it is the device that this program runs on.
    pub(crate) fn is_this(&self) -> bool {
        self.this_device
    }

    fn short_id(&self) -> &str {
        &self.id[..SHORT_DIGITS]
    }
}

impl Named for DeviceView {
    const NONE: &'static str = text::devices::NO_SUCH;
    const NONE_CODE: &'static str = "no-such-device";
    const SEVERAL_CODE: &'static str = "ambiguous-device";
    const LIST: &'static str = text::devices::LIST_ADVICE;

    fn short_id_text(label: &VaultText, digits: usize) -> String {
        text::devices::ShortId { label, digits }.into()
    }

    fn several_text(n: u64) -> String {
        text::devices::Several { n }.into()
    }

    fn label(&self) -> &str {
        self.label.exact()
    }

    fn id_text(&self) -> String {
        self.id.clone()
    }

    fn line(&self) -> String {
        self.row()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry_match::find;

    fn view(byte: u8, label: &str, is_this: bool) -> DeviceView {
        of_kind(DeviceKind::App, byte, label, is_this)
    }

    fn of_kind(kind: DeviceKind, byte: u8, label: &str, is_this: bool) -> DeviceView {
        DeviceView::of(&Parts {
            device: DeviceId([byte; 16]),
            label: &label.into(),
            kind,
            permission: Permission::Backup,
            enrolled_at: Timestamp(1_709_251_199),
            last_seen_at: Some(Timestamp(1_709_251_200)),
            is_this,
        })
    }

    #[test]
    fn a_row_tells_one_device_from_another() {
        assert_eq!(
            view(0xab, "Pixel\u{202e} 9", true).row(),
            format!(
                "abababab  backup      2024-02-29 23:59 UTC  2024-03-01  Pixel\u{fffd} 9{}\n",
                text::devices::THIS
            )
        );
        let width = |line: &str, word: &str| line.find(word);
        let row = view(1, "LABEL", false).row();
        assert_eq!(
            width(DeviceView::HEADINGS, "LABEL"),
            width(&row, "LABEL"),
            "columns are under their headings"
        );
        assert_eq!(width(DeviceView::HEADINGS, "ENROLLED"), width(&row, "2024-02-29"));
        assert_eq!(width(DeviceView::HEADINGS, "LAST"), width(&row, "2024-03-01"));
    }

    #[test]
    fn a_kind_that_is_no_app_is_shown() {
        let row = |kind| of_kind(kind, 1, "Key", false).row();
        assert!(row(DeviceKind::Passkey).ends_with("  Key (passkey)\n"));
        assert!(row(DeviceKind::from_number(99)).ends_with("  Key (newer kind)\n"));
        let json = serde_json::to_value(of_kind(DeviceKind::Passkey, 1, "Key", false)).expect("JSON");
        assert_eq!(json["kind"], "passkey");
    }

    #[test]
    fn a_device_is_found_by_label_or_id() {
        let devices = [view(1, "Laptop", true), view(2, "Phone", false), view(3, "Phone", false)];
        let found =
            |wanted| find(&devices, wanted).map(|view| view.device.0[0]).map_err(|failure| failure.code);
        assert_eq!(found("laptop"), Ok(1));
        assert_eq!(found("0202"), Ok(2));
        assert_eq!(found("Phone"), Err("ambiguous-device"));
        assert_eq!(found("Tablet"), Err("no-such-device"));
    }

    #[test]
    fn json_has_no_more_than_is_documented() {
        let json = serde_json::to_value(view(1, "Laptop", false)).expect("JSON");
        let members: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(members, ["enrolled_at", "id", "label", "last_seen_at", "permission", "this_device"]);
    }
}
