import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bed, RunningAgent } from './bed.ts';
import { makeBed, program, start } from './bed.ts';
import { eventually } from './eventually.ts';
import type { Receivers } from './receivers.ts';
import { startReceivers } from './receivers.ts';

/** One for each way into the rules. */
const secrets = {
  file: 'FILE-s3cr3t-0a1b2c',
  env: 'ENV-s3cr3t-3d4e5f',
  credential: 'CRED-s3cr3t-6a7b8c',
  inline: 'INLINE-s3cr3t-9d0e1f',
  address: 'ADDR-s3cr3t-2a3b4c',
  lines: 'LINE-s3cr3t-"5d\\6e"\nLINE-s3cr3t-7f8a9b',
} as const;

let receivers: Receivers;
let bed: Bed;
let chatty: Server;
let agent: RunningAgent;
const environment = () => ({ API_TOKEN: secrets.env, CREDENTIALS_DIRECTORY: bed.path('credentials') });

beforeEach(async () => {
  receivers = await startReceivers();
  // A service that is down and says everything it was told, and more.
  chatty = createServer((asked, answer) => {
    answer.writeHead(500, { 'x-echo': String(asked.headers['authorization'] ?? '') });
    answer.end(`broken: ${JSON.stringify(asked.headers)} ${Object.values(secrets).join(' ')}`);
  });
  await new Promise<void>((resolve) => chatty.listen(0, '127.0.0.1', resolve));
  const { port } = chatty.address() as AddressInfo;
  bed = makeBed(`every: 200ms
notify: [hook, dead]
notices: { group_wait: 0s }
notifiers:
  hook: { webhook: { url: "http://127.0.0.1:${receivers.httpPort}/", headers: { Authorization: "Bearer \${env:API_TOKEN}" } } }
  dead: { webhook: { url: "http://user:${secrets.address}@127.0.0.1:1/", bearer: ${secrets.inline} } }
`);
  bed.write('keys/token', `${secrets.file}\n`);
  bed.write('credentials/pw', secrets.credential);
  bed.write('keys/lines', secrets.lines);
  bed.write(
    'rules/api.yaml',
    `service: api
evidence: { commands: [[/bin/sh, -c, "echo evidence $PW ${secrets.file}"]] }
checks:
  web:
    http: { url: "http://127.0.0.1:${port}/", bearer: "\${file:../keys/token}" }
    fail_after: 1
  tool:
    command: { run: { run: [/bin/sh, -c, "echo output $PW; echo oops $PW >&2; exit 3"], env: { PW: "\${credential:pw}" } } }
    expect: output contains "fine"
    fail_after: 1
    every: 200ms
  lines:
    command: { run: { run: [/bin/sh, -c, "printf %s \\"$PW\\"; exit 3"], env: { PW: "\${file:../keys/lines}" } } }
    expect: output contains "fine"
    fail_after: 1
`,
  );
  agent = bed.adopt(start(process.execPath, [program, 'run'], bed.folder, environment()));
  await eventually('an answering agent', async () => (await bed.cli('summary')).code === 0 || undefined, {
    explain: agent.output,
  });
});

afterEach(async () => {
  await bed.close();
  await receivers.close();
  await new Promise((resolve) => chatty.close(resolve));
});

