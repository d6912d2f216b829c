import { afterEach, describe, expect, it } from 'vitest';
import { guardMistakes } from '../../../src/cli/running/guard-mistakes.ts';
import type { Logger } from '../../../src/telemetry/logger.ts';

let unguard = (): void => undefined;
afterEach(() => unguard());

function listen(): {
  readonly lines: string[];
  readonly exits: number[];
  readonly fail: (error: unknown) => void;
} {
  const lines: string[] = [];
  const exits: number[] = [];
  const write = (text: string): void => void lines.push(text);
  const logger: Logger = { error: write, warn: write, info: write, debug: write };
  const before = process.listeners('uncaughtException');
  unguard = guardMistakes(logger, (code) => exits.push(code));
  const added = process.listeners('uncaughtException').find((listener) => !before.includes(listener));
  return { lines, exits, fail: (error) => added?.(error as Error, 'uncaughtException') };
}

describe('guardMistakes', () => {
  it('logs what nobody caught and goes on', () => {
    const { lines, exits, fail } = listen();
    fail(new Error('a stray error'));
    fail('no error at all');
    expect(lines[0]).toMatch(/please report it: Error: a stray error\n\s+at /);
    expect(lines[1]).toMatch(/no error at all/);
    expect(exits).toEqual([]);
  });

  it('gives up when there is no end of it', () => {
    const { exits, fail } = listen();
    for (let count = 0; count < 19; count += 1) fail(new Error('again'));
    expect(exits).toEqual([]);
    fail(new Error('again'));
    expect(exits).toEqual([70]);
  });

  it('leaves nothing behind', () => {
    const before = process.listenerCount('unhandledRejection');
    listen();
    expect(process.listenerCount('unhandledRejection')).toBe(before + 1);
    unguard();
    expect(process.listenerCount('unhandledRejection')).toBe(before);
  });
});
