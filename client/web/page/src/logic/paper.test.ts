import { describe, expect, it, test } from "vitest";
import type { CodeNotice } from "../api.ts";
import { holdsBy, isAbout } from "./paper.ts";

const drawn = { purpose: "recovery-code", generatedAt: 7 } as const;
const notice = (state: CodeNotice["state"], of: Partial<CodeNotice> = {}): CodeNotice => ({ ...drawn, vault: null, state, ...of });
const OTHERS = [{ generatedAt: 6 }, { purpose: "registration" }, { purpose: "rekey" }] as const;

test("a notice is about a code if both are of the same draw", () => {
  expect(isAbout(notice("active"), drawn)).toBe(true);
  for (const other of OTHERS) expect(isAbout(notice("active", other), drawn)).toBe(false);
  expect(isAbout(null, drawn)).toBe(false);
  expect(isAbout(notice("active"), null)).toBe(false);
});

describe("a code", () => {
  it("that was not sent is not active, whatever was found out about an earlier one", () => {
    expect(holdsBy("drawn", drawn, notice("unconfirmed"), null)).toBe("not-yet");
    for (const other of OTHERS) {
      expect(holdsBy("drawn", drawn, null, notice("active", other))).toBe("not-yet");
      expect(holdsBy("sent", drawn, notice("waiting"), notice("active", other))).toBe("unsure");
    }
  });

  it("is active once a login has found it so", () => {
    expect(holdsBy("sent", drawn, null, notice("active"))).toBe("yes");
    expect(holdsBy("active", drawn, null, null)).toBe("yes");
  });

  it("may become active as long as its request is under way or recorded", () => {
    expect(holdsBy("sending", drawn, notice("unconfirmed"), null)).toBe("unsure");
    expect(holdsBy("sent", drawn, notice("waiting"), null)).toBe("unsure");
    expect(holdsBy("sent", drawn, notice("waiting"), notice("waiting"))).toBe("unsure");
  });

  it("of which nothing is recorded any more, or only of another, may be active", () => {
    expect(holdsBy("sent", drawn, null, null)).toBe("unsure");
    expect(holdsBy("sent", null, notice("unconfirmed"), null)).toBe("unsure");
    for (const other of OTHERS) expect(holdsBy("sent", drawn, notice("unconfirmed", other), null)).toBe("unsure");
  });

  it("that the vault refused leaves the former one, unless another was set since", () => {
    for (const state of ["unconfirmed", "refused"] as const) expect(holdsBy("sent", drawn, notice(state), null)).toBe("not-yet");
    expect(holdsBy("sent", drawn, notice("superseded"), null)).toBe("superseded");
    expect(holdsBy("moved", drawn, notice("unconfirmed"), null)).toBe("superseded");
  });
});
