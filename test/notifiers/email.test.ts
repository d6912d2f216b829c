import { afterEach, expect, it } from 'vitest';
import { email } from '../../src/notifiers/email.ts';
import { closedPort, tcpServer } from '../servers/listen.ts';
import { type SmtpReceiver, smtpError, startSmtp } from '../servers/smtp.ts';
import { digest, failed, recovered, refusedReload } from './notices.ts';
import { reachOnce, sendOnce } from './receive.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function smtp(...args: Parameters<typeof startSmtp>): Promise<SmtpReceiver> {
  const server = await startSmtp(...args);
  open.push(server);
  return server;
}

/** The text of a mail without its header, with quoted-printable undone (RFC 2045, section 6.7). */
const bodyOf = (source: string) =>
  source
    .slice(source.indexOf('\r\n\r\n') + 4)
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll('\r\n', '\n');

const headerOf = (source: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(source)?.[1]?.replace(/\r\n[ \t]+/g, ' ');

it('says everything that somebody needs at night, in plain text', async () => {
  const server = await smtp();
  const yaml = `{ to: ops@example.com, smtp: "smtp://127.0.0.1:${server.port}" }`;
  expect(await sendOnce(email, yaml, failed)).toMatchObject({ ok: true });
  const source = server.mails[0]?.source ?? '';
  expect(headerOf(source, 'Subject')).toBe('DOWN api/responds: latency 812 ms, expected < 500 ms');
  expect(headerOf(source, 'From')).toBe('watcher@web-1');
  expect(headerOf(source, 'Auto-Submitted')).toBe('auto-generated');
  expect(headerOf(source, 'X-Priority')).toBe('1');
  expect(headerOf(source, 'Content-Type')).toContain('text/plain');
  const body = bodyOf(source);
  expect(body).toBe(`on web-1: down for 3 m 20 s (critical)

  next             restart in 4 s (attempt 2 of 3)
  done             11:57:30Z restart: it did not hold (started, pid 4242)
  measured         latency 812 ms
  expected         latency < 500 ms
  how often        3 of 3 cycles
  since            2026-07-01 11:56:40Z
  history          41 ms | *812 ms | *790 ms
  incident         api-7K3F
  service          Public HTTP API
  groups           web
  runbook          https://wiki.example/runbooks/api
  to do            watcher incident api-7K3F   (all that is known)
  to do            watcher ack api-7K3F   (you are on it)
  to do            watcher restart api
  to do            watcher why api

--${' '}
watcher on web-1, 2026-07-01 12:00:00Z, notice api-7K3F.1.team
`);
});

it('keeps an incident in one thread, and one mail one mail', async () => {
  const server = await smtp();
  const yaml = `{ to: [a@example.com, b@example.com], from: w@example.com, reply_to: desk@example.com, smtp: ["smtp://127.0.0.1:${server.port}"] }`;
  await sendOnce(email, yaml, failed);
  await sendOnce(email, yaml, failed, { attempt: 2, lateBy: 7_500_000 });
  await sendOnce(email, yaml, recovered);
  await sendOnce(email, yaml, refusedReload);
  await sendOnce(email, yaml, digest);
  const [first, again, over, agent, both] = server.mails.map((mail) => mail.source);
  expect(headerOf(first ?? '', 'Message-ID')).toBe('<api-7K3F.1.team@web-1>');
  expect(headerOf(again ?? '', 'Message-ID')).toBe('<api-7K3F.1.team@web-1>');
  expect(headerOf(again ?? '', 'Subject')).toContain('(late by 2 h 5 m)');
  expect(bodyOf(again ?? '')).toContain(
    'This message is late by 2 h 5 m: it tells what was true at 2026-07-01 12:00:00Z.',
  );
  expect(headerOf(over ?? '', 'References')).toBe('<incident.api-7K3F@web-1>');
  expect(headerOf(over ?? '', 'Reply-To')).toBe('desk@example.com');
  expect(bodyOf(over ?? '')).toContain('on web-1: over, it lasted 4 m 20 s');
  expect(headerOf(agent ?? '', 'References')).toBeUndefined();
  expect(bodyOf(agent ?? '')).toContain('the old rules stay in force');
  expect(headerOf(both ?? '', 'References')).toBe('<incident.api-7K3F@web-1> <incident.db-9QQ2@web-1>');
  expect(headerOf(both ?? '', 'Subject')).not.toMatch(/\n/);
  expect(server.mails[0]?.to).toEqual(['a@example.com', 'b@example.com']);
});

it('attaches the evidence, unless told not to', async () => {
  const server = await smtp();
  const evidence = async (name: string) => (name === 'api-7K3F' ? 'last log line: bind failed\n' : undefined);
  const yaml = `{ to: ops@example.com, smtp: "smtp://127.0.0.1:${server.port}"`;
  await sendOnce(email, `${yaml} }`, failed, { evidence });
  await sendOnce(email, `${yaml}, attach_evidence: false }`, failed, { evidence });
  expect(server.mails[0]?.source).toContain('filename=evidence-api-7K3F.txt');
  expect(server.mails[1]?.source).not.toContain('evidence-api-7K3F.txt');
  await sendOnce(email, `${yaml} }`, recovered, { evidence });
  expect(server.mails[2]?.source).not.toContain('evidence-api-7K3F.txt');
});

it('says whether another try can help, and tries the next server itself', async () => {
  const refusing = await smtp({ onMailFrom: (_from, _session, done) => done(smtpError(550, 'go away')) });
  const busy = await smtp({ onMailFrom: (_from, _session, done) => done(smtpError(451, 'later')) });
  const good = await smtp();
  const to = (...ports: number[]) =>
    `{ to: ops@example.com, smtp: [${ports.map((port) => `"smtp://127.0.0.1:${port}"`).join(', ')}] }`;
  expect(await sendOnce(email, to(refusing.port), failed)).toMatchObject({ ok: false, retry: false });
  expect(await sendOnce(email, to(refusing.port, busy.port), failed)).toMatchObject({
    ok: false,
    retry: true,
  });
  expect(await sendOnce(email, to(refusing.port, await closedPort(), good.port), failed)).toMatchObject({
    ok: true,
  });
});

it('logs in where the address carries no login, and never says the password', async () => {
  const server = await smtp({
    onAuth: ({ username, password }, _session, done) =>
      password === 'sesame-open' ? done(null, { user: username }) : done(smtpError(535, `bad ${password}`)),
  });
  const yaml = (password: string) =>
    `{ to: a@example.com, smtp: "smtp://127.0.0.1:${server.port}", login: { user: "me@x", password: ${password} } }`;
  expect(await sendOnce(email, yaml('sesame-open'), failed)).toMatchObject({ ok: true });
  expect(server.mails[0]?.user).toBe('me@x');
  const refused = await sendOnce(email, yaml('not-sesame'), failed);
  expect(refused).toMatchObject({ ok: false, retry: false });
  expect(JSON.stringify(refused)).not.toContain('not-sesame');
});

it('ends in time when every server hangs', async () => {
  const silent = await tcpServer(() => {});
  open.push(silent);
  const yaml = `{ to: a@example.com, smtp: ["smtp://127.0.0.1:${silent.port}", "smtp://localhost:${silent.port}"] }`;
  expect(await sendOnce(email, yaml, failed, { timeout: 300 })).toMatchObject({ ok: false, retry: true });
});

it('can be looked at without a mail', async () => {
  const server = await smtp();
  const yaml = (port: number) => `{ to: a@example.com, smtp: "smtp://127.0.0.1:${port}" }`;
  expect(await reachOnce(email, yaml(server.port))).toMatchObject({
    ok: true,
    detail: expect.stringContaining('220'),
  });
  expect(await reachOnce(email, yaml(await closedPort()))).toMatchObject({ ok: false });
  expect(server.mails).toEqual([]);
});
