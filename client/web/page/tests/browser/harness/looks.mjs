/** What a screen is for those who see little, use no pointer, or read from right to left (WCAG 2.2 AA, by axe). */

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { evaluates } from "./within.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The narrowest that WCAG asks for. */
const NARROW = { width: 320, height: 640 };
/** Where pictures of the screens go, if they are wanted. */
const PICTURES = process.env.ROOTCELLAR_TEST_PICTURES;

const RULES = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

/** Looks at the screen as it is: narrow, light and dark, and from right to left. */
export async function looksAt(page, name) {
  await page.setViewportSize(NARROW);
  for (const [look, colorScheme, direction] of [
    ["light", "light", "ltr"],
    ["dark", "dark", "ltr"],
    ["right-to-left", "light", "rtl"],
  ]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const turn = (dir) => {
      const { dir: found } = document.documentElement;
      document.documentElement.dir = dir;
      return found;
    };
    const before = await evaluates(`${name}, turned`, page, turn, direction);
    if (!(await evaluates(`${name}, whether axe is here`, page, () => globalThis.axe !== undefined))) {
      await evaluates(`${name}, axe`, page, AXE);
    }
    const { violations, wide, moving, small } = await evaluates(`${name}, ${look}`, page, judge, RULES);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assert.deepEqual(found, [], `${name}, ${look}`);
    assert.equal(wide, false, `${name}, ${look}: wider than ${NARROW.width} px`);
    assert.deepEqual(moving, [], `${name}, ${look}: moves although less motion is wanted`);
    assert.deepEqual(small, [], `${name}, ${look}: too small for a finger`);
    if (PICTURES !== undefined) {
      await mkdir(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}-${look}.png`), fullPage: true });
    }
    await evaluates(`${name}, turned back`, page, turn, before);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

/** Runs in the page. */
async function judge(rules) {
  const { axe } = globalThis;
  // Colours change gently with the scheme. On a busy machine Chromium may owe a page its frames, and the end of its animations.
  const atMost = (wait) => Promise.race([wait, new Promise((over) => setTimeout(over, 5_000))]);
  const settled = async () => {
    await atMost(new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const finite = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
    await atMost(Promise.allSettled(finite.map(({ finished }) => finished)));
  };
  await settled();
  let { violations } = await axe.run(document, rules);
  if (violations.length > 0) {
    // A busy machine may still be drawing in the new colours: what is wrong with the screen stays wrong.
    await settled();
    ({ violations } = await axe.run(document, rules));
  }
  const element = document.documentElement;
  const moving = document.getAnimations().filter(({ playState, effect }) => {
    const { duration, iterations } = effect.getComputedTiming();
    return playState === "running" && (duration > 1 || iterations === Infinity);
  });
  const reachable = ':is(button, select, input, textarea, summary):not([aria-hidden="true"])';
  const buttons = [...document.querySelectorAll(reachable)];
  const small = buttons.filter((button) => {
    const { width, height } = button.getBoundingClientRect();
    const target = button.closest("label")?.getBoundingClientRect() ?? { width, height };
    return width > 0 && (target.width < 24 || target.height < 24);
  });
  return {
    violations: violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html: html.slice(0, 200) })) })),
    wide: element.scrollWidth > element.clientWidth,
    moving: moving.map((animation) => animation.animationName ?? animation.transitionProperty ?? "?"),
    small: small.map(({ outerHTML }) => outerHTML.slice(0, 120)),
  };
}
