import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { findRepair, repairKinds } from '../../src/repairs/registry.ts';

it('every repair is found by its name and has an example that names it', () => {
  for (const kind of repairKinds) {
    expect(findRepair(kind.kind)).toBe(kind);
    const { repair } = parse(kind.example) as { readonly repair: unknown };
    expect(JSON.stringify(repair)).toContain(kind.kind);
    expect(kind.takesCommand).toBe(kind.operation === 'run');
  }
  expect(findRepair('reboot')).toBeUndefined();
});
