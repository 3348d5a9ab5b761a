//! What every answer about the page tells the browser to refuse. `deploy/Caddyfile.page` says the same for a page that is
//! hosted apart, but for the vault's origin in `connect-src`; a test compares the two.

/// Nothing but what is served along with the page: no script or style in the markup, none from text, none from elsewhere;
/// WebAssembly; no frame, no form, no base; texts reach the places where they could become script by one policy only.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
     media-src 'self' blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types rootcellar";

/// The camera reads a pairing's code, and a copied text is cleared from the clipboard. The rest is off.
pub const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(self), clipboard-read=(), \
     clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
     gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), keyboard-map=(), local-fonts=(), \
     magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), \
     publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
     storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()";

/// All of them, by name.
pub const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS_POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// A server that speaks TLS itself under a public name has browsers come back by TLS only. Behind a proxy this is the
/// proxy's to say.
pub const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";
