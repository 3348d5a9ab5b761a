import { expect, test, vi } from "vitest";
import { ANSWERED, NO_RESPONSE, NOT_SENT, request, TOO_LONG } from "./request.ts";

const POST = {
  method: "POST",
  url: "https://vault.example.org/v1/x",
  headers: "content-type:application/json\nrootcellar-session:a:b\n",
  body: new Uint8Array([1, 2]),
  most: 8,
};

function answering(body: BodyInit, init: ResponseInit = {}) {
  return vi.fn<typeof fetch>(async () => new Response(body, init));
}

test("sends no cookies, keeps nothing, follows nothing and says nothing of where it comes from", async () => {
  vi.stubGlobal("navigator", { onLine: true });
  const fetching = answering("hello", { status: 401, headers: { date: "Sun, 06 Nov 1994 08:49:37 GMT" } });
  const answer = await request(POST, new AbortController(), fetching);
  expect(answer).toMatchObject({ fault: ANSWERED, status: 401, date: "Sun, 06 Nov 1994 08:49:37 GMT" });
  expect(new TextDecoder().decode(answer.body)).toBe("hello");
  expect(fetching.mock.calls[0]?.[1]).toMatchObject({
    method: "POST",
    headers: [
      ["content-type", "application/json"],
      ["rootcellar-session", "a:b"],
    ],
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
  });
});

test("stops reading an answer that is too long", async () => {
  vi.stubGlobal("navigator", { onLine: true });
  let read = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      read += 1;
      controller.enqueue(new Uint8Array(4));
    },
  });
  const aborting = new AbortController();
  expect((await request(POST, aborting, answering(endless))).fault).toBe(TOO_LONG);
  expect(read).toBeLessThan(8);
  expect(aborting.signal.aborted).toBe(true);
  expect((await request(POST, new AbortController(), answering("12345678"))).fault).toBe(ANSWERED);
});

test("tells what was certainly not sent from what may have arrived", async () => {
  const broken = vi.fn<typeof fetch>(async () => Promise.reject(new TypeError("Failed to fetch")));
  vi.stubGlobal("navigator", { onLine: true });
  expect((await request(POST, new AbortController(), broken)).fault).toBe(NO_RESPONSE);
  vi.stubGlobal("navigator", { onLine: false });
  expect((await request(POST, new AbortController(), broken)).fault).toBe(NOT_SENT);
  expect(broken).toHaveBeenCalledTimes(1);
});

test("waits for as long as enough comes, and as the request takes to be sent on a slow line", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { onLine: true });
  try {
    const slow = (bytes: number) =>
      answering(
        new ReadableStream<Uint8Array>({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 20_000));
            controller.enqueue(new Uint8Array(bytes));
          },
        }),
      );
    const read = request({ ...POST, most: 700_000 }, new AbortController(), slow(100_000));
    await vi.advanceTimersByTimeAsync(200_000);
    expect((await read).fault).toBe(TOO_LONG);

    const aborting = new AbortController();
    void request({ ...POST, most: 100 }, aborting, slow(1));
    await vi.advanceTimersByTimeAsync(25_000);
    expect(aborting.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(aborting.signal.aborted, "not for as long as it pleases").toBe(true);

    const silent = (milliseconds: number) =>
      vi.fn<typeof fetch>(
        (_, options) =>
          new Promise((resolve, reject) => {
            options?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
            setTimeout(() => resolve(new Response("x")), milliseconds);
          }),
      );
    const large = { ...POST, body: new Uint8Array(400_000) };
    for (const [asked, after, fault] of [
      [POST, 29_000, ANSWERED],
      [POST, 31_000, NO_RESPONSE],
      [large, 120_000, ANSWERED],
      [large, 140_000, NO_RESPONSE],
    ] as const) {
      const answer = request(asked, new AbortController(), silent(after));
      await vi.advanceTimersByTimeAsync(after);
      expect((await answer).fault, String(after)).toBe(fault);
    }
  } finally {
    vi.useRealTimers();
  }
});
