/** Confirming a recovery code: two of its words are asked for, so that it is known to be on paper. */

/** Two places from 1, the first before the second; `random` gives numbers from 0 up to 1. */
export function twoPlaces(count: number, random: () => number): readonly [number, number] {
  const first = Math.floor(random() * count);
  const other = Math.floor(random() * (count - 1));
  const second = other < first ? other : other + 1;
  return first < second ? [first + 1, second + 1] : [second + 1, first + 1];
}

/** Which of the asked places hold another word than the code. */
export function wrongPlaces(code: readonly string[], places: readonly number[], typed: readonly string[]): number[] {
  return places.filter((place, at) => code[place - 1] !== typed[at]?.trim().toLowerCase());
}

/** Randomness for what is not secret, from the browser's generator. */
export function random(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
