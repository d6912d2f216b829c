/** Rounds to `places` decimals and writes it without trailing zeros: `1.20` is `1.2`, `3.00` is `3`. */
export function formatNumber(value: number, places = 2): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1e21) return String(value);
  const fixed = value.toFixed(places);
  const short = fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  return short === '-0' ? '0' : short;
}
