import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeConfig } from '../../src/config/describe/describe-config.ts';
import type { Kinds } from '../../src/config/kinds.ts';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
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
  const realKinds = registeredKinds();
  let good = 0;
  let slowest = { ms: 0, text: '' };
  for (let index = 0; index < count; index += 1) {
    const text = mutate(texts[Math.floor(random() * texts.length)] ?? '', texts, random);
    const lint = random() < 0.5;
    const pure = random() < 0.5;
    const kinds = random() < 0.3 ? realKinds : smallKinds;
    try {
      const before = process.cpuUsage();
      if (await loadAndPrint(text, { lint, pure, kinds })) good += 1;
      let ms = process.cpuUsage(before).user / 1000;
      // The first ones pay for compiling the loader itself, and any of them may pay for collecting the others' garbage.
      for (let again = 0; again < 3 && ms > slowest.ms && index > 200; again += 1) {
        const start = process.cpuUsage();
        await loadAndPrint(text, { lint, pure, kinds });
        ms = Math.min(ms, process.cpuUsage(start).user / 1000);
      }
      if (ms > slowest.ms && index > 200) slowest = { ms, text };
    } catch (error) {
      throw new Error(`file ${index} of seed ${seed}:\n${text}`, { cause: error });
    }
  }
  return { files: count, good, slowest };
}

/** Everything that is ever done with a file's text, short of running it; whether it loaded. */
async function loadAndPrint(
  text: string,
  { lint, pure, kinds }: { readonly lint: boolean; readonly pure: boolean; readonly kinds: Kinds },
): Promise<boolean> {
  const file = '/etc/watcher/f.yaml';
  const result = await loadTexts({ [file]: text }, { ...(lint ? { lint: [file] } : {}), pure, kinds });
  const { problems, sources, secrets } = result;
  const printed = renderProblems(problems, sources, { secrets, colour: true, width: 60 });
  problemsAsJson(problems);
  problemsAsGithub(problems);
  problemsAsSarif(problems, '0');
  const described = describeConfig(result, { kinds }) ?? '';
  if (problems.some(({ level }) => level === 'error') && result.config !== undefined) {
    throw new Error('a configuration in spite of errors');
  }
  if (/undefined|\[object|NaN/.test(printed + described) && !/undefined|NaN|\[object/.test(text)) {
    throw new Error(`a value that nobody handled: ${printed}${described}`);
  }
  return result.config !== undefined;
}
