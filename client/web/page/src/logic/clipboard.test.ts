import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLIPBOARD_TIME, SecretClipboard } from "./clipboard.ts";

class Host {
  text: string | null = null;
  hasFocus = true;
  wasTouched = true;
  waiting: (() => void)[] = [];

  writeText = async (text: string): Promise<void> => {
    if (!this.hasFocus || !this.wasTouched) {
      throw new DOMException("no focus", "NotAllowedError");
    }
    this.text = text;
  };
  onceBack = (callback: () => void): void => void this.waiting.push(callback);

  focus(): void {
    this.hasFocus = true;
    this.back();
  }

  touch(): void {
    this.wasTouched = true;
    this.back();
  }

  private back(): void {
    this.waiting.splice(0).forEach((callback) => callback());
  }
}

describe("a copied secret", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("leaves the clipboard after a minute, and not before", async () => {
    const host = new Host();
    await new SecretClipboard(host).copy("words");
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME - 1);
    expect(host.text).toBe("words");
    await vi.advanceTimersByTimeAsync(1);
    expect(host.text).toBe("");
  });

  it("leaves it at once when the account is closed, and a person's own text stays", async () => {
    const host = new Host();
    const clipboard = new SecretClipboard(host);
    await clipboard.copy("words");
    await clipboard.clearNow();
    expect(host.text).toBe("");
    host.text = "a person's own";
    await clipboard.clearNow();
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME);
    expect(host.text).toBe("a person's own");
  });

  it("has a minute of its own when another is copied", async () => {
    const host = new Host();
    const clipboard = new SecretClipboard(host);
    await clipboard.copy("first");
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME - 1000);
    await clipboard.copy("second");
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME - 1000);
    expect(host.text).toBe("second");
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.text).toBe("");
  });

  it("leaves once the page has the focus again, where it had none", async () => {
    const host = new Host();
    await new SecretClipboard(host).copy("words");
    host.hasFocus = false;
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME);
    expect(host.text).toBe("words");
    host.focus();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.text).toBe("");
  });

  it("leaves at the next touch where the browser asks for one beside the focus, and only once", async () => {
    const host = new Host();
    await new SecretClipboard(host).copy("words");
    host.hasFocus = false;
    host.wasTouched = false;
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME);
    host.focus();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.text).toBe("words");
    host.touch();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.text).toBe("");
    host.text = "a person's own";
    host.touch();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.text).toBe("a person's own");
  });

  it("that is newer is not taken away by the retry of an older one", async () => {
    const host = new Host();
    const clipboard = new SecretClipboard(host);
    await clipboard.copy("first");
    host.hasFocus = false;
    await vi.advanceTimersByTimeAsync(CLIPBOARD_TIME);
    host.hasFocus = true;
    await clipboard.copy("second");
    host.focus();
    await vi.advanceTimersByTimeAsync(0);
    expect(host.text).toBe("second");
  });

  it("is not said to be copied where the browser refuses", async () => {
    const host = new Host();
    host.hasFocus = false;
    await expect(new SecretClipboard(host).copy("words")).rejects.toThrow();
    expect(vi.getTimerCount()).toBe(0);
  });
});
