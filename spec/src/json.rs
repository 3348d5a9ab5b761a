//! Strict JSON types of request members, as serde functions (protocol.md section 13.1).
//!
//! Derived deserializers are laxer than the protocol: they also accept an array of the members'
//! values for an object, `{"name": null}` for a name, and `null` for an absent member.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IntoDeserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A value from a JSON object.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// A value from a JSON string.
struct Name<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Name<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        T::deserialize(text.into_deserializer()).map(Self)
    }
}

/// `#[serde(deserialize_with = "json::objects")]`: an array of objects.
///
/// # Errors
/// If an element is not an object, or not this one.
pub fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(value)| value).collect())
}

/// `#[serde(deserialize_with = "json::optional_object")]`: an object that may be absent.
///
/// # Errors
/// If the value is not an object, or not this one.
pub fn optional_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| Some(value))
}

/// `#[serde(deserialize_with = "json::name")]`: one of a few names.
///
/// # Errors
/// If the value is not text, or none of the names.
pub fn name<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Name::deserialize(deserializer).map(|Name(value)| value)
}

/// `#[serde(deserialize_with = "json::optional_name")]`: one of a few names, or absent.
///
/// # Errors
/// If the value is not text, or none of the names.
pub fn optional_name<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    name(deserializer).map(Some)
}

/// `#[serde(deserialize_with = "json::optional")]`: any value that may be absent, but not `null`.
///
/// # Errors
/// Those of the value.
pub fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::wire::devices::{DeviceEntry, DevicesRequest, RecoveryCodeRequest, RekeyRequest};
    use crate::wire::login;
    use crate::wire::recovery::RecoveryMethod;
    use crate::wire::registration::FinishRequest;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    /// Every object in `value`, by its JSON pointer.
    fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.push(at.to_owned());
                for (name, member) in members {
                    objects(member, &format!("{at}/{name}"), found);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    objects(element, &format!("{at}/{index}"), found);
                }
            }
            _ => {}
        }
    }

    /// Parses `good`, and checks that it is refused with any of its `inner` objects as an array of
    /// its values.
    #[track_caller]
    fn takes_objects_only<T: DeserializeOwned>(good: &Value, inner: usize) {
        serde_json::from_value::<T>(good.clone()).expect("the good one");
        let mut found = Vec::new();
        objects(good, "", &mut found);
        assert_eq!(found.len(), 1 + inner, "{found:?}");
        for place in &found[1..] {
            let mut other = good.clone();
            let object = other.pointer_mut(place).expect("just found");
            let fields = match place.as_str() {
                "/pairing" => vec!["mailbox", "confirmation"],
                "/devices/0" => vec!["id", "request_key", "permission", "keyslot"],
                _ => vec!["label", "wait", "keyslot", "locator", "login_public_key", "proof"],
            };
            let values = fields.iter().map(|name| object[*name].clone()).collect();
            *object = Value::Array(values);
            let refused = serde_json::from_value::<T>(other);
            let error = refused.err().unwrap_or_else(|| unreachable!("{place} as an array was taken"));
            assert!(error.to_string().contains("expected an object"), "{place}: {error}");
        }
    }

    #[track_caller]
    fn refuses_null<T: DeserializeOwned>(good: &Value, members: &[&str]) {
        for member in members {
            let mut other = good.clone();
            other[*member] = Value::Null;
            assert!(serde_json::from_value::<T>(other).is_err(), "{member}: null is not absent");
        }
    }

    fn text(byte: u8, length: usize) -> String {
        crate::base64url::encode(&vec![byte; length])
    }

    #[test]
    fn an_array_in_place_of_an_inner_object_is_refused() {
        let method = json!({
            "label": text(1, 40), "wait": 0, "keyslot": text(2, 40), "locator": text(3, 32),
            "login_public_key": text(4, 32), "proof": text(5, 64),
        });
        let device = json!({
            "id": text(1, 16), "request_key": text(2, 32), "permission": "backup", "keyslot": text(3, 40),
        });
        let pairing = json!({"mailbox": text(1, 32), "confirmation": text(2, 40)});
        let operation = text(9, 16);
        let devices =
            json!({"operation": operation, "list": text(1, 40), "devices": [device], "pairing": pairing});
        takes_objects_only::<DevicesRequest>(&devices, 2);
        refuses_null::<DevicesRequest>(&devices, &["pairing"]);
        refuses_null::<DeviceEntry>(&device, &["keyslot"]);
        refuses_null::<RecoveryMethod>(&method, &["label", "wait"]);
        let code = json!({
            "operation": operation, "generation": 1, "replaces": text(1, 32), "recovery_methods": [method],
        });
        takes_objects_only::<RecoveryCodeRequest>(&code, 1);
        let rekey = json!({
            "operation": operation, "suite": 1, "generation": 2, "replaces": text(1, 32),
            "passphrase_keyslot": text(1, 40), "recovery_methods": [method], "list": text(1, 40),
            "devices": [device],
        });
        takes_objects_only::<RekeyRequest>(&rekey, 2);
        refuses_null::<RekeyRequest>(&rekey, &["list"]);
        let registration = json!({
            "token": text(1, 40), "operation": operation, "account_id": text(1, 16), "suite": 1,
            "registration_record": text(1, 192), "passphrase_keyslot": text(1, 40),
            "recovery_methods": [method],
        });
        takes_objects_only::<FinishRequest>(&registration, 1);
        refuses_null::<FinishRequest>(&registration, &["invite"]);
    }

    #[test]
    fn an_object_in_place_of_a_name_is_refused() {
        let device = json!({"id": text(1, 16), "request_key": text(2, 32), "permission": "backup"});
        let login = json!({
            "token": text(1, 40), "ke3": text(2, 64), "request_key": text(3, 32), "purpose": "restore",
        });
        serde_json::from_value::<DeviceEntry>(device.clone()).expect("the good one");
        serde_json::from_value::<login::FinishRequest>(login.clone()).expect("the good one");
        let (mut other_device, mut other_login) = (device, login.clone());
        other_device["permission"] = json!({"backup": null});
        other_login["purpose"] = json!({"restore": null});
        serde_json::from_value::<DeviceEntry>(other_device).expect_err("a permission is text");
        serde_json::from_value::<login::FinishRequest>(other_login).expect_err("a purpose is text");
        refuses_null::<login::FinishRequest>(&login, &["purpose"]);
    }
}
