import { describe, expect, it } from 'vitest';
import { readLabels, silencedBy } from '../../../src/cli/ask/silence-requests.ts';

describe('what a silence is of', () => {
  it.each([
    [[], [{ services: [], checks: [] }]],
    [['all'], [{ services: [], checks: [] }]],
    [['api', 'web', 'api'], [{ services: ['api', 'web'], checks: [] }]],
    [['a/x', 'b/y'], [{ services: ['a', 'b'], checks: ['a/x', 'b/y'] }]],
    [
      ['api/responds', 'web'],
      [
        { services: ['web'], checks: [] },
        { services: ['api'], checks: ['api/responds'] },
      ],
    ],
    [['all', 'a/x'], [{ services: [], checks: [] }]],
  ])('%j keeps each check with its own service', (references, expected) => {
    expect(silencedBy(references, { team: 'web' })).toEqual(
      expected.map((one) => ({ ...one, labels: { team: 'web' } })),
    );
  });

  it.each([
    ['team=web', { team: 'web' }],
    ['team=web,tier=front', { team: 'web', tier: 'front' }],
    ['note=one, two,tier=a=b', { note: 'one, two', tier: 'a=b' }],
    ['team=', { team: '' }],
    ['team', undefined],
    ['=web', undefined],
  ])('%s are labels', (text, labels) => {
    expect(readLabels(text)).toEqual(labels);
  });
});
