import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { send, state, told } from "./host.ts";

const sent = () => send("PUT", "https://vault.example.org/v1/snapshots/a", "", new Uint8Array(), 1);
const unconfirmed = { code: "unconfirmed", uncertain: true };

beforeEach(() => {
  state.hasSent = false;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a save of which nothing was sent waits for a network", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  await sent();
  expect(told(unconfirmed)).toEqual({ code: "saved-locally", uncertain: true });
  expect(told({ code: "rekey-unconfirmed", uncertain: true }).code).toBe("rekey-unconfirmed");
});

test("of one that may have arrived, nothing is known", async () => {
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("lost")));
  await sent();
  vi.stubGlobal("navigator", { onLine: false });
  await sent();
  expect(told(unconfirmed)).toEqual(unconfirmed);
});
