/** A phone's camera, held before another phone's screen: Chromium plays a film in the camera's place. */

import { writeFile } from "node:fs/promises";
import { evaluates, within } from "./within.mjs";

/** In pixels, as cheap cameras have. */
const WIDTH = 640;
const HEIGHT = 480;
/** Frames; the film begins again after the last. */
const FRAMES = 10;

/** What a browser with this film in the camera's place is started with. */
export function filming(film) {
  return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${film}`];
}

/** Films what is shown on a page, from the pixels on its screen, in grey. */
export async function film(shown, file) {
  const picture = (await shown.screenshot()).toString("base64");
  const blank = await within("a new tab", shown.page().context().newPage());
  const grey = await evaluates(
    "a picture in grey",
    blank,
    async ([picture, width, height]) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.fillStyle = "grey";
      context.fillRect(0, 0, width, height);
      const scale = (0.9 * height) / Math.max(bitmap.width, bitmap.height);
      const [wide, high] = [bitmap.width * scale, bitmap.height * scale];
      context.drawImage(bitmap, (width - wide) / 2, (height - high) / 2, wide, high);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[4 * at]);
    },
    [picture, WIDTH, HEIGHT],
  );
  await within("a tab closes", blank.close());
  const frame = [Buffer.from("FRAME\n"), Buffer.from(grey), Buffer.alloc((WIDTH * HEIGHT) / 2, 128)];
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame).flat()]));
}
