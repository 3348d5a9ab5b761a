import { beforeEach, expect, test, vi } from "vitest";

const library = vi.hoisted(() => ({ known: ["english"], checkPhrase: vi.fn(), provideWords: vi.fn() }));
vi.mock("./wasm/rootcellar_web.js", () => library);
const { Words } = await import("./words.ts");

/** Words that are on two lists. */
const SHARED = new TextEncoder().encode("danger avocat");

beforeEach(() => {
  library.known = ["english"];
  library.provideWords.mockImplementation((language: string) => library.known.push(language) > 0);
  library.checkPhrase.mockImplementation((_: Uint8Array, language?: string) => {
    const languages = language === undefined ? library.known : [language];
    const [first, ...others] = languages;
    return JSON.stringify(others.length === 0 ? { state: "good", language: first } : { state: "ambiguous", languages });
  });
});

test("a phrase whose words are on two lists is so whether the other list was there before or not", async () => {
  const words = new Words(async () => "french\ndanger\navocat\n");
  expect(await words.check(SHARED, null)).toEqual({ state: "ambiguous", languages: ["english", "french"] });
  expect(await words.check(SHARED, "english")).toEqual({ state: "good", language: "english" });
});

test("without a network the list that is there decides", async () => {
  const words = new Words(async () => Promise.reject(new Error("offline")));
  expect(await words.check(SHARED, null)).toEqual({ state: "good", language: "english" });
});
