import { createServer as createTlsServer } from 'node:https';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alertmanager } from '../../src/notifiers/alertmanager.ts';
import { discord } from '../../src/notifiers/discord.ts';
import type { NotifierKind } from '../../src/notifiers/notifier-kind.ts';
import { ntfy } from '../../src/notifiers/ntfy.ts';
import { pagerduty } from '../../src/notifiers/pagerduty.ts';
import { type AnyNotifierKind, notifierKinds } from '../../src/notifiers/registry.ts';
import { slack } from '../../src/notifiers/slack.ts';
import { teams } from '../../src/notifiers/teams.ts';
import { telegram } from '../../src/notifiers/telegram.ts';
import { webhook } from '../../src/notifiers/webhook.ts';
import { type Certificates, makeCertificates } from '../servers/certificates.ts';
import { closedPort, type Listening, listen, tcpServer } from '../servers/listen.ts';
import { digest, failed, recovered, refusedReload } from './notices.ts';
import { type Answer, type ReceivedRequest, reachOnce, sendOnce, startReceiver } from './receive.ts';

const SECRET = 'T0psecretTokenOfMine';

/** Every notifier that sends HTTP, with a secret in every place that can hold one. */
const cases: readonly (readonly [string, AnyNotifierKind, (base: string) => string])[] = [
  [
    'webhook',
    webhook,
    (base) => `{ url: "${base}/${SECRET}?key=${SECRET}", bearer: ${SECRET}, headers: { X-Key: ${SECRET} } }`,
  ],
  ['slack', slack, (base) => `{ url: "${base}/services/${SECRET}", mention: "<!here>" }`],
  ['discord', discord, (base) => `{ url: "${base}/api/webhooks/1/${SECRET}", mention: "<@&123>" }`],
  ['teams', teams, (base) => `"${base}/workflows/1?sig=${SECRET}"`],
  ['telegram', telegram, (base) => `{ token: "1234:${SECRET}", chat: -100, api: "${base}" }`],
  ['ntfy', ntfy, (base) => `{ topic: alerts, server: "${base}", token: ${SECRET} }`],
  ['pagerduty', pagerduty, (base) => `{ routing_key: ${SECRET}, api: "${base}/v2/enqueue" }`],
  ['alertmanager', alertmanager, (base) => `{ url: "${base}", bearer: ${SECRET} }`],
];

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function receiver(answer?: (request: ReceivedRequest) => Answer) {
  const server = await startReceiver(answer);
  open.push(server);
  return { ...server, base: `http://127.0.0.1:${server.port}` };
}

it('covers every notifier that sends HTTP', () => {
  const others = ['email', 'exec'];
  const covered = cases.map(([name]) => name);
  expect(
    notifierKinds
      .map(({ kind }) => kind)
      .filter((kind) => !others.includes(kind))
      .toSorted(),
  ).toEqual(covered.toSorted());
});

describe.each(cases)('%s', (_name, anyKind, yaml) => {
  const kind = anyKind as NotifierKind;

  it.each([failed, recovered, refusedReload, digest])('is delivered: $kind', async (notice) => {
    const server = await receiver();
    const delivery = await sendOnce(kind, yaml(server.base), notice);
    expect(delivery).toEqual({ ok: true, detail: 'answered 200' });
    expect(server.requests.length).toBeGreaterThan(0);
    for (const request of server.requests) {
      expect(request.headers['content-type']).toBe('application/json');
      expect(request.body).toBeDefined();
    }
  });

  it('tells the same, apart from the mark of being late, whenever it is sent', async () => {
    const server = await receiver();
    await sendOnce(kind, yaml(server.base), failed);
    await sendOnce(kind, yaml(server.base), failed, { attempt: 7, lateBy: 1000 });
    const [first, second] = server.requests;
    expect(second?.text).toBe(first?.text);
    await sendOnce(kind, yaml(server.base), failed, { attempt: 9, lateBy: 7_500_000 });
    expect(server.requests[2]?.text).toContain('late by 2 h 5 m');
  });

  it.each([
    [200, undefined],
    [202, undefined],
    [204, undefined],
    [301, false],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [410, false],
    [413, false],
    [422, false],
    [425, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
  ])('after %i tries again: %s', async (status, retry) => {
    const server = await receiver(() => ({ status, body: status === 204 ? '' : `no, ${SECRET}` }));
    const delivery = await sendOnce(kind, yaml(server.base), failed);
    if (retry === undefined) return expect(delivery.ok).toBe(true);
    expect(delivery).toMatchObject({ ok: false, retry });
    expect(JSON.stringify(delivery)).toContain(`answered ${status}`);
    expect(JSON.stringify(delivery)).not.toContain(SECRET);
  });

  it('waits as long as it is told', async () => {
    const server = await receiver(() => ({ status: 429, headers: { 'retry-after': '17' } }));
    const delivery = await sendOnce(kind, yaml(server.base), failed);
    expect(delivery).toMatchObject({ ok: false, retry: true, retryAfter: 17_000 });
  });

  it('tries again when it cannot get through, and never says the secret', async () => {
    const gone = await sendOnce(kind, yaml(`http://127.0.0.1:${await closedPort()}`), failed);
    const silent = await tcpServer(() => {});
    open.push(silent);
    const late = await sendOnce(kind, yaml(`http://127.0.0.1:${silent.port}`), failed, { timeout: 150 });
    const plain = await sendOnce(kind, yaml(`https://127.0.0.1:${(await receiver()).port}`), failed);
    const nowhere = await sendOnce(kind, yaml('http://nowhere.invalid'), failed);
    for (const delivery of [gone, late, plain, nowhere]) {
      expect(delivery).toMatchObject({ ok: false, retry: true });
      expect(JSON.stringify(delivery)).not.toContain(SECRET);
    }
  });

  it('can be looked at without telling anybody', async () => {
    const server = await receiver();
    expect(await reachOnce(kind, yaml(server.base))).toMatchObject({ ok: true });
    expect(server.requests).toEqual([]);
    expect(await reachOnce(kind, yaml(`http://127.0.0.1:${await closedPort()}`))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('refused'),
    });
  });
});

describe('TLS of a notifier', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });

  it('is verified; a failure is worth another try', async () => {
    const server = await listen(
      createTlsServer(certificates.selfSigned, (_request, response) => response.end()),
    );
    open.push(server);
    const url = `https://localhost:${server.port}/hook`;
    const delivery = await sendOnce(webhook, url, failed);
    expect(delivery).toMatchObject({
      ok: false,
      retry: true,
      reason: expect.stringContaining('self-signed'),
    });
    expect(await sendOnce(webhook, `{ url: "${url}", tls: { verify: false } }`, failed)).toMatchObject({
      ok: true,
    });
    expect(await sendOnce(webhook, `{ url: "${url}", tls: { ca: /gone.pem } }`, failed)).toMatchObject({
      ok: false,
      reason: 'ca: /gone.pem does not exist',
    });
  });
});
