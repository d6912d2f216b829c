import { describe, expect, it } from 'vitest';
import { plainStyle, terminalStyle } from '../../../src/cli/print/style.ts';
import type { Column } from '../../../src/cli/print/table.ts';
import { printTable } from '../../../src/cli/print/table.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly text: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'STATE', value: (row) => row.state, paint: (cell) => `<${cell}>` },
  { title: 'TEXT', value: (row) => row.text },
];

const rows: readonly Row[] = [
  { name: 'api', state: 'down', text: 'latency 812 ms, expected < 500 ms' },
  { name: 'a-longer-name', state: 'up', text: '' },
];

describe('printTable', () => {
  it('aligns columns under their titles and leaves no blanks at line ends', () => {
    expect(printTable(rows, columns.slice(0, 1).concat(columns.slice(2)), { style: plainStyle })).toBe(
      ['NAME           TEXT', 'api            latency 812 ms, expected < 500 ms', 'a-longer-name', ''].join(
        '\n',
      ),
    );
  });

  it('cuts the last column first when the terminal is narrow', () => {
    const unpainted = columns.map(({ title, value }) => ({ title, value }));
    const printed = printTable(rows, unpainted, { style: plainStyle, columns: 40 });
    expect(printed.split('\n').slice(1, 3)).toEqual([
      'api            down   latency 812 ms, e…',
      'a-longer-name  up',
    ]);
    const narrow = printTable(rows, unpainted, { style: plainStyle, columns: 26 });
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(26);
    expect(narrow).toContain('a-longer…');
  });

  it('cuts nothing when it is not on a terminal', () => {
    const long = 'x'.repeat(500);
    const printed = printTable([{ name: 'api', state: 'up', text: long }], columns, { style: plainStyle });
    expect(printed).toContain(long);
  });

  it('lets no service print control characters', () => {
    const evil = 'fine\u001b[2J\u001b[31m\r\nfaked  up';
    const printed = printTable([{ name: 'api', state: 'up', text: evil }], columns, { style: plainStyle });
    expect(printed.split('\n')).toHaveLength(3);
    expect(printed).not.toContain('\u001b');
  });

  it('counts cells, not characters', () => {
    const wide = [
      { name: '監視', state: 'up', text: 'a' },
      { name: 'caf\u0065\u0301', state: 'up', text: 'b' },
    ];
    expect(printTable(wide, columns, { style: plainStyle }).split('\n').slice(1, 3)).toEqual([
      '監視  <up   >  a',
      'cafe\u0301  <up   >  b',
    ]);
  });

  it('paints the heading on a terminal', () => {
    expect(printTable([], columns, { style: terminalStyle })).toBe('\u001b[1mNAME  STATE  TEXT\u001b[22m\n');
  });
});
