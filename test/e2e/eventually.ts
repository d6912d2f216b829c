/**
 * Asks again and again until the answer is not undefined, and hands it back. Fails after `within` milliseconds with the
 * last thing `explain` said: a test waits for what happens, never for time to pass.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  { within = 30_000, explain = () => '' }: { within?: number; explain?: () => string } = {},
): Promise<T> {
  const deadline = performance.now() + within;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      const detail = [explain(), lastError instanceof Error ? lastError.message : '']
        .filter(Boolean)
        .join('\n');
      throw new Error(`waited ${within} ms in vain for: ${what}\n${detail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
