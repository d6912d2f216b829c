import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { proposeRules } from './discovered-rules.ts';
import { suitingRules } from './ready-made-rules.ts';
import { surveyManagers } from './survey-managers.ts';

/** A file to begin with. */
export interface StarterFile {
  readonly path: string;
  readonly text: string;
}

const settings = `# Settings of the agent. The language: 'watcher kinds', and rules/README.md of the package.
rules: [./rules/*.yaml]
every: 30s

# Who is told. Try it with 'watcher test-notify'.
# notifiers:
#   team: { email: { to: ops@example.com, smtp: [smtp://localhost:25] } }
# notify: [team]
`;

/** The agent's settings, in a file of this path. */
export function starterSettings(path: string): StarterFile {
  return { path, text: settings };
}

/** Copies of the ready-made rules that suit what runs here, and rules for what the managers have, below `folder`. */
export async function starterRules(folder: string, host: Host): Promise<readonly StarterFile[]> {
  const [rules, surveys] = await Promise.all([suitingRules(host.processes), surveyManagers(host)]);
  const proposals = await proposeRules(rules, surveys, host);
  return proposals.map(({ name, text }) => ({ path: join(folder, `${name}.yaml`), text: ownCopy(text) }));
}

/** What only matters for the rules that come with the program does not belong into a copy. */
function ownCopy(text: string): string {
  return text.replace(/^# yaml-language-server:.*\n/m, '').replace(/^# when running:.*\n/m, '');
}
