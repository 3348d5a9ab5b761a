/**
 * The runs of characters that the library takes, from its table (`spec/unicode.txt`): each number is one of base 36,
 * from the last one to where the next run begins or ends.
 */
import { readFileSync } from "node:fs";

const table = readFileSync(new URL("../../../../spec/unicode.txt", import.meta.url), "utf8");
let last = 0;

export const assigned = [...table.matchAll(/^\+([0-9a-f]+)-([0-9a-f]+)$/gmu)]
  .flatMap(([, first = "", end = ""]) => [parseInt(first, 16), parseInt(end, 16)])
  .map((code) => {
    const step = (code - last).toString(36);
    last = code;
    return step;
  })
  .join();
