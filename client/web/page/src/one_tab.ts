/** One tab at a time: an exclusive lock of the browser's, which ends with the tab, and which another tab may take over. */

const NAME = "rootcellar";
/** How long a tab that was just closed or reloaded may take to release the lock, in milliseconds. */
const GRACE = 2_000;

type Locks = Pick<LockManager, "request">;

export class OneTab {
  /** Another tab has taken over. */
  onLost: () => void = () => undefined;
  private state: "none" | "held" | "lost" = "none";
  private taking: Promise<boolean> | undefined;

  constructor(private readonly locks: Locks = navigator.locks) {}

  /** Whether this tab has the lock. It takes the lock if no other tab has it, or if the other one releases it soon. */
  async take(): Promise<boolean> {
    if (this.state === "held") return true;
    // It was taken over: only the person takes it back.
    if (this.state === "lost") return false;
    this.taking ??= this.takeSoon().finally(() => (this.taking = undefined));
    return this.taking;
  }

  private async takeSoon(): Promise<boolean> {
    return (await this.request({ ifAvailable: true })) || this.request({ signal: AbortSignal.timeout(GRACE) });
  }

  /** Takes it over from another tab. */
  async steal(): Promise<void> {
    if (this.state !== "held") await this.request({ steal: true });
  }

  private request(options: LockOptions): Promise<boolean> {
    return new Promise((granted) => {
      const held = this.locks.request(NAME, { mode: "exclusive", ...options }, (lock) => {
        if (!lock) {
          granted(false);
          return undefined;
        }
        this.state = "held";
        granted(true);
        // Held until the tab goes, or another one steals it.
        return new Promise<never>(() => undefined);
      });
      Promise.resolve(held).catch(() => {
        if (this.state !== "held") {
          granted(false);
          return;
        }
        this.state = "lost";
        this.onLost();
      });
    });
  }
}
