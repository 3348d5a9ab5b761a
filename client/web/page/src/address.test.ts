import { expect, test } from "vitest";
import { originOf } from "./address.ts";
import { failureOf } from "./failure.ts";

test("an address is brought to its normal form", () => {
  expect(originOf(" Vault.Example.org ")).toBe("https://vault.example.org");
  expect(originOf("https://vault.example.org:443/")).toBe("https://vault.example.org");
  expect(originOf("http://127.0.0.1:8787")).toBe("http://127.0.0.1:8787");
  expect(originOf("localhost:8787")).toBe("https://localhost:8787");
});

test.each([
  ["", "empty"],
  ["https://", "not-a-url"],
  ["a b", "not-a-url"],
  ["ftp://vault.example.org", "scheme"],
  ["https://me:word@vault.example.org", "credentials"],
  ["vault.example.org/x", "path"],
  ["vault.example.org?x", "path"],
])("what is no origin is refused: %s", (text, reason) => {
  let failure;
  try {
    originOf(text);
  } catch (error) {
    failure = failureOf(error);
  }
  expect(failure).toMatchObject({ code: "input", field: "vault", reason });
});
