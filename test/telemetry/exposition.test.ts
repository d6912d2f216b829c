import { describe, expect, it } from 'vitest';
import { createCounters } from '../../src/telemetry/counters.ts';
import { type MetricFamily, printMetrics } from '../../src/telemetry/exposition.ts';
import { parseExposition } from './parse-exposition.ts';

const families: readonly MetricFamily[] = [
  { name: 'up', type: 'gauge', help: 'A "word"\nand \\ more.', samples: [{ labels: {}, value: 0.5 }] },
  {
    name: 'looks',
    type: 'counter',
    help: 'Looks.',
    samples: [
      { labels: { service: 'a"b\\c\nd', outcome: 'read' }, value: 3 },
      { labels: { service: 'x', outcome: 'read' }, value: 1e21 },
    ],
  },
  {
    name: 'late_seconds',
    type: 'summary',
    help: 'Lateness.',
    samples: [{ labels: {}, value: 1.25 }],
    counts: [{ labels: {}, value: 4 }],
  },
  { name: 'nothing', type: 'gauge', help: 'Without samples.', samples: [] },
];

describe('metrics as text', () => {
  it('are what Prometheus 0.0.4 reads', () => {
    const text = printMetrics(families, 'prometheus');
    expect(text).toBe(`# HELP up A "word"\\nand \\\\ more.
# TYPE up gauge
up 0.5
# HELP looks_total Looks.
# TYPE looks_total counter
looks_total{service="a\\"b\\\\c\\nd",outcome="read"} 3
looks_total{service="x",outcome="read"} 1e+21
# HELP late_seconds Lateness.
# TYPE late_seconds summary
late_seconds_sum 1.25
late_seconds_count 4
`);
    expect([...parseExposition(text).keys()]).toEqual(['up', 'looks_total', 'late_seconds']);
  });

  it('are OpenMetrics for those who ask for it', () => {
    const text = printMetrics(families, 'openmetrics');
    expect(text).toContain('# HELP up A \\"word\\"\\nand \\\\ more.\n');
    expect(text).toContain('# TYPE looks counter\nlooks_total{');
    expect(text.endsWith('late_seconds_count 4\n# EOF\n')).toBe(true);
  });
});

describe('the strict reader of the tests', () => {
  it.each([
    ['up 1\n', 'outside'],
    ['# HELP up x\n# TYPE up gauge\nup 1', 'does not end'],
    ['# HELP up x\n# TYPE up gauge\nup 1\nup 1\n', 'comes twice'],
    ['# HELP up x\n# TYPE up gauge\nup{a="1" 1\n', 'no sample'],
    ['# HELP up x\n# TYPE up gauge\nup one\n', 'no number'],
    ['# HELP up x\n# TYPE up counter\nup 1\n', 'is a counter'],
    ['# TYPE up gauge\nup 1\n', 'before its help'],
  ])('refuses %j', (text, why) => {
    expect(() => parseExposition(text)).toThrow(why);
  });
});

describe('counters', () => {
  it('count by name and labels', () => {
    const counters = createCounters();
    counters.add('probes', { outcome: 'read' });
    counters.add('probes', { outcome: 'failed' });
    counters.add('probes', { outcome: 'read' });
    expect(counters.of('probes')).toEqual([
      { labels: { outcome: 'read' }, value: 2 },
      { labels: { outcome: 'failed' }, value: 1 },
    ]);
    expect(counters.of('repairs')).toEqual([]);
  });
});
