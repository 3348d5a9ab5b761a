/**
 * Parts of packages that the page never calls, and which no bundler sees to be unused: the checks of the estimate's options, which
 * the build itself wrote, and a measure of distance that is off. Each export becomes a function that gives nothing.
 */
import { readFile } from "node:fs/promises";

const UNUSED = /@zxcvbn-ts[\\/]core[\\/]dist[\\/](runtimeChecks|utils[\\/]levenshtein)\.mjs$/;

/** @type {import("esbuild").Plugin} */
export const withoutUnused = {
  name: "without-unused",
  setup(build) {
    let found = 0;
    build.onEnd(() => {
      const isWanted = JSON.stringify(build.initialOptions.entryPoints).includes("worker.ts");
      if (isWanted && found !== 2) throw new Error(`${found} of two unused parts were found`);
    });
    build.onLoad({ filter: UNUSED }, async ({ path }) => {
      const [, names] = /export \{ ([^}]*) \};/.exec(await readFile(path, "utf8")) ?? [];
      if (names === undefined) throw new Error(`${path} exports otherwise than it did`);
      found += 1;
      const exports = names.split(", ").map((name) => name.replace(/.* as /, ""));
      return { contents: exports.map((name) => (name === "default" ? "export default () => ({});" : `export const ${name} = () => ({});`)).join("\n") };
    });
  },
};
