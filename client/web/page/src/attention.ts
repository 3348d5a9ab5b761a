/**
 * Whether somebody is there: keys are dropped when the page was hidden for some minutes, or when nothing was asked for as long as
 * a session lives.
 */

const HIDDEN_MS = 3 * 60_000;
const IDLE_MS = 15 * 60_000;

export interface Clock {
  now(): number;
  /** Calls back once, after so many milliseconds or later. */
  after(milliseconds: number, callback: () => void): unknown;
  stop(timer: unknown): void;
}

const BROWSER: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => setTimeout(callback, milliseconds),
  stop: (timer) => clearTimeout(timer as number),
};

export class Attention {
  /** Nobody is there any more. */
  onGone: () => void = () => undefined;
  private hiddenSince: number | undefined;
  private paidAt: number | undefined;
  private timer: unknown;

  constructor(private readonly clock: Clock = BROWSER) {}

  /** Follows whether a page is visible. */
  follow(page: Document): void {
    page.addEventListener("visibilitychange", () => this.visible(page.visibilityState === "visible"));
    this.visible(page.visibilityState === "visible");
  }

  /** Something was asked for. */
  paid(): void {
    this.paidAt = this.clock.now();
    this.watch();
  }

  visible(is: boolean): void {
    // Timers of a hidden page may sleep, and machines do: what was due is made up for.
    if (is) this.check();
    this.hiddenSince = is ? undefined : (this.hiddenSince ?? this.clock.now());
    this.watch();
  }

  private due(): number {
    const idle = this.paidAt === undefined ? Infinity : this.paidAt + IDLE_MS;
    const hidden = this.hiddenSince === undefined ? Infinity : this.hiddenSince + HIDDEN_MS;
    return Math.min(idle, this.paidAt === undefined ? Infinity : hidden);
  }

  private watch(): void {
    this.clock.stop(this.timer);
    const due = this.due();
    if (due !== Infinity) this.timer = this.clock.after(Math.max(0, due - this.clock.now()), () => this.check());
  }

  private check(): void {
    if (this.clock.now() < this.due()) return;
    this.paidAt = undefined;
    this.onGone();
  }
}
