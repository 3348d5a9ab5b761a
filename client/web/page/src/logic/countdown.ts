/** Waiting times: how much is left, and how it is said. */

/** Seconds left until `end`, both by the same clock in milliseconds; never less than 0. */
export function left(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}

/** A waiting time in its largest fitting unit, rounded up: `45 seconds`, `6 minutes`, `2 hours`. */
export function waitingTime(seconds: number, language: string): string {
  const [amount, unit] =
    seconds < 120 ? [seconds, "second"] : seconds < 7200 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}
