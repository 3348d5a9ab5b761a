/** Files that the worker fetches, each with the hash that the build found. The build puts them in the place of these names. */

/** A file of the page. */
export interface File {
  /** Relative to the page. */
  readonly path: string;
  /** As in the attribute `integrity`. */
  readonly integrity: string;
}

declare const __CORE__: File;
declare const __WORDS__: File;
declare const __DICTIONARIES__: File;

export const core: File = __CORE__;
export const words: File = __WORDS__;
export const dictionaries: File = __DICTIONARIES__;
