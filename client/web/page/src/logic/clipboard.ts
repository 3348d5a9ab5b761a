/**
 * A copied secret leaves the clipboard after a minute, or as soon as the browser lets the page write again: none lets one that
 * has not the focus, some ask for a touch as well, and not all let one that is being closed.
 */

/** How long a copied secret stays, in milliseconds. */
export const CLIPBOARD_TIME = 60_000;

/** What it needs of the browser. */
export interface ClipboardHost {
  writeText(text: string): Promise<void>;
  /** Calls back once when the page may be able to write again: it gets the focus, or is touched. */
  onceBack(callback: () => void): void;
}

export class SecretClipboard {
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Something that was copied is there still. */
  private stays = false;

  constructor(private readonly host: ClipboardHost) {}

  /** Copies; fails where the browser refuses. */
  async copy(text: string): Promise<void> {
    await this.host.writeText(text);
    this.stays = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.clear(), CLIPBOARD_TIME);
  }

  /** Clears what was copied at once, where its minute is not over. */
  async clearNow(): Promise<void> {
    if (this.timer !== undefined) {
      await this.clear();
    }
  }

  private async clear(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.stays = false;
    try {
      await this.host.writeText("");
    } catch {
      this.stays = true;
      this.host.onceBack(() => void this.retry());
    }
  }

  private async retry(): Promise<void> {
    // Something newer was copied meanwhile, which has a minute of its own.
    if (this.stays && this.timer === undefined) {
      await this.clear();
    }
  }
}

/** The browser's clipboard. */
export const clipboard = new SecretClipboard({
  writeText: (text) => navigator.clipboard.writeText(text),
  onceBack(callback) {
    const back = new AbortController();
    const listener = (): void => {
      back.abort();
      callback();
    };
    // Before what is touched does anything: what it copies comes after.
    ["focus", "click", "keydown"].forEach((event) => addEventListener(event, listener, { capture: true, signal: back.signal }));
  },
});
