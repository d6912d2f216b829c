import type { Redactor } from './redactor.ts';

/** The same plain data with every text in it redacted; what is no plain data stays as it is. */
export function redactValue<T>(value: T, redact: Redactor): T {
  return redacted(value, redact) as T;
}

function redacted(value: unknown, redact: Redactor): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((one) => redacted(one, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redacted(one, redact)]));
}
