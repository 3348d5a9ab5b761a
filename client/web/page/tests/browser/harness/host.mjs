/** The page, hosted apart from the vault, with the headers of `deploy/Caddyfile.page`. */

import http from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { PAGE } from "./programs.mjs";

const CADDYFILE = new URL("../../../../../../deploy/Caddyfile.page", import.meta.url);
const KINDS = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** The headers that the file sets on everything. */
async function headersFor(vault) {
  const text = (await readFile(CADDYFILE, "utf8")).replaceAll("{$VAULT_ORIGIN}", vault);
  const block = /^\theader \{\n(.*?)^\t\}/ms.exec(text)[1];
  const lines = [...block.matchAll(/^\t\t([A-Za-z-]+) "(.*)"$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name, value]));
}

/** Serves the page and says at which origin; `bare` without any header, as the simplest hosts do. */
export async function host(test, vault, { bare = false } = {}) {
  const headers = bare ? {} : await headersFor(vault);
  // This host has no TLS.
  delete headers["Strict-Transport-Security"];
  const server = http.createServer((request, response) => {
    const path = request.url.split("?")[0];
    const name = path === "/" ? "index.html" : path.slice(1);
    const config = name === "config.json" ? Promise.resolve(JSON.stringify({ vault })) : null;
    (config ?? readFile(join(PAGE, name))).then(
      (bytes) => {
        response.writeHead(200, { ...headers, "content-type": KINDS[extname(name)] ?? "text/plain", "cache-control": "no-cache" });
        response.end(bytes);
      },
      () => response.writeHead(404, headers).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${server.address().port}`;
}
