//! base64url without padding, as serde modules (protocol.md section 1).

use base64ct::{Base64UrlUnpadded, Encoding};

/// Encodes bytes as base64url text without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes text strictly. `None` on padding, another alphabet or non-zero trailing bits.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
    (encode(&bytes) == text).then_some(bytes)
}

/// Decodes text of exactly `N` bytes. `None` otherwise.
#[must_use]
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

/// `#[serde(with = "base64url::vec")]` for byte strings of any length.
pub mod vec {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::borrow::Cow;

    /// Writes base64url text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    /// Parses base64url text.
    ///
    /// # Errors
    /// If the text is not strict base64url.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        super::decode(&text).ok_or_else(|| D::Error::custom("expected base64url without padding"))
    }
}

/// `#[serde(with = "base64url::option")]` for optional byte strings.
pub mod option {
    use serde::{Deserializer, Serializer};

    /// Writes base64url text, or `null`.
    ///
    /// # Errors
    /// Those of the serializer.
    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::vec::serialize(bytes, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Parses base64url text. `null` is refused: an absent value is omitted.
    ///
    /// # Errors
    /// If the value is not strict base64url.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        super::vec::deserialize(deserializer).map(Some)
    }
}

/// `#[serde(with = "base64url::array")]` for byte strings of exactly `N` bytes.
pub mod array {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::borrow::Cow;

    /// Writes base64url text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    /// Parses base64url text of exactly `N` bytes.
    ///
    /// # Errors
    /// If the text is not strict base64url, or has another length.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        super::decode_array(&text)
            .ok_or_else(|| D::Error::custom(format_args!("expected {N} bytes as base64url without padding")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_canonical() {
        assert_eq!(decode("AA"), Some(vec![0]));
        assert_eq!(decode("AB"), None, "non-zero trailing bits");
        assert_eq!(decode("AA=="), None, "padding");
        assert_eq!(decode("+/8"), None, "the other alphabet");
        assert_eq!(decode_array::<2>("AA"), None, "another length");
    }
}
