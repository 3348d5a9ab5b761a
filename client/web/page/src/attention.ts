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
    if (is && this.left() === 0) this.gone();
    this.hiddenSince = is ? undefined : (this.hiddenSince ?? this.clock.now());
    this.watch();
  }

  /** Milliseconds until nobody is there; none where the clock was set back, which then cannot tell. */
  private left(): number {
    const now = this.clock.now();
    const of = (since: number | undefined, most: number) =>
      since === undefined ? Infinity : now < since ? 0 : Math.max(0, since + most - now);
    return this.paidAt === undefined ? Infinity : Math.min(of(this.paidAt, IDLE_MS), of(this.hiddenSince, HIDDEN_MS));
  }

  private watch(): void {
    this.clock.stop(this.timer);
    const left = this.left();
    // Once it has passed, it has, whatever the clock says by then.
    if (left !== Infinity) this.timer = this.clock.after(left, () => this.gone());
  }

  private gone(): void {
    this.paidAt = undefined;
    this.onGone();
  }
}
