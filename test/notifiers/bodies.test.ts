import { afterEach, expect, it } from 'vitest';
import type { NoticeItem } from '../../src/model/notice.ts';
import { alertmanager } from '../../src/notifiers/alertmanager.ts';
import { discord } from '../../src/notifiers/discord.ts';
import { ntfy } from '../../src/notifiers/ntfy.ts';
import { pagerduty } from '../../src/notifiers/pagerduty.ts';
import { slack } from '../../src/notifiers/slack.ts';
import { teams } from '../../src/notifiers/teams.ts';
import { telegram } from '../../src/notifiers/telegram.ts';
import { webhook } from '../../src/notifiers/webhook.ts';
import { digest, failed, recovered, refusedReload } from './notices.ts';
import { type Answer, type HttpReceiver, sendOnce, startReceiver } from './receive.ts';

const open: HttpReceiver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function receiver(answer?: () => Answer) {
  const server = await startReceiver(answer);
  open.push(server);
  return { requests: server.requests, base: `http://127.0.0.1:${server.port}` };
}

const identity = {
  alertname: 'responds',
  service: 'api',
  instance: 'web-1',
  host: 'web-1',
  job: 'watcher',
  team: 'core',
  data_center: 'fra',
};

it('webhook: the payload of Alertmanager, version 4, with nothing added and nothing left out', async () => {
  const { requests, base } = await receiver();
  await sendOnce(webhook, `${base}/hook`, failed);
  const [request] = requests;
  expect(request).toMatchObject({ method: 'POST', path: '/hook' });
  expect(request?.headers['idempotency-key']).toBe('api-7K3F.1.team');
  const { alerts, ...rest } = request?.body ?? {};
  expect(rest).toEqual({
    version: '4',
    groupKey: '{}:{service="api", instance="web-1"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'team',
    groupLabels: { service: 'api', instance: 'web-1' },
    commonLabels: { ...identity, severity: 'critical' },
    commonAnnotations: alerts[0].annotations,
    externalURL: '',
  });
  expect(alerts).toEqual([
    {
      status: 'firing',
      labels: { ...identity, severity: 'critical' },
      annotations: {
        summary: 'api/responds: latency 812 ms, expected < 500 ms',
        description: expect.stringContaining('restart: it did not hold (started, pid 4242)'),
        runbook_url: 'https://wiki.example/runbooks/api',
        incident: 'api-7K3F',
        notice: 'api-7K3F.1.team',
        kind: 'failed',
        measured: 'latency 812 ms',
        expected: 'latency < 500 ms',
      },
      startsAt: '2026-07-01T11:56:40.000Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: '',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    },
  ]);
});

it('webhook: what is resolved has the identity of what fired, and an end', async () => {
  const { requests, base } = await receiver();
  await sendOnce(webhook, base, failed);
  await sendOnce(webhook, base, { ...recovered, severity: 'warning' });
  const [fired, over] = requests.map((request) => request.body.alerts[0]);
  expect(over).toMatchObject({
    status: 'resolved',
    fingerprint: fired.fingerprint,
    startsAt: fired.startsAt,
    endsAt: '2026-07-01T12:01:00.000Z',
  });
  expect(requests[1]?.body.status).toBe('resolved');
  expect(over.annotations.description).toContain('over, it lasted 4 m 20 s');
});

it('webhook: a notice without incidents is an alert of the watcher itself', async () => {
  const { requests, base } = await receiver();
  await sendOnce(webhook, base, refusedReload);
  expect(requests[0]?.body.alerts).toHaveLength(1);
  expect(requests[0]?.body.alerts[0]).toMatchObject({
    status: 'firing',
    labels: { alertname: 'watcher-agent', severity: 'info' },
    annotations: { summary: refusedReload.title, description: refusedReload.text },
  });
});

it('webhook: each trouble of the agent is an alert of its own, whose end has its beginning', async () => {
  const { requests, base } = await receiver();
  const began = { ...refusedReload, status: 'firing' as const, topic: 'reload', startedAt: refusedReload.at };
  await sendOnce(webhook, base, began);
  await sendOnce(webhook, base, { ...began, topic: 'notifier/team' });
  await sendOnce(webhook, base, { ...began, status: 'resolved', at: began.at + 60_000 });
  const [reload, other, over] = requests.map(({ body }) => body.alerts[0]);
  expect(reload.labels).toMatchObject({ alertname: 'watcher-agent', topic: 'reload' });
  expect(other.fingerprint).not.toBe(reload.fingerprint);
  expect(over).toMatchObject({
    fingerprint: reload.fingerprint,
    startsAt: reload.startsAt,
    labels: reload.labels,
  });
  expect(over.endsAt > over.startsAt).toBe(true);
});

it('webhook: our own form, a template, other methods and headers', async () => {
  const { requests, base } = await receiver();
  await sendOnce(webhook, `{ url: "${base}", format: watcher }`, failed, { attempt: 3, lateBy: 5000 });
  expect(requests[0]?.body).toEqual({ version: 1, ...failed, attempt: 3, lateBy: 5000 });
  const template = `'{"t": "{{title}}", "s": "{{ status }}", "sum": "{{summary}}", "x": "{{nothing}}"}'`;
  await sendOnce(
    webhook,
    `{ url: "${base}", method: PUT, headers: { X-A: 1 }, template: ${template} }`,
    digest,
  );
  expect(requests[1]).toMatchObject({ method: 'PUT' });
  expect(requests[1]?.headers['x-a']).toBe('1');
  expect(requests[1]?.body).toEqual({
    t: 'DOWN 2 checks on web-1 <b>& @everyone',
    s: 'firing',
    sum: 'latency 812 ms, expected < 500 ms',
    x: '{{nothing}}',
  });
  const plain = `{ url: "${base}", headers: { Content-Type: text/plain }, template: "{{measured}} \\"{{check}}\\"" }`;
  await sendOnce(webhook, plain, failed);
  expect(requests[2]?.text).toBe('latency 812 ms "responds"');
  await sendOnce(webhook, `{ url: "${base}", bearer: t0ken }`, failed);
  expect(requests[3]?.headers.authorization).toBe('Bearer t0ken');
});

it('slack: a title for the phone, the facts below, nothing that can ring by itself', async () => {
  const { requests, base } = await receiver();
  await sendOnce(slack, `{ url: "${base}", mention: "<!here>" }`, digest);
  const body = requests[0]?.body;
  expect(body.text).toBe('<!here> *DOWN 2 checks on web-1 &lt;b&gt;&amp; @everyone*');
  expect(body.attachments).toHaveLength(3);
  expect(body.attachments[0].text).toBe('These were held back for a while.');
  expect(JSON.stringify(body.attachments)).not.toContain('<!here>');
  await sendOnce(slack, `{ url: "${base}", mention: "<!here>" }`, recovered);
  expect(requests[1]?.body.text).toBe('*UP api/responds after 4 m 20 s*');
  expect(requests[1]?.body.attachments[0].color).toBe('#2eb67d');
});

it('slack: a refusal that comes as 200 is a refusal', async () => {
  const { base } = await receiver(() => ({ body: '{"ok":false,"error":"channel_not_found"}' }));
  expect(await sendOnce(slack, base, failed)).toMatchObject({ ok: false, retry: false });
});

it('discord: within the limits, and only the mention of the rule may ring', async () => {
  const { requests, base } = await receiver();
  const many = {
    ...digest,
    items: Array.from({ length: 30 }, () => ({ ...digest.items[1]!, summary: 'x'.repeat(5000) })),
  };
  await sendOnce(discord, `{ url: "${base}", mention: "<@&123>" }`, many);
  const body = requests[0]?.body;
  expect(body.content.length).toBeLessThanOrEqual(2000);
  expect(body.content).not.toContain('@everyone');
  expect(body.embeds.length).toBeLessThanOrEqual(10);
  const total = body.embeds.reduce(
    (sum: number, embed: { description: string }) => sum + embed.description.length,
    0,
  );
  expect(total).toBeLessThanOrEqual(6000);
  expect(body.allowed_mentions).toEqual({ parse: [], roles: ['123'], users: [] });
});

it('discord: waits as its own answer says', async () => {
  const { base } = await receiver(() => ({ status: 429, body: '{"retry_after": 1.5}' }));
  expect(await sendOnce(discord, base, failed)).toMatchObject({ retry: true, retryAfter: 1500 });
});

it('teams: an adaptive card', async () => {
  const { requests, base } = await receiver();
  await sendOnce(teams, base, failed);
  const [attachment] = requests[0]?.body.attachments ?? [];
  expect(attachment).toMatchObject({
    contentType: 'application/vnd.microsoft.card.adaptive',
    contentUrl: null,
  });
  expect(attachment.content).toMatchObject({
    type: 'AdaptiveCard',
    actions: [{ type: 'Action.OpenUrl', url: 'https://wiki.example/runbooks/api' }],
  });
  expect(attachment.content.body[0]).toMatchObject({ text: failed.title, color: 'Attention' });
});

it('telegram: HTML that stays whole, no longer than allowed, quiet unless critical', async () => {
  const { requests, base } = await receiver();
  const yaml = `{ token: "1:abcdefgh", chat: "@ops", topic: 7, api: "${base}/" }`;
  const long = { ...digest, text: 'y'.repeat(9000) };
  await sendOnce(telegram, yaml, long);
  const [request] = requests;
  expect(request?.path).toBe('/bot1:abcdefgh/sendMessage');
  expect(request?.body).toMatchObject({
    chat_id: '@ops',
    message_thread_id: 7,
    parse_mode: 'HTML',
    disable_notification: false,
  });
  const shown = request?.body.text.replace(/<\/?(b|pre)>/g, '').replace(/&(amp|lt|gt);/g, '?');
  expect(shown.length).toBeLessThanOrEqual(4096);
  await sendOnce(telegram, yaml, digest);
  expect(requests[1]?.body.text).toContain('no process &lt;/pre&gt;');
  await sendOnce(telegram, yaml, recovered);
  expect(requests[2]?.body.disable_notification).toBe(true);
});

it('telegram: waits as its own answer says', async () => {
  const { base } = await receiver(() => ({ status: 429, body: '{"parameters":{"retry_after":31}}' }));
  const yaml = `{ token: "1:abcdefgh", chat: 5, api: "${base}" }`;
  expect(await sendOnce(telegram, yaml, failed)).toMatchObject({ retry: true, retryAfter: 31_000 });
});

it('ntfy: goes to the root, with priority, tag and runbook', async () => {
  const { requests, base } = await receiver();
  await sendOnce(ntfy, `{ topic: alerts, server: "${base}/sub", token: tk_secret }`, {
    ...failed,
    text: 'ä'.repeat(5000),
  });
  expect(requests[0]).toMatchObject({ path: '/' });
  expect(requests[0]?.headers.authorization).toBe('Bearer tk_secret');
  expect(requests[0]?.body).toMatchObject({
    topic: 'alerts',
    title: failed.title,
    priority: 5,
    tags: ['rotating_light'],
    click: 'https://wiki.example/runbooks/api',
  });
  expect(Buffer.byteLength(requests[0]?.body.message)).toBeLessThanOrEqual(3600);
});

it('pagerduty: what triggers is what is resolved, one event for each incident', async () => {
  const { requests, base } = await receiver(() => ({ status: 202, body: '{"status":"success"}' }));
  const yaml = `{ routing_key: R0UT1NG, api: "${base}/v2/enqueue", group: prod }`;
  await sendOnce(pagerduty, yaml, failed);
  await sendOnce(pagerduty, yaml, recovered);
  expect(requests[0]?.body).toMatchObject({
    routing_key: 'R0UT1NG',
    event_action: 'trigger',
    dedup_key: 'watcher/web-1/api-7K3F',
    client: 'watcher',
    payload: {
      summary: 'api/responds on web-1: latency 812 ms, expected < 500 ms',
      source: 'web-1',
      severity: 'critical',
      timestamp: '2026-07-01T11:56:40.000Z',
      component: 'api',
      class: 'responds',
      group: 'prod',
      custom_details: { measured: 'latency 812 ms', expected: 'latency < 500 ms' },
    },
    links: [{ href: 'https://wiki.example/runbooks/api', text: 'Runbook' }],
  });
  expect(requests[1]?.body).toMatchObject({ event_action: 'resolve', dedup_key: 'watcher/web-1/api-7K3F' });
  await sendOnce(pagerduty, yaml, digest);
  expect(requests.slice(2).map((request) => request.body.dedup_key)).toEqual([
    'watcher/web-1/api-7K3F',
    'watcher/web-1/db-9QQ2',
  ]);
});

it('webhook and pagerduty: each incident comes with its own text, in whatever order, and with all repairs', async () => {
  const { requests, base } = await receiver();
  const [critical, warning] = digest.items as [NoticeItem, NoticeItem];
  const [repair] = critical.repairs;
  const repairs = [repair, { ...repair, detail: 'started, pid 5555' }] as NoticeItem['repairs'];
  const mixed = { ...digest, items: [warning, { ...critical, repairs }] };
  await sendOnce(webhook, base, mixed);
  await sendOnce(pagerduty, `{ routing_key: R0UT1NG, api: "${base}" }`, mixed);
  const [hook, ...events] = requests.map(({ body }) => body);
  for (const alert of hook.alerts) {
    expect(alert.annotations.description).toContain(
      `${alert.labels.service}/${alert.labels.alertname}: down`,
    );
  }
  expect(events.map(({ payload }) => [payload.component, payload.custom_details.incident])).toEqual([
    ['api', 'api-7K3F'],
    ['db', 'db-9QQ2'],
  ]);
  expect(events[0].payload.custom_details.done).toMatch(/pid 4242\)\n.*pid 5555\)$/);
  expect(events[0].payload.custom_details['to do']).toMatch(/watcher incident[\s\S]*watcher why api$/);
});

it('pagerduty: a test rings and is over', async () => {
  const { requests, base } = await receiver();
  await sendOnce(pagerduty, `{ routing_key: R0UT1NG, api: "${base}" }`, { ...refusedReload, kind: 'test' });
  expect(requests.map((request) => request.body.event_action)).toEqual(['trigger', 'resolve']);
});

it('alertmanager: fires until it is over or long forgotten, and one of a cluster is enough', async () => {
  const { requests, base } = await receiver();
  const gone = await startReceiver();
  await gone.close();
  const yaml = `{ url: ["http://127.0.0.1:${gone.port}", "${base}/"], keep: 2d }`;
  expect(await sendOnce(alertmanager, yaml, failed)).toMatchObject({ ok: true });
  await sendOnce(alertmanager, yaml, recovered);
  expect(requests[0]?.path).toBe('/api/v2/alerts');
  const [fired, over] = requests.map((request) => request.body[0]);
  expect(fired).toMatchObject({ startsAt: '2026-07-01T11:56:40.000Z', endsAt: '2026-07-03T12:00:00.000Z' });
  expect(over).toMatchObject({
    startsAt: fired.startsAt,
    endsAt: '2026-07-01T12:01:00.000Z',
    labels: fired.labels,
  });
});
