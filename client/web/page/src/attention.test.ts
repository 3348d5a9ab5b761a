import { beforeEach, expect, test } from "vitest";
import { Attention } from "./attention.ts";

const MINUTE = 60_000;
let now: number;
let due: (() => void) | undefined;
let gone: number;
let attention: Attention;

beforeEach(() => {
  now = 0;
  gone = 0;
  const clock = {
    now: () => now,
    after: (_: number, callback: () => void) => (due = callback),
    stop: () => (due = undefined),
  };
  attention = new Attention(clock);
  attention.onGone = () => (gone += 1);
});

function pass(minutes: number): void {
  now += minutes * MINUTE;
  due?.();
}

test("nobody is there when nothing was asked for as long as a session lives", () => {
  attention.paid();
  pass(10);
  attention.paid();
  pass(14);
  expect(gone).toBe(0);
  pass(1);
  expect(gone).toBe(1);
  pass(60);
  expect(gone).toBe(1);
});

test("nobody is there when the page was hidden for some minutes, also where the machine slept", () => {
  attention.paid();
  attention.visible(false);
  pass(2);
  attention.visible(true);
  expect(gone).toBe(0);
  attention.visible(false);
  now += 4 * MINUTE;
  attention.visible(true);
  expect(gone).toBe(1);
});

test("a page that was never used has nothing to drop", () => {
  attention.visible(false);
  pass(60);
  expect(gone).toBe(0);
});
