import { describe, expect, it } from "vitest";
import { left, waitingTime } from "./countdown.ts";

describe("a waiting time", () => {
  it("runs down to nothing and no further", () => {
    expect(left(10_000, 0)).toBe(10);
    expect(left(10_000, 9_001)).toBe(1);
    expect(left(10_000, 10_000)).toBe(0);
    expect(left(10_000, 99_000)).toBe(0);
  });

  it("is said in its largest fitting unit, rounded up", () => {
    expect(waitingTime(1, "en")).toBe("1 second");
    expect(waitingTime(60, "en")).toBe("60 seconds");
    expect(waitingTime(301, "en")).toBe("6 minutes");
    expect(waitingTime(86_400, "en")).toBe("24 hours");
    expect(waitingTime(301, "de")).toBe("6 Minuten");
  });
});
