import { describe, expect, it } from 'vitest';
import { shortenFiles } from '../../../src/cli/rules/shorten-files.ts';
import type { Problem } from '../../../src/schema/problem.ts';

const place = (file: string) => ({ file, line: 1, column: 1, length: 1 });

describe('shortenFiles', () => {
  it('names files below the folder from there, everywhere, and leaves others alone', () => {
    const problems: readonly Problem[] = [
      { level: 'error', code: 'a', message: 'a' },
      {
        level: 'error',
        code: 'b',
        message: 'b',
        place: place('/repo/rules/a.yaml'),
        related: [{ place: place('/etc/watcher/b.yaml'), message: 'also' }],
      },
    ];
    const sources = new Map([
      ['/repo/rules/a.yaml', 'a'],
      ['/repository/c.yaml', 'c'],
    ]);
    const short = shortenFiles({ problems, sources }, '/repo');
    expect(short.problems[1]?.place?.file).toBe('rules/a.yaml');
    expect(short.problems[1]?.related?.[0]?.place.file).toBe('/etc/watcher/b.yaml');
    expect([...short.sources.keys()]).toEqual(['rules/a.yaml', '/repository/c.yaml']);
  });
});
