/** The number at a path of a JSON text, times `factor`; undefined when there is none. */
export function jsonNumber(text: string, path: readonly string[], factor: number): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'number' && Number.isFinite(value) ? value * factor : undefined;
}
