import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { scan } from "./scan.ts";

/** A camera that is given when the person lets it, and sees one text. */
let allow: () => void;
let stopped: number;
let video: HTMLVideoElement;
let seen: string[];
let stop: AbortController;

const look = (text: string): boolean => {
  seen.push(text);
  return text === "wanted";
};

beforeEach(() => {
  vi.useFakeTimers();
  stopped = 0;
  seen = [];
  stop = new AbortController();
  video = { readyState: 4, HAVE_CURRENT_DATA: 2, srcObject: null, play: async () => undefined } as unknown as HTMLVideoElement;
  const stream = { getTracks: () => [{ stop: () => (stopped += 1) }] };
  const asked = new Promise((resolve) => (allow = () => resolve(stream)));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: async () => asked } });
  const sees = ["another", "wanted", "later"];
  class Detector {
    static getSupportedFormats = async () => ["qr_code"];
    detect = async () => [{ rawValue: sees.shift() }];
  }
  vi.stubGlobal("BarcodeDetector", Detector);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the camera is on until a text is wanted", async () => {
  const scanning = scan(video, look, stop.signal);
  allow();
  await scanning;
  expect(video.srcObject).not.toBeNull();
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toEqual(["another", "wanted"]);
  expect(stopped).toBe(1);
  expect(video.srcObject).toBeNull();
});

test("it goes off when it is told to, and sees nothing any more", async () => {
  const scanning = scan(video, look, stop.signal);
  allow();
  await scanning;
  stop.abort();
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toEqual([]);
  expect(stopped).toBe(1);
});

test("one that is allowed when nobody waits for it any more does not go on", async () => {
  const scanning = scan(video, look, stop.signal);
  await vi.advanceTimersByTimeAsync(0);
  stop.abort();
  allow();
  await scanning;
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toEqual([]);
  expect(stopped).toBe(1);
  expect(video.srcObject).toBeNull();
});
