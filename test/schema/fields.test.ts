import { describe, expect, expectTypeOf, it } from 'vitest';
import type { CommandSpec } from '../../src/model/service.ts';
import type { OptionsOf } from '../../src/schema/field.ts';
import {
  choice,
  command,
  duration,
  either,
  flag,
  group,
  type HostPort,
  hostPort,
  integer,
  list,
  path,
  record,
  secretText,
  size,
  text,
  url,
} from '../../src/schema/fields.ts';

describe('the types of options', () => {
  it('follow from the fields', () => {
    const fields = {
      url: url({ schemes: ['http', 'https'], summary: 'Where.' }),
      method: choice(['GET', 'POST'], { summary: 'How.', default: 'GET' }),
      every: duration({ summary: 'When.', optional: true }),
      limit: size({ summary: 'How much.', default: '64 KiB' }),
      headers: record(text(), { summary: 'With.', default: {} }),
      to: either([path(), hostPort({ summary: '', defaultPort: 25 })], { summary: 'To.' }),
      names: list(text(), { summary: 'Who.', default: [] }),
      tls: group(
        { verify: flag({ summary: 'Check it.', default: true }) },
        { summary: 'How safe.', default: {} },
      ),
      run: command({ summary: 'What.', optional: true }),
      key: secretText({ summary: 'With what.', optional: true }),
      retries: integer({ summary: 'Again.', default: 0, min: 0 }),
    };
    type Options = OptionsOf<typeof fields>;
    expectTypeOf<Options['url']>().toEqualTypeOf<string>();
    expectTypeOf<Options['method']>().toEqualTypeOf<'GET' | 'POST'>();
    expectTypeOf<Options['every']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Options['limit']>().toEqualTypeOf<number>();
    expectTypeOf<Options['headers']>().toEqualTypeOf<Readonly<Record<string, string>>>();
    expectTypeOf<Options['to']>().toEqualTypeOf<string | HostPort>();
    expectTypeOf<Options['names']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Options['tls']['verify']>().toEqualTypeOf<boolean>();
    expectTypeOf<Options['run']>().toEqualTypeOf<CommandSpec | undefined>();
    expectTypeOf<Options['retries']>().toEqualTypeOf<number>();
    expect(fields.limit.defaultValue).toBe(65_536);
    expect(fields.tls.defaultValue).toEqual({ verify: true });
  });
});
