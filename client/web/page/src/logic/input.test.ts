import { describe, expect, it } from "vitest";
import { deviceGuess, vaultOrigin } from "./address.ts";
import { details, hexSeed, refusedPhrase } from "./entry-input.ts";
import { secretOf, textOf } from "./secret.ts";

const refusal = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    const { field, reason } = error as { field: string; reason: string };
    return [field, reason];
  }
};

describe("a vault's address", () => {
  it("is an origin, https where nothing is said", () => {
    expect(vaultOrigin(" Vault.Example.org ")).toBe("https://vault.example.org");
    expect(vaultOrigin("https://vault.example.org:8443/")).toBe("https://vault.example.org:8443");
    expect(vaultOrigin("vault.example.org:8443")).toBe("https://vault.example.org:8443");
    expect(vaultOrigin("http://127.0.0.1:8787")).toBe("http://127.0.0.1:8787");
    expect(vaultOrigin("http://[::1]:1")).toBe("http://[::1]:1");
    expect(vaultOrigin("bücher.example")).toBe("https://xn--bcher-kva.example");
  });

  it.each([
    ["", "empty"],
    ["two words", "not-a-url"],
    ["https://", "not-a-url"],
    ["http://vault.example.org", "insecure"],
    ["ftp://vault.example.org", "insecure"],
    ["https://me:secret@vault.example.org", "credentials"],
    ["vault.example.org/path", "path"],
    ["vault.example.org?a", "path"],
    ["vault.example.org#a", "path"],
  ])("is refused: %s", (text, reason) => {
    expect(refusal(() => vaultOrigin(text))).toEqual(["vault", reason]);
  });
});

describe("a browser", () => {
  it("has a first name", () => {
    expect(deviceGuess("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156 Mobile Safari/537.36")).toBe("Chrome, Android");
    expect(deviceGuess("Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Version/19 Safari/604.1")).toBe("Safari, iOS");
    expect(deviceGuess("")).toBe("Browser");
  });
});

describe("a raw seed", () => {
  it("is read in any spelling", () => {
    expect(textOf(hexSeed("0x00FF aa\n11"))).toBe("00ffaa11");
    expect(textOf(hexSeed("ab".repeat(64)))).toHaveLength(128);
  });

  it.each([["abc"], ["xy"], [" "], ["0x"]])("is refused: %s", (text) => {
    expect(refusal(() => hexSeed(text))).toEqual(["seed", "not-hex"]);
  });

  it("is at most 64 bytes long", () => {
    expect(refusal(() => hexSeed("ab".repeat(65)))).toEqual(["seed", "seed-length"]);
  });
});

describe("details", () => {
  const typed = (fields: Record<string, string>) => ({ text: (name: string) => fields[name] ?? "" });

  it("are absent where nothing was typed", () => {
    expect(details(typed({ paths: " \n", network: " " }))).toEqual({ derivationPaths: [], network: null, birthday: null });
  });

  it("are one path a line, without what surrounds them", () => {
    expect(details(typed({ paths: "m/84'/0'/0'\n m/0 ", network: " bitcoin ", birthday: "2024" }))).toEqual({
      derivationPaths: ["m/84'/0'/0'", "m/0"],
      network: "bitcoin",
      birthday: "2024",
    });
    expect(refusal(() => details(typed({ paths: "m/0\n".repeat(17) })))).toEqual(["paths", "too-many-paths"]);
  });
});

describe("a phrase that is refused", () => {
  it("marks the field to correct", () => {
    const at = (failure: { field: string; reason: string }): unknown => [failure.field, failure.reason];
    expect(at(refusedPhrase({ state: "wrong-word", wrong: [{ position: 7, nearest: [] }] }))).toEqual(["word-7", "unknown-word"]);
    expect(at(refusedPhrase({ state: "checksum" }))).toEqual(["word-1", "checksum"]);
    expect(at(refusedPhrase({ state: "ambiguous", languages: [] }))).toEqual(["language", "ambiguous"]);
  });
});

describe("secrets", () => {
  it("are wiped once they are text", () => {
    const secret = secretOf("words");
    expect(textOf(secret)).toBe("words");
    expect([...secret]).toEqual([0, 0, 0, 0, 0]);
  });
});
