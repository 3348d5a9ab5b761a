//! Listings of the vault's objects, whatever else is in the bucket.

use crate::S3Settings;
use aws_sdk_s3::types::Object;
use rootcellar_spec::Timestamp;
use rootcellar_store::Listed;

/// Whether the names are in order and all follow `after`. A store that ignores the start of a page
/// would otherwise be listed forever.
pub(crate) fn moves_on(objects: &[Object], after: Option<&str>) -> bool {
    let mut last = after;
    objects.iter().filter_map(Object::key).all(|name| {
        let is_next = last.is_none_or(|last| last < name);
        last = Some(name);
        is_next
    })
}

/// Maximum names in a page.
pub(crate) const PAGE: i32 = 1000;

/// An object with a name that a vault can have. Other objects are ignored.
pub(crate) fn own(settings: &S3Settings, object: &Object) -> Option<Listed> {
    let key = settings.key(object.key()?)?;
    let modified = u64::try_from(object.last_modified()?.secs()).ok()?;
    let size = u64::try_from(object.size()?).ok()?;
    Some(Listed { key, size, modified: Timestamp(modified) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    fn object(name: &str) -> Object {
        Object::builder().key(name).size(3).last_modified(DateTime::from_secs(7)).build()
    }

    #[test]
    fn a_page_must_follow_what_was_listed() {
        let page = ["b", "c"].map(object);
        assert!(moves_on(&page, None) && moves_on(&page, Some("a")) && moves_on(&[], Some("x")));
        assert!(!moves_on(&page, Some("b")), "what was listed comes again");
        assert!(!moves_on(&["b", "a"].map(object), None) && !moves_on(&["b", "b"].map(object), None));
    }

    #[test]
    fn what_the_vault_never_wrote_is_passed_over() {
        let prefix = "p".to_owned();
        let settings = S3Settings { bucket: "b".to_owned(), endpoint: None, region: None, prefix };
        let listed = own(&settings, &object("p/vault")).expect("is the vault's");
        assert_eq!((listed.key.as_str(), listed.size, listed.modified), ("vault", 3, Timestamp(7)));
        assert_eq!(own(&settings, &object("p/Notes.txt")), None);
        assert_eq!(own(&settings, &Object::builder().key("p/vault").build()), None, "no size, no time");
    }
}
