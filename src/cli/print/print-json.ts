/** A JSON answer as programs and people with a pager want it: indented, one line end. */
export function printJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
