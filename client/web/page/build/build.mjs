/**
 * Builds the page from its sources and from what `cargo xtask page` made of the library: the same bytes each time, wherever it
 * is built. Each file's name holds a hash of it, and whoever fetches it knows the whole hash.
 *
 * node build/build.mjs CORE.wasm WORDS.txt SECURITY.md VERSION RUST OUT
 */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { minify } from "terser";
import { assigned } from "./assigned.mjs";
import { contentSecurityPolicy } from "./csp.mjs";
import { dictionaries } from "./dictionaries.mjs";
import { withoutUnused } from "./unused.mjs";

const page = dirname(dirname(fileURLToPath(import.meta.url)));
const [coreFile, wordsFile, securityFile, version, rust, out] = process.argv.slice(2);
if (!coreFile || !wordsFile || !securityFile || !version || !rust || !out) throw new Error("CORE WORDS SECURITY VERSION RUST OUT");

/** @type {Map<string, Buffer>} Every file of the page, by its path. */
const files = new Map();

/**
 * Adds a file under a name that holds its hash.
 * @param {string} name @param {string} extension @param {string | Uint8Array} content
 */
function asset(name, extension, content) {
  const bytes = Buffer.from(content);
  const path = `assets/${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.${extension}`;
  files.set(path, bytes);
  return { path, integrity: integrity(bytes) };
}

/** @param {Uint8Array} bytes */
function integrity(bytes) {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}

/**
 * Bundles one entry; what the sources leave open is put in.
 * @param {string} entry @param {"esm" | "iife"} format @param {Record<string, unknown>} define
 */
async function bundle(entry, format, define) {
  const result = await build({
    entryPoints: [join(page, entry)],
    absWorkingDir: page,
    bundle: true,
    write: false,
    minify: true,
    format,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    // The library's glue names a file beside itself, which is never asked for, since it is given the module; and it names the
    // module of its imports once for each kind of them.
    logOverride: { "empty-import-meta": "silent", "duplicate-object-key": "silent" },
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
    tsconfigRaw: { compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" } },
    inject: entry === "src/main.ts" ? [join(page, "build/elements.mjs")] : [],
    plugins: [withoutUnused],
  });
  const bundled = /** @type {{ text: string }} */ (result.outputFiles[0]).text;
  return entry.endsWith(".css") ? bundled : smaller(bundled, format);
}

/**
 * What is left when whole expressions are looked at: a twentieth.
 * @param {string} script @param {"esm" | "iife"} format
 */
async function smaller(script, format) {
  const { code } = await minify(script, { ecma: 2020, module: format === "esm", toplevel: true, compress: { passes: 2 } });
  return code ?? "";
}

const text = (/** @type {string} */ path) => readFile(join(page, path));

const core = asset("core", "wasm", await readFile(coreFile));
const words = asset("words", "txt", await readFile(wordsFile));
const strength = asset("strength", "json", JSON.stringify(dictionaries));
/** @type {Record<string, unknown>} */
const texts = {};
// One after the other: the order of files is part of what is built.
for (const tag of ["en", "de"]) {
  texts[tag] = asset(tag, "json", JSON.stringify(JSON.parse((await text(`src/texts/${tag}.json`)).toString())));
}
const worker = asset(
  "worker",
  "js",
  await bundle("src/worker/worker.ts", "iife", {
    __CORE__: core,
    __WORDS__: words,
    __DICTIONARIES__: strength,
    __ASSIGNED__: assigned,
  }),
);
const main = asset(
  "main",
  "js",
  await bundle("src/main.ts", "esm", { __WORKER__: worker, __TEXTS__: texts, __VERSION__: version }),
);
const style = asset("style", "css", await bundle("src/style.css", "esm", {}));

const html = (await text("index.html"))
  .toString()
  .replace("%CSP%", contentSecurityPolicy)
  .replace("%STYLE%", style.path)
  .replace("%STYLE_INTEGRITY%", style.integrity)
  .replace("%MAIN%", main.path)
  .replace("%MAIN_INTEGRITY%", main.integrity);
files.set("index.html", Buffer.from(html));
files.set("security.txt", await readFile(securityFile));
for (const name of (await readdir(join(page, "public"))).sort()) files.set(name, await text(`public/${name}`));

const later = [strength];
const listed = [...files]
  .map(([path, bytes]) => ({ path, integrity: integrity(bytes) }))
  .filter(({ path }) => !later.some((one) => one.path === path));
const buildId = createHash("sha256").update(JSON.stringify([listed, later])).digest("hex").slice(0, 16);
const service = { __FILES__: listed, __LATER__: later, __BUILD__: buildId };
files.set("sw.js", Buffer.from(await bundle("src/sw.ts", "iife", service)));
// What no lock file pins: by these tools whoever has the source makes the same bytes. Another patch of Node makes another list, and no other page.
files.set("tools.txt", Buffer.from(`rustc ${rust}\nnode ${process.versions.node}\nbrotli ${process.versions.brotli}\n`));

for (const [path, bytes] of [...files]) {
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  if (compressed.length < bytes.length) files.set(`${path}.br`, compressed);
}
const hashes = [...files]
  .map(([path, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${path}\n`)
  .sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1))
  .join("");
files.set("HASHES", Buffer.from(hashes));

await rm(out, { recursive: true, force: true });
for (const [path, bytes] of files) {
  const file = join(out, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
