import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { repairKinds } from '../../src/repairs/registry.ts';

it('every repair has a name of its own and an example that names it', () => {
  for (const kind of repairKinds) {
    expect(repairKinds.filter((other) => other.kind === kind.kind)).toEqual([kind]);
    const { repair } = parse(kind.example) as { readonly repair: unknown };
    expect(JSON.stringify(repair)).toContain(kind.kind);
    expect(kind.takesCommand).toBe(kind.operation === 'run');
  }
});
