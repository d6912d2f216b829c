/** Base units: seconds become milliseconds, sizes become bytes; all other numbers stay as they are. */
const FACTORS: Readonly<Record<string, number>> = {
  s: 1000,
  ms: 1,
  us: 0.001,
  ns: 0.000001,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/**
 * Performance data of a monitoring plugin, what follows a `|` in its output: `'label'=value[unit];[warn];[crit];[min];[max]`
 * (Monitoring Plugins Development Guidelines, section 2.6). Values of unknown (`U`) and what cannot be read are left out.
 */
export function parsePerfData(output: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [, quoted, plain, number, unit] of perfText(output).matchAll(
    /(?:'((?:[^']|'')+)'|([^\s'=]+))=(-?[\d.]+(?:e[+-]?\d+)?)([a-z%]*)(?:;\S*)?/gi,
  )) {
    const label = (quoted?.replaceAll("''", "'") ?? plain ?? '').trim();
    const value = Number(number);
    if (label === '' || !Number.isFinite(value)) continue;
    values[label] = value * (FACTORS[(unit ?? '').toLowerCase()] ?? 1);
  }
  return values;
}

/** The first line may have a part after `|`; of the further lines, everything after a second `|` is performance data. */
function perfText(output: string): string {
  const newline = output.indexOf('\n');
  const first = newline < 0 ? output : output.slice(0, newline);
  const rest = newline < 0 ? '' : output.slice(newline + 1);
  const partOf = (text: string) => (text.includes('|') ? text.slice(text.indexOf('|') + 1) : '');
  return `${partOf(first)} ${partOf(rest)}`;
}
