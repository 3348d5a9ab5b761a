import { beforeEach, expect, test } from "vitest";
import { Attention } from "./attention.ts";

const MINUTE = 60_000;
/** What the wall shows, which anybody may set, and what passes all the same. */
let wall: number;
let passed: number;
let timer: { at: number; callback: () => void } | undefined;
let gone: number;
let attention: Attention;

beforeEach(() => {
  wall = 1_000 * MINUTE;
  passed = 0;
  timer = undefined;
  gone = 0;
  const clock = {
    now: () => wall,
    after: (milliseconds: number, callback: () => void) => (timer = { at: passed + milliseconds, callback }),
    stop: () => (timer = undefined),
  };
  attention = new Attention(clock);
  attention.onGone = () => (gone += 1);
});

function pass(minutes: number): void {
  wall += minutes * MINUTE;
  passed += minutes * MINUTE;
  if (timer !== undefined && timer.at <= passed) {
    const { callback } = timer;
    timer = undefined;
    callback();
  }
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
  wall += 4 * MINUTE;
  attention.visible(true);
  expect(gone).toBe(1);
});

test("a page that was never used has nothing to drop", () => {
  attention.visible(false);
  pass(60);
  expect(gone).toBe(0);
});

test.each([1, MINUTE, 60 * MINUTE])("a clock that is set back by %d ms keeps nothing open", (back) => {
  attention.paid();
  pass(1);
  wall -= back;
  pass(14);
  expect(gone).toBe(1);

  attention.paid();
  attention.visible(false);
  pass(1);
  wall -= back;
  pass(2);
  expect(gone).toBe(2);
});

test("nor does it where the page is looked at meanwhile, though the machine slept", () => {
  attention.paid();
  attention.visible(false);
  pass(1);
  wall -= 60 * MINUTE;
  attention.visible(true);
  expect(gone).toBe(1);
});
