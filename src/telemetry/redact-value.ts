import type { Redactor } from '../lib/redactor.ts';

/** The same plain data with every text in it redacted; the very same where there is nothing to redact. */
export function redactValue<T>(value: T, redact: Redactor): T {
  return redacted(value, redact) as T;
}

function redacted(value: unknown, redact: Redactor): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((one: unknown) => redacted(one, redact));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  let changed = false;
  const entries = Object.entries(value).map(([name, one]) => {
    const clean = redacted(one, redact);
    changed ||= clean !== one;
    return [name, clean] as const;
  });
  return changed ? Object.fromEntries(entries) : value;
}
