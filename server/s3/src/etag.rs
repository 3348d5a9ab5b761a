//! ETags in one form, whatever the store sends.
//!
//! HTTP puts an entity tag in quotes; some stores omit them. The vault stores the tag without
//! quotes and sends it with quotes, as RFC 9110 requires and AWS accepts.

use rootcellar_store::Etag;

/// Parses a response's tag. `None` if it is empty.
pub(crate) fn received(text: Option<&str>) -> Option<Etag> {
    let text = text?.trim();
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let tag = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(strong);
    (!tag.is_empty()).then(|| Etag(tag.to_owned()))
}

/// The form for a condition.
pub(crate) fn sent(etag: &Etag) -> String {
    format!("\"{}\"", etag.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_unquoted_are_the_same_version() {
        let etag = Some(Etag("d41d8cd9".to_owned()));
        for text in ["\"d41d8cd9\"", "d41d8cd9", " \"d41d8cd9\"", "W/\"d41d8cd9\""] {
            assert_eq!(received(Some(text)), etag, "{text}");
        }
        for none in [None, Some(""), Some("\"\""), Some(" ")] {
            assert_eq!(received(none), None);
        }
        assert_eq!(sent(&Etag("d41d8cd9".to_owned())), "\"d41d8cd9\"");
    }
}
