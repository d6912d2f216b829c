import { describeConfig } from '../../src/config/describe/describe-config.ts';
import type { RuleFileFacts } from '../../src/config/files/rule-files.ts';
import { renderProblems } from '../../src/schema/frame.ts';
import { loadTexts } from './memory-files.ts';
import { smallKinds } from './small-kinds.ts';

/**
 * A case: sections that begin with a line `=== name`. `=== watcher.yaml`, `=== rules/api.yaml mode=0666 uid=7` are
 * files below /etc/watcher (the first is the main one), `=== env` holds NAME=VALUE lines, `=== lint` says that the
 * first file stands alone, `=== pure` that nothing is asked of the machine, `=== show every, repair` prints these
 * settings of what was understood, `=== output` is what must be printed.
 */
export interface Case {
  readonly texts: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, RuleFileFacts>>;
  readonly env: Readonly<Record<string, string>>;
  readonly lint: boolean;
  readonly pure: boolean;
  readonly show: readonly string[];
}

export function parseCase(text: string): Case {
  const texts: Record<string, string> = {};
  const facts: Record<string, RuleFileFacts> = {};
  const env: Record<string, string> = {};
  let lint = false;
  let pure = false;
  let show: readonly string[] = [];
  for (const section of text.split(/^=== /m).slice(1)) {
    const end = section.indexOf('\n');
    const [name = '', ...words] = section.slice(0, end).split(' ');
    const body = section.slice(end + 1);
    if (name === 'output') break;
    if (name === 'lint') lint = true;
    else if (name === 'pure') pure = true;
    else if (name === 'show') show = words.map((word) => word.replace(',', '')).filter((word) => word !== '');
    else if (name === 'env') {
      for (const line of body.split('\n').filter((one) => one !== '')) {
        const [key = '', ...value] = line.split('=');
        env[key] = value.join('=');
      }
    } else {
      const path = name.startsWith('/') ? name : `/etc/watcher/${name}`;
      texts[path] = body;
      const told = Object.fromEntries(words.map((word) => word.split('=')));
      if (words.length > 0) {
        facts[path] = {
          mode: Number.parseInt(told.mode ?? '0600', 8),
          uid: Number(told.uid ?? 0),
          gid: Number(told.gid ?? 0),
        };
      }
    }
  }
  return { texts, facts, env, lint, pure, show };
}

/** What `watcher check` would print, and the asked for settings as `watcher config show` prints them. */
export async function runCase({ texts, facts, env, lint, pure, show }: Case): Promise<string> {
  const [first = ''] = Object.keys(texts);
  const result = await loadTexts(texts, { env, facts, pure, ...(lint ? { lint: [first] } : {}) });
  const printed = renderProblems(result.problems, result.sources, { secrets: result.secrets });
  if (result.config === undefined) return `${printed}no configuration\n`;
  const services = result.config.services.map(
    ({ name, checks }) => `${name}(${checks.map((check) => check.name).join(', ')})`,
  );
  const described = describeConfig(result, { kinds: smallKinds }) ?? '';
  const shown = described
    .split('\n')
    .filter((line) => show.some((word) => new RegExp(`^\\s*(- )?${word}`).test(line)));
  return `${printed}ok: ${services.join(', ')}\n${shown.map((line) => `${line}\n`).join('')}`;
}
