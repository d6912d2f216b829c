/** 0 to 100 of `80%` or `12.5 %`; undefined for anything else, also for a bare number. May be above 100. */
export function parsePercent(text: string): number | undefined {
  const match = /^\s*(-?\d{1,15}(?:\.\d{1,15})?)\s*%\s*$/.exec(text);
  return match === null ? undefined : Number(match[1]);
}
