import { describe, expect, it } from "vitest";
import { acceptable, asFailure, endsSession, fieldsOf, InputFailure } from "./failure.ts";
import { allowed, CLOSED, needsSession, OPEN } from "./route.ts";

describe("the way back", () => {
  it("leads to no open account once it is closed", () => {
    for (const name of OPEN) {
      expect(needsSession(name)).toBe(true);
      expect(allowed({ name, id: "a" }, false)).toEqual({ name: "welcome" });
      expect(allowed({ name, id: "a" }, true)).toEqual({ name, id: "a" });
    }
  });

  it("leads out of an open account to none of the screens that opened it", () => {
    for (const name of CLOSED) {
      const stays = ["settings", "about", "forget"].includes(name);
      expect(allowed({ name }, true).name).toBe(stays ? name : "account");
      expect(allowed({ name }, false)).toEqual({ name });
    }
  });

  it("starts anew from a history that is not this page's", () => {
    for (const state of [null, undefined, 3, "account", {}, { name: "nothing" }, { name: 7 }]) {
      expect(allowed(state, false)).toEqual({ name: "welcome" });
      expect(allowed(state, true)).toEqual({ name: "account" });
    }
  });
});

describe("failures", () => {
  it("of the worker are kept, and all else is a defect", () => {
    const failure = { code: "busy", uncertain: true };
    expect(asFailure(failure)).toBe(failure);
    for (const error of [new TypeError("words"), null, "text", { code: 7 }]) {
      expect(asFailure(error)).toEqual({ code: "defect", uncertain: false });
    }
    expect(asFailure(new InputFailure("vault", "empty"))).toMatchObject({ code: "input", field: "vault", reason: "empty" });
  });

  it("say what a person may let go of", () => {
    const of = (code: string) => acceptable({ code, uncertain: false });
    expect(of("rollback")).toEqual(["history"]);
    expect(["fork", "gap"].map(of)).toEqual([["newest", "history"], ["newest", "history"]]);
    expect(["snapshot-refused", "snapshot-lost", "newer-format"].map(of)).toEqual([["newest"], ["newest"], ["newest"]]);
    expect(of("foreign-server-key")).toEqual(["serverKey"]);
    expect(of("foreign-account")).toEqual([]);
  });

  it("that close the account offer to open it again", () => {
    expect(endsSession({ code: "session-ended", uncertain: false })).toBe(true);
    expect(endsSession({ code: "busy", uncertain: false })).toBe(false);
  });

  it("mark the field that the page calls otherwise", () => {
    expect(fieldsOf({ code: "input", uncertain: false, field: "name" })).toEqual(["username"]);
    expect(fieldsOf({ code: "input", uncertain: false, field: "code", position: 3 })).toEqual(["word-3", "word-1"]);
    expect(fieldsOf({ code: "input", uncertain: false, field: "constructor" })).toEqual(["constructor"]);
    expect(fieldsOf({ code: "busy", uncertain: false })).toEqual([]);
    expect(fieldsOf(null)).toEqual([]);
  });
});
