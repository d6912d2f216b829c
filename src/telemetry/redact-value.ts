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
  // Every reading passes through here, and hardly any has something to mask: nothing is copied before that.
  let clean: Record<string, unknown> | undefined;
  for (const name in value) {
    const one = (value as Record<string, unknown>)[name];
    if (typeof one === 'number' || typeof one === 'boolean') continue;
    const masked = redacted(one, redact);
    if (masked === one) continue;
    clean ??= { ...value };
    clean[name] = masked;
  }
  return clean ?? value;
}
