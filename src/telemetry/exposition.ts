import type { Sample } from './counters.ts';

/** A metric with all its samples. The name of a counter is without `_total`, which its samples get. */
export interface MetricFamily {
  readonly name: string;
  /** `summary`: only how many there were and their sum. */
  readonly type: 'gauge' | 'counter' | 'summary';
  readonly help: string;
  readonly samples: readonly Sample[];
  /** Of a summary: how many its `samples`, the sums, are made of; the same labels in the same order. */
  readonly counts?: readonly Sample[];
}

/** The two forms in which Prometheus and its relatives read metrics. */
export type ExpositionFormat = 'prometheus' | 'openmetrics';

/** What HTTP calls the forms: the text format 0.0.4 of Prometheus, and OpenMetrics 1.0.0. */
export const expositionTypes: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Metrics as text. A family without samples is left out. */
export function printMetrics(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const { name, type, help, samples, counts } of families) {
    if (samples.length === 0) continue;
    const sampled = type === 'counter' ? `${name}_total` : type === 'summary' ? `${name}_sum` : name;
    // The older format declares a counter by the whole name of its samples, OpenMetrics without the suffix.
    const declared = type === 'counter' && format === 'prometheus' ? sampled : name;
    lines.push(`# HELP ${declared} ${escapeHelp(help, format)}`, `# TYPE ${declared} ${type}`);
    for (const sample of samples) lines.push(sampleLine(sampled, sample));
    for (const count of counts ?? []) lines.push(sampleLine(`${name}_count`, count));
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function sampleLine(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(text: string, format: ExpositionFormat): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
