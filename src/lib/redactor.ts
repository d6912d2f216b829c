/** A text without the secrets that may stand in it. */
export type Redactor = (text: string) => string;

/** Shorter ones would blacken ordinary words, and hide more than they protect. */
export const shortestSecret = 4;

/** Replaces every secret, in whatever form it stands, by where it came from: `<${file:/etc/key}>`. */
export function createRedactor(
  secrets: readonly { readonly text: string; readonly source: string }[],
): Redactor {
  return replaceAllForms(secrets.map(({ text, source }) => [text, `<${source}>`]));
}

/** Replaces every one of these texts, in whatever form it stands, by `***`. */
export function maskTexts(texts: readonly string[]): Redactor {
  return replaceAllForms(texts.map((text) => [text, '***']));
}

/** As it is, on one line, and as URLs, JSON and base64 write it. */
function replaceAllForms(secrets: readonly (readonly [text: string, shown: string])[]): Redactor {
  const forms = new Map<string, string>();
  for (const [text, shown] of secrets) {
    // As a sentence quotes what has several lines.
    const line = text.replaceAll(/\s+/g, ' ');
    const bytes = Buffer.from(text);
    // By way of its bytes: half a character cannot be written into a URL.
    const url = encodeURIComponent(bytes.toString());
    for (const form of [text, text.trim(), line, inJson(text), inJson(line), url, bytes.toString('base64')]) {
      if (form.length >= shortestSecret) forms.set(form, shown);
    }
  }
  if (forms.size === 0) return (text) => text;
  // Longest first: a secret may contain another one, and must not be printed in part.
  const alternatives = [...forms.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(alternatives.join('|'), 'g');
  return (text) => text.replace(pattern, (found) => forms.get(found) ?? '***');
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
