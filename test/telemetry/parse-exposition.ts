/** A metric family as a strict reader understands it. */
export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  /** Values by series, as written: `watcher_probes_total{outcome="read"}`. */
  readonly series: Map<string, number>;
}

const series = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/;
const suffixes: Readonly<Record<string, readonly string[]>> = { summary: ['_sum', '_count'] };

/**
 * Reads Prometheus text 0.0.4 as its specification has it, and throws at whatever that does not allow: samples without
 * HELP and TYPE, families in pieces, one series twice, counters without `_total`, no line end at the end.
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  let name = '';
  let help: string | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(about)) throw new Error(`${about} comes twice`);
      [name, help] = [about, rest];
    } else if (keyword === 'TYPE') {
      if (about !== name || help === undefined) throw new Error(`${about} has a type before its help`);
      if (!['gauge', 'counter', 'summary'].includes(rest)) throw new Error(`what type is ${rest}?`);
      if (rest === 'counter' && !about.endsWith('_total')) throw new Error(`${about} is a counter`);
      families.set(about, { type: rest, help, series: new Map() });
      help = undefined;
    } else {
      readSample(line, name, families.get(name));
    }
  }
  return families;
}

function readSample(line: string, name: string, family: ParsedFamily | undefined): void {
  const [, sampled = '', labels = '', value = ''] = series.exec(line) ?? [];
  if (sampled === '') throw new Error(`this is no sample: ${line}`);
  const allowed = (suffixes[family?.type ?? ''] ?? ['']).map((suffix) => name + suffix);
  if (family === undefined || !allowed.includes(sampled)) throw new Error(`${sampled} is outside of ${name}`);
  const labelNames = [...labels.matchAll(/([a-zA-Z_]\w*)="/g)].map(([, label]) => label);
  if (new Set(labelNames).size !== labelNames.length) throw new Error(`a label comes twice: ${line}`);
  if (!/^[-+]?(\d+(\.\d+)?(e[-+]?\d+)?|Inf)$|^NaN$/i.test(value)) throw new Error(`${value} is no number`);
  if (family.series.has(sampled + labels)) throw new Error(`${sampled}${labels} comes twice`);
  family.series.set(sampled + labels, Number(value));
}
