import { expect, test } from "vitest";
import { OneTab } from "./one_tab.ts";

/** The browser's locks, as far as one lock goes. */
class Locks {
  private lost: ((reason: Error) => void) | undefined;
  /** Called with each request that may wait. */
  onWait: () => void = () => undefined;

  /** The tab that has the lock is closed. */
  release(): void {
    this.lost = undefined;
  }

  request(...args: unknown[]): Promise<unknown> {
    const [, options, held] = args as [string, LockOptions, (lock: unknown) => Promise<unknown> | undefined];
    if (options.signal) this.onWait();
    if (this.lost && !options.steal) return Promise.resolve(held(null));
    this.lost?.(new Error("AbortError"));
    const stolen = new Promise((_, reject) => (this.lost = reject));
    return Promise.race([held({}), stolen]);
  }
}

test("one tab has it, another takes it over, and takes it only when asked", async () => {
  const locks = new Locks() as unknown as LockManager;
  const [one, other] = [new OneTab(locks), new OneTab(locks)];
  let lost = 0;
  one.onLost = () => (lost += 1);
  expect(await one.take()).toBe(true);
  expect(await other.take()).toBe(false);
  expect(await one.take()).toBe(true);
  await other.steal();
  expect(await other.take()).toBe(true);
  await Promise.resolve();
  expect(lost).toBe(1);
  expect(await one.take()).toBe(false);
  await one.steal();
  expect(await one.take()).toBe(true);
  expect(await other.take()).toBe(false);
});

test("a tab that was just closed does not have it any more", async () => {
  const locks = new Locks();
  expect(await new OneTab(locks as unknown as LockManager).take()).toBe(true);
  locks.onWait = () => locks.release();
  expect(await new OneTab(locks as unknown as LockManager).take()).toBe(true);
});
