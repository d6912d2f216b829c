import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeConfig } from '../../src/config/describe-config.ts';
import { renderProblems } from '../../src/schema/frame.ts';
import { problemsAsGithub, problemsAsJson, problemsAsSarif } from '../../src/schema/problem-formats.ts';
import { loadTexts } from './memory-files.ts';
import { mutate, randomNumbers } from './mutate.ts';
import { parseCase } from './run-case.ts';
import { smallKinds } from './small-kinds.ts';

export interface FuzzResult {
  readonly files: number;
  /** Files that loaded although they were mutated. */
  readonly good: number;
  /** CPU time of the slowest one, in milliseconds (others on the machine do not count), and its text. */
  readonly slowest: { readonly ms: number; readonly text: string };
}

/** Loads and prints mutated rule files; throws with the file's text when one of them throws. */
export async function fuzzLoader(count: number, seed: number): Promise<FuzzResult> {
  const folder = fileURLToPath(new URL('../cases/', import.meta.url));
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.case'))
    .flatMap((name) => Object.values(parseCase(readFileSync(folder + name, 'utf8')).texts));
  const random = randomNumbers(seed);
  let good = 0;
  let slowest = { ms: 0, text: '' };
  for (let index = 0; index < count; index += 1) {
    const text = mutate(texts[Math.floor(random() * texts.length)] ?? '', texts, random);
    const before = process.cpuUsage();
    try {
      const lint = random() < 0.5 ? { lint: ['/etc/watcher/f.yaml'] } : {};
      const result = await loadTexts({ '/etc/watcher/f.yaml': text }, { ...lint, pure: random() < 0.5 });
      const printed = renderProblems(result.problems, result.sources, {
        secrets: result.secrets,
        colour: true,
        width: 60,
      });
      const formats = [
        problemsAsJson,
        problemsAsGithub,
        (all: typeof result.problems) => problemsAsSarif(all, '0'),
      ];
      for (const format of formats) format(result.problems);
      const described = describeConfig(result, { kinds: smallKinds }) ?? '';
      if (result.config !== undefined) good += 1;
      const errors = result.problems.some(({ level }) => level === 'error');
      if (errors && result.config !== undefined) throw new Error('a configuration in spite of errors');
      if (/undefined|\[object|NaN/.test(printed + described) && !/undefined|NaN|\[object/.test(text)) {
        throw new Error(`a value that nobody handled: ${printed}${described}`);
      }
    } catch (error) {
      throw new Error(`file ${index} of seed ${seed}:\n${text}`, { cause: error });
    }
    const { user } = process.cpuUsage(before);
    // The first ones pay for compiling the loader itself.
    if (index > 200 && user / 1000 > slowest.ms) slowest = { ms: user / 1000, text };
  }
  return { files: count, good, slowest };
}
