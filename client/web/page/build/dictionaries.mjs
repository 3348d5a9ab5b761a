/** The words that an estimate of a passphrase's strength knows, as the page fetches them when a passphrase is chosen. */
import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english } from "@zxcvbn-ts/language-en";

export const dictionaries = { dictionary: { ...common, ...english }, graphs: adjacencyGraphs };
