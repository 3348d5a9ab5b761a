/**
 * The words that an estimate of a passphrase's strength knows, as the page fetches them when a passphrase is chosen: of each list
 * as many, commonest first, as the estimate of the library has. A phone loads half of what the package holds.
 */
import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english } from "@zxcvbn-ts/language-en";

const MOST = 30_000;
const MOST_SURNAMES = 10_000;

/** @type {Record<string, readonly (string | number)[]>} */
const lists = { ...common, ...english };

export const dictionaries = {
  dictionary: Object.fromEntries(
    Object.entries(lists).map(([name, words]) => [name, words.slice(0, name.startsWith("lastnames") ? MOST_SURNAMES : MOST)]),
  ),
  graphs: adjacencyGraphs,
};
