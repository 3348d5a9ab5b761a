/**
 * Words of BIP-39: completed and checked. English comes with the library; the other languages' lists are one file, which is
 * fetched when a word is not English, or the words of a phrase all are, once.
 */
import type { PhraseCheck, Secret } from "../api.ts";
import { failed, failureOf } from "../failure.ts";
import * as core from "./wasm/rootcellar_web.js";

export class Words {
  private fetched: Promise<void> | undefined;

  /** `fetchLists` gives the file of all lists: `language` and its words between line feeds, languages between empty lines. */
  constructor(private readonly fetchLists: () => Promise<string>) {}

  async complete(prefix: string, language: string | null, most: number): Promise<readonly string[]> {
    if (language !== null && language !== "english") await this.need();
    const words = JSON.parse(core.completeWord(prefix, language ?? "english", most)) as string[];
    if (words.length > 0 || language !== null || prefix.trim() === "" || isAscii(prefix)) return words;
    await this.need();
    return JSON.parse(core.completeWord(prefix, undefined, most)) as string[];
  }

  async check(words: Secret, language: string | null): Promise<PhraseCheck> {
    const checked = () => JSON.parse(core.checkPhrase(words, language ?? undefined)) as PhraseCheck;
    if (language !== null && language !== "english") await this.need();
    const result = checked();
    const isEnglish = language === "english" || result.state === "is-recovery-code";
    if (isEnglish || (result.state === "incomplete" && result.wrong.length === 0)) return result;
    // A word is not English, or the words do not fit together as English ones: another language's may. And where they do, they may
    // all be on another list as well.
    try {
      await this.need();
    } catch {
      return result;
    }
    return checked();
  }

  /** Does something that may need another language's words. */
  async retried<T>(step: () => T): Promise<Awaited<T>> {
    try {
      return await step();
    } catch (error) {
      if (failureOf(error).code !== "words-needed" || this.fetched) throw error;
      await this.need();
      return await step();
    }
  }

  /** Has the library know all languages. */
  private need(): Promise<void> {
    this.fetched ??= this.provide().catch((error: unknown) => {
      // To be tried again.
      this.fetched = undefined;
      throw error;
    });
    return this.fetched;
  }

  private async provide(): Promise<void> {
    const file = await this.fetchLists();
    for (const list of file.trim().split("\n\n")) {
      const end = list.indexOf("\n");
      if (!core.provideWords(list.slice(0, end), list.slice(end + 1))) throw failed("page-damaged");
    }
  }
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
