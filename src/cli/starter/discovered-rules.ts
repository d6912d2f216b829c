import type { Host } from '../../host/host.ts';
import type { Discovered } from '../../managers/manager-kind.ts';
import { inlineYaml } from './inline-yaml.ts';
import type { ReadyMadeRules } from './ready-made-rules.ts';
import type { Surveyed } from './survey-managers.ts';

/** Rules to begin with: ready-made ones that now know who runs the service, and one for each other service found. */
export interface Proposal {
  /** Of the file, without an ending. */
  readonly name: string;
  readonly text: string;
}

/**
 * A proposal for everything that a manager keeps for good. What two managers have is proposed once, for the first of
 * them: Monit comes last, as it only looks after what others run. The rules tell and repair nothing.
 */
export async function proposeRules(
  readyMade: readonly ReadyMadeRules[],
  surveys: readonly Surveyed[],
  host: Host,
): Promise<readonly Proposal[]> {
  const table = await host.processes.table();
  const nameOf = (pid: number | undefined) => (pid === undefined ? undefined : table.byPid.get(pid)?.comm);
  const texts = new Map(readyMade.map(({ name, text }) => [name, text]));
  const managed = new Set<string>();
  const taken = new Set(readyMade.map(({ name, text }) => /^service: *(\S+)/m.exec(text)?.[1] ?? name));
  const seen = new Set<number>();
  const proposals: Proposal[] = [];
  for (const { kind, services } of surveys) {
    for (const service of services.filter(({ lasting }) => lasting)) {
      if (service.pids.some((pid) => seen.has(pid))) continue;
      for (const pid of service.pids) seen.add(pid);
      const comm = nameOf(service.pids[0]);
      const suits = readyMade.find(
        ({ name, whenRunning }) => !managed.has(name) && comm !== undefined && whenRunning.includes(comm),
      );
      if (suits !== undefined) {
        managed.add(suits.name);
        texts.set(suits.name, withManager(suits.text, service));
        continue;
      }
      const name = freeName(service.name, kind, taken);
      taken.add(name);
      proposals.push({ name, text: ruleOf(name, kind, service) });
    }
  }
  return [...[...texts].map(([name, text]) => ({ name, text })), ...proposals];
}

/** The ready-made rules with the manager below the name of the service. */
function withManager(text: string, service: Discovered): string {
  const manager = `manager: ${inlineYaml(service.manager)}`;
  return text
    .replace(/^# {3}manager: .*\n/m, '')
    .replace(/^(service: .*)$/m, (line) => `${line}\n${manager}`);
}

function ruleOf(name: string, kind: string, { manager, detail, instead }: Discovered): string {
  const said = detail.replace(/\s+/g, ' ').trim();
  const beside =
    kind === 'monit'
      ? [
          '# Monit restarts it by itself: add no repair here while Monit watches it.',
          ...(instead === undefined ? [] : [`# Without Monit: manager: ${inlineYaml(instead)}`]),
        ]
      : ['# This only tells. To have it repaired, too: alive: { process: {}, repair: restart }'];
  return [
    `# Found by 'watcher init' beside ${kind}${said === '' ? '' : `: ${said}`}`,
    ...beside,
    `service: ${name}`,
    `manager: ${inlineYaml(manager)}`,
    'checks:',
    '  alive: { process: {} }',
    '',
  ].join('\n');
}

/** A service name that no other has: letters, digits and `-_.@`. */
function freeName(name: string, kind: string, taken: ReadonlySet<string>): string {
  const plain = name.replace(/[^A-Za-z0-9_.@-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || kind;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? plain : number === 2 ? `${plain}-${kind}` : `${plain}-${kind}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
