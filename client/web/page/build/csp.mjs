/**
 * What the page allows itself, in its own markup: as a vault that serves it says in a header (`server/src/page/headers.rs`), but
 * for `frame-ancestors`, which markup cannot say, and for `connect-src`, since it may speak to a vault elsewhere.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "media-src 'self' blob:",
  "form-action 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types rootcellar",
].join("; ");
