import { expect, it } from 'vitest';
import { incidentEvidence } from '../../../src/agent/evidence/incident-evidence.ts';

it('the newest pack of an incident is shown, and then the first', async () => {
  const packs = new Map([
    ['api-7K3F-1', 'before the first restart\n'],
    ['api-7K3F-2', 'before the second\n'],
    ['api-7K3F-3', 'before the third\n'],
  ]);
  const read = async (name: string) => packs.get(name);
  const text = (evidence?: string) => incidentEvidence({ id: 'api-7K3F', evidence }, read);
  expect(await text()).toBeUndefined();
  expect(await text('api-7K3F-1')).toBe('before the first restart\n');
  expect(await text('api-7K3F-3')).toBe('before the third\n\nbefore the first restart\n');
  packs.delete('api-7K3F-3');
  expect(await text('api-7K3F-3')).toBe('before the first restart\n');
  packs.clear();
  expect(await text('api-7K3F-3')).toBeUndefined();
});
