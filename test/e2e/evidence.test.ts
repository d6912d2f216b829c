import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IncidentAnswer } from '../../src/control/api.ts';
import { type Bed, makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import { type Receivers, startReceivers } from './receivers.ts';

let receivers: Receivers;
let bed: Bed;
let url: string;

beforeEach(async () => {
  receivers = await startReceivers();
  bed = makeBed(`every: 200ms
notify: [mail]
notices: { group_wait: 2s }
notifiers:
  mail: { email: { to: ops@example.com, from: watcher@example.com, smtp: [smtp://127.0.0.1:${receivers.smtpPort}] } }
`);
  const server = createServer((_request, response) => {
    response.writeHead(503, { 'x-queue': '9000' }).end('the queue is full');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bed.onClose(() => new Promise<void>((resolve) => server.close(() => resolve())));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
});

/** The first incident for which `test` holds, with its evidence. */
function incidentWith(what: string, test: (answer: IncidentAnswer) => boolean): Promise<IncidentAnswer> {
  let seen = '';
  return eventually(
    what,
    async () => {
      const { incidents } = JSON.parse((await bed.cli('incidents', '--json')).stdout);
      if (incidents.length === 0) return undefined;
      seen = (await bed.cli('incident', incidents[0].id, '--json')).stdout;
      const answer = JSON.parse(seen) as IncidentAnswer;
      return test(answer) ? answer : undefined;
    },
    { explain: () => seen },
  );
}

describe('evidence', () => {
  it('of a failure that nothing repairs is kept, shown, and attached to the mail', async () => {
    bed.write(
      'rules/api.yaml',
      `service: api
evidence: { commands: [[echo, disk 7 is slow]] }
checks:
  answers: { http: "${url}", fail_after: 2 }
`,
    );
    await bed.startAgent();
    const { incident, evidence } = await incidentWith('evidence', (one) => one.evidence !== undefined);
    expect(evidence).toMatch(/^Evidence of api on \S+, captured \S+ while answers is down: /);
    expect(evidence).toContain('the queue is full');
    expect(evidence).toContain('x-queue: 9000');
    expect(evidence).toContain('== echo disk 7 is slow ==\ndisk 7 is slow\n');
    expect(evidence).toContain('== top processes of the host ==');
    const { stdout } = await bed.cli('incident', incident.id);
    expect(stdout).toMatch(/Evidence\n {2}Evidence of api/);
    expect(stdout).toMatch(/evidence captured: \d+ exhibits captured/);
    const [mail] = await eventually('a mail', () =>
      receivers.mails.length > 0 ? receivers.mails : undefined,
    );
    expect(mail?.body).toContain(`filename=evidence-${incident.id}.txt`);
    expect(mail?.body).toMatch(/evidence +\d+ exhibits captured/);
  });

  it('has what a repair printed, also of one that failed', async () => {
    const script = 'echo draining the queue; echo cannot reach the broker >&2; exit 3';
    bed.write(
      'rules/api.yaml',
      `service: api
repair_budget: { attempts: 2 in 15m, backoff: 100ms..200ms, hold: 1s }
start_timeout: 1s
checks:
  answers: { http: "${url}", fail_after: 1, repair: [{ run: [sh, -c, '${script}'] }] }
`,
    );
    await bed.startAgent();
    const { incident, evidence } = await incidentWith(
      'two repairs that failed, with what they printed',
      (one) =>
        one.incident.repairs.filter(({ outcome }) => outcome === 'failed').length === 2 &&
        (one.evidence ?? '').split('== what run printed').length === 3,
    );
    expect(evidence).toContain(
      '== what run printed (the command ended with exit code 3) ==\ndraining the queue\ncannot reach the broker\n',
    );
    expect(evidence?.split('Evidence of api on')).toHaveLength(3);
    const { stdout } = await bed.cli('incident', incident.id);
    expect(stdout).toMatch(/run {2}failed {2}the command ended with exit code 3\n +\| draining the queue\n/);
  });
});
