import type { Host } from '../../host/host.ts';
import type { Surveyed } from '../starter/survey-managers.ts';
import type { Finding } from './finding.ts';
import type { Watched } from './watched.ts';

const topic = 'rights';
const JOURNAL_PATIENCE = 10_000;

/** Which managers, units and journals this user may not ask or operate. Those of the agent count: run it as its user. */
export async function lookAtRights(
  host: Host,
  watched: readonly Watched[],
  surveys: readonly Surveyed[],
): Promise<readonly Finding[]> {
  const used = new Set(watched.map(({ service }) => service.manager?.kind));
  const findings: Finding[] = surveys.flatMap(({ kind, trouble }): readonly Finding[] =>
    trouble === undefined
      ? []
      : [
          {
            level: used.has(kind) ? 'warning' : 'note',
            topic,
            code: 'manager-not-asked',
            message: `${kind} runs here, but cannot be asked: ${trouble}`,
          },
        ],
  );
  for (const { service, refusal } of watched) {
    if (refusal === undefined) continue;
    findings.push({
      level: 'warning',
      topic,
      code: 'may-not-repair',
      message: `${service.name}: its repairs would be refused: ${refusal}`,
      service: service.name,
    });
  }
  if (used.has('systemd') && (await journalIsClosed(host))) {
    findings.push({
      level: 'warning',
      topic,
      code: 'journal-closed',
      message:
        "the system's journal may not be read: evidence lacks log lines, and a stop by hand is not told from a clean end",
      hint: "add the agent's user to the group systemd-journal",
    });
  }
  return findings;
}

/** journalctl(1) shows a user without rights only what is the user's own, and ends well. */
async function journalIsClosed(host: Host): Promise<boolean> {
  if (process.geteuid?.() === 0) return false;
  const ran = await host.commands.run({
    argv: ['journalctl', '-q', '-b', '-n', '1', '-o', 'cat', '_PID=1'],
    shell: false,
    env: { LC_ALL: 'C' },
    timeout: JOURNAL_PATIENCE,
  });
  return ran.outcome === 'exited' && ran.stdout.trim() === '';
}
