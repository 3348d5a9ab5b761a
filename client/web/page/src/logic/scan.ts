/** Reading a QR code with the camera: by the browser's detector where it has one, else on the frames of a canvas. */

import decodeQR from "qr/decode.js";

/** How often a frame is looked at, in milliseconds. */
const EVERY = 150;
/** Frames are made smaller than this, in pixels, before they are read here. */
const LARGEST = 720;

/** Of the Barcode Detection API, which TypeScript does not know. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface Detectors {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

type Reader = (video: HTMLVideoElement) => Promise<string | null>;

/** Whether there may be a camera at all. */
export function hasCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

/** Shows the camera in the video and calls back with texts until one is wanted, or the signal says to stop. */
export async function scan(video: HTMLVideoElement, wanted: (text: string) => boolean, signal: AbortSignal): Promise<void> {
  const read = await reader();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
  // The browser may have asked the person for so long that nobody waits for the camera any more.
  if (signal.aborted) {
    return stop();
  }
  signal.addEventListener("abort", stop);
  video.srcObject = stream;
  const look = async (): Promise<void> => {
    if (stopped) {
      return;
    }
    const text = video.readyState >= video.HAVE_CURRENT_DATA ? await read(video).catch(() => null) : null;
    if (!stopped && text !== null && wanted(text)) {
      return stop();
    }
    setTimeout(() => void look(), EVERY);
  };
  video.play().then(look, stop);
}

async function reader(): Promise<Reader> {
  const detectors = (globalThis as { BarcodeDetector?: Detectors }).BarcodeDetector;
  if (detectors !== undefined && (await detectors.getSupportedFormats().catch((): string[] => [])).includes("qr_code")) {
    const detector = new detectors({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, LARGEST / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (context === null || canvas.width === 0) {
      return null;
    }
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  };
}
