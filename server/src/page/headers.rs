//! The security headers of every response for the page.
//! `deploy/Caddyfile.page` has the same for a page that is hosted separately, except for the vault's origin in `connect-src`.
//! A test compares the two.

/// Allows only what is served with the page. No inline script or style, no `eval`, nothing from
/// other origins, but WebAssembly. No frames, forms or base URL. One Trusted Types policy creates
/// all scripts.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
     media-src 'self' blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types rootcellar";

/// The page uses the camera to read a pairing code, and writes to the clipboard. Everything else is
/// off.
pub const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(self), clipboard-read=(), \
     clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
     gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), keyboard-map=(), local-fonts=(), \
     magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), \
     publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
     storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()";

/// All headers, by name.
pub const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS_POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// For a server that speaks TLS itself under a public name. Behind a proxy, the proxy decides.
pub const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";