function findSecrets(where: string, text: string): readonly string[] {
  return (
    Object.entries(secrets)
      .flatMap(([name, secret]) => secret.split(/[\n"\\]/).map((part) => [name, part] as const))
      // Between the quotes of the one with lines stands too little to be sure of.
      .filter(([, part]) => part.length > 6 && text.includes(part))
      .map(([name, secret]) => {
        const at = text.indexOf(secret);
        return `${name} in ${where}: ...${text.slice(Math.max(0, at - 80), at + 40)}`;
      })
  );
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** What the control socket answers, past our own client. */
function askSocket(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: bed.socket, path }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('secrets', () => {
  it('are in nothing that the agent prints, logs, answers, keeps or tells', async () => {
    await bed.until('api', 'is down', ({ state }) => state === 'down');
    await eventually('notices of both checks', () => receivers.webhooks.length >= 2 || undefined, {
      explain: agent.output,
    });
    const found: string[] = [];
    const commands = [
      ['summary'],
      ['status', 'api'],
      ['status', 'api', '--json'],
      ['incidents', '--json'],
      ['events', '-n', '100'],
      ['events', '-n', '100', '--json'],
      ['why', 'api'],
      ['why', 'api/tool'],
      ['config', 'show'],
      ['config', 'show', '--json'],
      ['config', 'diff'],
      ['check'],
      ['check', '--host'],
      ['test-notify', 'dead'],
      ['once'],
    ];
    for (const args of commands) {
      const { stdout, stderr } = await bed.cliWith(environment(), ...args);
      found.push(...findSecrets(args.join(' '), stdout + stderr));
    }
    const { incidents } = JSON.parse((await bed.cli('incidents', '--json')).stdout) as {
      incidents: readonly { id: string }[];
    };
    expect(incidents.length).toBeGreaterThan(0);
    for (const { id } of incidents) {
      for (const args of [
        ['incident', id],
        ['incident', id, '--json'],
      ]) {
        found.push(...findSecrets(args.join(' '), (await bed.cli(...args)).stdout));
      }
      found.push(...findSecrets('the socket', await askSocket(`/v1/incidents/${id}`)));
    }
    for (const path of ['/v1/config', '/v1/summary', '/v1/status', '/v1/events']) {
      found.push(...findSecrets(path, await askSocket(path)));
    }
    found.push(...findSecrets('the notices', JSON.stringify(receivers.webhooks)));
    found.push(...findSecrets('the log', agent.output()));
    expect(statSync(bed.path('state')).mode & 0o077).toBe(0);
    for (const file of filesBelow(bed.path('state'))) {
      expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
      // A socket holds nothing.
      if (statSync(file).isFile()) found.push(...findSecrets(file, readFileSync(file, 'latin1')));
    }
    expect(found).toEqual([]);
  });

  it('are in no message about rules in which they are the mistake', async () => {
    bed.write(
      'rules/wrong.yaml',
      `service: wrong
every: "\${file:../keys/token}"
manager: { systemd: "\${env:API_TOKEN}" }
checks:
  a:
    http: { url: "\${credential:pw}", bearer: [${secrets.inline}] }
    timeout: ${secrets.file}
    expect: status == "\${env:API_TOKEN}"
`,
    );
    const found: string[] = [];
    for (const format of ['text', 'json', 'github', 'sarif']) {
      for (const more of [[], ['--host']]) {
        const { code, stdout, stderr } = await bed.cliWith(
          environment(),
          'check',
          '--format',
          format,
          ...more,
        );
        expect(code).toBe(78);
        // What is written openly where no secret belongs cannot be known for one, unless it is one elsewhere.
        const known = more.length > 0;
        found.push(
          ...findSecrets(`check ${format}`, stdout + stderr).filter(
            (hit) => known || !hit.startsWith('file'),
          ),
        );
      }
    }
    const { stdout, stderr } = await bed.cliWith(environment(), 'reload');
    found.push(...findSecrets('reload', stdout + stderr), ...findSecrets('the log', agent.output()));
    found.push(...findSecrets('summary', JSON.stringify(await bed.summary())));
    expect(found).toEqual([]);
  });
});

describe('a file with a secret in it that others may read', () => {
  it('is refused, with the command that mends it', async () => {
    const file = bed.write(
      'rules/open.yaml',
      `service: open\nchecks:\n  a: { http: { url: "http://127.0.0.1:1/", bearer: ${secrets.inline} } }\n`,
    );
    chmodSync(file, 0o644);
    const refused = await bed.cliWith(environment(), 'reload');
    expect(refused.code).toBe(78);
    const said = refused.stdout + refused.stderr;
    expect(said).toContain(`chmod go-rwx ${file}`);
    expect(findSecrets('reload', said)).toEqual([]);
    chmodSync(file, 0o600);
    expect((await bed.cliWith(environment(), 'reload')).code).toBe(0);
    chmodSync(file, 0o622);
    const writable = await bed.cliWith(environment(), 'reload');
    expect([writable.code, writable.stdout + writable.stderr]).toEqual([
      78,
      expect.stringMatching(/chmod go-w/),
    ]);
  });
});
