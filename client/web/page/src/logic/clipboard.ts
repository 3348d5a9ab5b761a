/** A copied secret leaves the clipboard after a minute, where the browser allows it. */

/** How long a copied secret stays, in milliseconds. */
export const CLIPBOARD_TIME = 60_000;

/** What it needs of the browser. */
export interface ClipboardHost {
  writeText(text: string): Promise<void>;
  /** Calls back once when the page has the focus again: without it no browser lets a page write. */
  onceFocused(callback: () => void): void;
}

export class SecretClipboard {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ClipboardHost) {}

  /** Copies; fails where the browser refuses. */
  async copy(text: string): Promise<void> {
    await this.host.writeText(text);
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
    try {
      await this.host.writeText("");
    } catch {
      this.host.onceFocused(() => void this.retry());
    }
  }

  private async retry(): Promise<void> {
    // Something newer was copied meanwhile, which has a minute of its own.
    if (this.timer === undefined) {
      await this.host.writeText("").catch(() => undefined);
    }
  }
}

/** The browser's clipboard. */
export const clipboard = new SecretClipboard({
  writeText: (text) => navigator.clipboard.writeText(text),
  onceFocused: (callback) => addEventListener("focus", callback, { once: true }),
});
