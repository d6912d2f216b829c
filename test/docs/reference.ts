import {
  describeKinds,
  describeOptions,
  type Family,
  type KindDescription,
  type OptionDescription,
} from '../../src/cli/rules/describe-kinds.ts';
import { makeLanguage } from '../../src/config/language.ts';
import { registeredKinds } from '../../src/config/registered-kinds.ts';
import { agentSettings } from '../../src/config/settings/agent-settings.ts';
import { notifierSettings } from '../../src/config/settings/notifier-settings.ts';
import { markdownTable } from './markdown-table.ts';

const language = makeLanguage(registeredKinds());

/** Tables of settings that are not those of a kind. */
export const settingsTables = {
  agent: () => optionsTable(describeOptions(agentSettings)),
  service: () => optionsTable(describeOptions(language.service)),
  check: () => optionsTable(describeOptions(language.check)),
  notifier: () => optionsTable(describeOptions(notifierSettings)),
} as const;

/** The chapters of all kinds of one family. */
export function kindChapters(family: Family): string {
  return describeKinds()
    .filter((kind) => kind.family === family)
    .map(chapter)
    .join('\n');
}

function chapter(kind: KindDescription): string {
  const parts = [`#### \`${kind.kind}\`\n\n${kind.summary}\n`];
  if (kind.main !== undefined) {
    parts.push(`A plain value is \`${kind.main}\`.\n`);
  }
  if (kind.options.length > 0) parts.push(optionsTable(kind.options));
  if (kind.readings.length > 0) {
    parts.push(
      markdownTable(
        ['reading', 'unit', 'meaning'],
        kind.readings.map(({ name, unit, meaning }) => [`\`${name}\``, unit, meaning]),
      ),
    );
  }
  if (kind.expects.length > 0) {
    parts.push(
      `Expected unless you say otherwise: ${kind.expects.map((text) => `\`${text}\``).join(', ')}.\n`,
    );
  }
  const notes = Object.entries(kind.notes);
  if (notes.length > 0) parts.push(notes.map(([name, text]) => `- **${name}**: ${text}\n`).join(''));
  parts.push(`\`\`\`yaml\n${kind.example}\n\`\`\`\n`);
  return parts.join('\n');
}

function optionsTable(options: readonly OptionDescription[]): string {
  return markdownTable(
    ['setting', 'type', 'default', 'meaning'],
    options.map(({ name, type, presence, default: fallback, summary }) => [
      `\`${name}\``,
      type,
      presence === 'required' ? 'required' : fallback === undefined ? '' : `\`${fallback}\``,
      summary,
    ]),
  );
}
