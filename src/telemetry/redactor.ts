import type { Secret } from '../model/config.ts';

export type Redactor = (text: string) => string;

/** Shorter ones would blacken ordinary words. */
const SHORTEST = 4;

/** Replaces every secret, also in the forms that URLs, JSON and base64 give it, by where it came from: `<${file:/etc/key}>`. */
export function createRedactor(secrets: readonly Secret[]): Redactor {
  const forms = new Map<string, string>();
  for (const { text, source } of secrets) {
    const json = JSON.stringify(text).slice(1, -1);
    for (const form of [
      text,
      text.trim(),
      json,
      encodeURIComponent(text),
      Buffer.from(text).toString('base64'),
    ]) {
      if (form.length >= SHORTEST) forms.set(form, `<${source}>`);
    }
  }
  if (forms.size === 0) return (text) => text;
  // Longest first: a secret may contain another one.
  const alternatives = [...forms.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(alternatives.join('|'), 'g');
  return (text) => text.replace(pattern, (found) => forms.get(found) ?? '<secret>');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
