//! One file of a page: its media type, caching, and its bytes in each encoding.

use super::folder::Found;
use super::{HASHES, PageError};
use bytes::Bytes;
use http::HeaderValue;
use rootcellar_spec::base64url;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The file types of a page, by extension.
const MEDIA_TYPES: [(&str, &str); 12] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
    ("txt", PLAIN),
];
const PLAIN: &str = "text/plain; charset=utf-8";

/// The folder of files whose names contain a hash of their contents.
const ASSETS: &str = "assets/";
/// For files whose names contain a hash. Their bytes never change.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For all other files. Browsers revalidate them each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// Minimum length of a hash in a name, in characters.
const HASH_IN_NAME: usize = 8;

/// The compression of a file, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// The name in `Accept-Encoding` and `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

const CODINGS: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

/// The compression that the file's extension indicates.
pub(super) fn coding(name: &str) -> Option<Coding> {
    CODINGS.into_iter().find(|coding| name.ends_with(coding.suffix()))
}

/// The name without the extension of a compression.
pub(super) fn uncoded(name: &str) -> &str {
    coding(name).and_then(|coding| name.strip_suffix(coding.suffix())).unwrap_or(name)
}

/// The media type of a file of this name. `None` if a page cannot contain it.
pub(super) fn media_type(name: &str) -> Option<&'static str> {
    if name == HASHES {
        return Some(PLAIN);
    }
    let (_, extension) = name.rsplit_once('.')?;
    MEDIA_TYPES.iter().find(|(known, _)| *known == extension).map(|(_, media_type)| *media_type)
}

/// The bytes of a file in one encoding.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) coding: Option<Coding>,
    pub(super) bytes: Bytes,
    /// A strong ETag. Other bytes, and other encodings, have another one.
    pub(super) tag: HeaderValue,
}

impl Variant {
    fn new(coding: Option<Coding>, bytes: Bytes) -> Self {
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let tag = format!("\"{}\"", base64url::encode(&digest[..16]));
        let tag = HeaderValue::try_from(tag).expect("base64url in quotes is plain ASCII");
        Self { coding, bytes, tag }
    }
}

/// A file in all its encodings.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) media_type: HeaderValue,
    pub(super) cache: HeaderValue,
    /// The compressed variants, best first, and then the plain bytes.
    pub(super) variants: Vec<Variant>,
}

impl File {
    /// A file that is not in the folder.
    pub(super) fn said(media_type: &'static str, bytes: &'static [u8]) -> Self {
        Self {
            media_type: HeaderValue::from_static(media_type),
            cache: ASK_AGAIN,
            variants: vec![Variant::new(None, Bytes::from_static(bytes))],
        }
    }

    /// Takes a file and its compressed variants out of the folder's files.
    pub(super) fn take(folder: &Path, name: &str, found: &mut Found) -> Result<Self, PageError> {
        let foreign = || PageError::Foreign(folder.join(name), "has a type that is not served");
        let media_type = media_type(name).ok_or_else(foreign)?;
        let plain = found.remove(name).ok_or_else(|| PageError::Lost(folder.join(name)))?;
        let coded = |coding: Coding| {
            let bytes = found.remove(&format!("{name}{}", coding.suffix()))?;
            Some(Variant::new(Some(coding), bytes))
        };
        let mut variants: Vec<Variant> = CODINGS.into_iter().filter_map(coded).collect();
        variants.push(Variant::new(None, plain));
        let cache = if is_named_by_hash(name) { FOR_GOOD } else { ASK_AGAIN };
        Ok(Self { media_type: HeaderValue::from_static(media_type), cache, variants })
    }
}

/// Whether the name ends with a hash before its extension, such as `app-Bx3_9QaZ.js`. A word in
/// lower case is not a hash.
fn is_named_by_hash(name: &str) -> bool {
    let Some(stem) = name.strip_prefix(ASSETS).and_then(|name| name.rsplit_once('.')).map(|(stem, _)| stem)
    else {
        return false;
    };
    let separators = ['-', '.'];
    // A hash of that length may contain a hyphen.
    let fixed = stem.len().checked_sub(HASH_IN_NAME).and_then(|at| stem.split_at_checked(at));
    let fixed = fixed.filter(|(before, _)| before.ends_with(separators)).map(|(_, hash)| hash);
    let hash = fixed.or_else(|| stem.rsplit_once(separators).map(|(_, hash)| hash)).unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    hash.len() >= HASH_IN_NAME
        && hash.bytes().all(is_letter)
        && hash.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_bears_a_hash_is_kept_for_good() {
        for hashed in [
            "assets/app-Bx3_9QaZ.js",
            "assets/app-B-3_9QaZ.js",
            "assets/rootcellar_web_bg-0a1b2c3d4e5f6071.wasm",
            "assets/app.0A1B2C3D.css",
            "assets/deep/app-AAAAAAAA.css",
        ] {
            assert!(is_named_by_hash(hashed), "{hashed}");
        }
        for plain in [
            "index.html",
            "worker-Bx3_9QaZ.js",
            "assets/app.js",
            "assets/page-language.js",
            "assets/app-Bx3.js",
            "assets/Bx3_9QaZ.js",
            "assets/",
            "assets/é1234567.js",
        ] {
            assert!(!is_named_by_hash(plain), "{plain}");
        }
    }

    #[test]
    fn knows_the_kinds_of_a_page() {
        assert_eq!(media_type("assets/a-1.wasm"), Some("application/wasm"));
        assert_eq!(media_type(HASHES), Some(PLAIN));
        for none in ["a.exe", "a", "assets/HASHES", "a.html~", "a.js.map"] {
            assert_eq!(media_type(none), None, "{none}");
        }
        assert_eq!((uncoded("a.js.br"), uncoded("a.js.gz"), uncoded("a.js")), ("a.js", "a.js", "a.js"));
    }
}
