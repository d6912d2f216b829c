import type { Redactor } from '../lib/redactor.ts';
import type { Config } from '../model/config.ts';
import { redactValue } from './redact-value.ts';

/**
 * A configuration for people and programs: plain JSON data in which every secret stands as where it came from, also one
 * that was read as a number. Values are masked and not their JSON: a secret may be part of what that is written with.
 */
export function printableConfig({ secrets, ...rest }: Config, redact: Redactor): unknown {
  const secret = new Set(secrets.map(({ text }) => text));
  const plain = JSON.parse(JSON.stringify(rest), (_, value: unknown) =>
    typeof value === 'number' && secret.has(String(value)) ? String(value) : value,
  ) as unknown;
  return redactValue(plain, redact);
}
