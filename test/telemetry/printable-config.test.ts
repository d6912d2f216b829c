import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/lib/redactor.ts';
import type { Config } from '../../src/model/config.ts';
import { printableConfig } from '../../src/telemetry/printable-config.ts';

function printed(rest: object, ...secrets: readonly string[]): unknown {
  const from = secrets.map((text, index) => ({ text, source: `\${file:${index}}` }));
  return printableConfig({ ...rest, secrets: from } as unknown as Config, createRedactor(from));
}

describe('a configuration that is printed', () => {
  it('is still data where a secret looks like a part of JSON', () => {
    const rest = { on: true, none: null, timeout: 30000, name: 'x', list: [{ a: 'true' }] };
    for (const secret of ['true', 'null', '"name"', '},{"', '":"x']) {
      expect(printed(rest, secret)).toMatchObject({ on: true, none: null, timeout: 30000, name: 'x' });
    }
  });

  it('shows no secret that was read as a number, and other numbers as they are', () => {
    expect(printed({ options: { pin: 30000, port: 3000, big: 130000 } }, '30000')).toEqual({
      options: { pin: '<${file:0}>', port: 3000, big: 130000 },
    });
  });

  it('shows no secret within a text, and has no secrets of its own', () => {
    expect(printed({ url: 'http://u:s3cr3t@x/' }, 's3cr3t')).toEqual({ url: 'http://u:<${file:0}>@x/' });
  });
});
