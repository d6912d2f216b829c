import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import { ruleSchema } from '../../src/config/rule-schema.ts';

const file = fileURLToPath(new URL('../../rules/watcher.schema.json', import.meta.url));

describe('rules/watcher.schema.json', () => {
  it('is what the declarations say (vitest -u writes it anew)', async () => {
    const schema = ruleSchema(registeredKinds());
    await expect(`${JSON.stringify(schema, undefined, 1)}\n`).toMatchFileSnapshot(file);
  });
});
