/** What is wrong with a regular expression of a user, or nothing. */
export function patternTrouble(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'm');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
