import type { Delivery, Notice } from '../model/notice.ts';
import { secretText, text, url } from '../schema/fields.ts';
import { deliverHttp } from './deliver-http.ts';
import { defineNotifier, type Sending } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import {
  type Fact,
  nameOf,
  oneLine,
  type RenderedItem,
  type RenderedNotice,
  renderNotice,
} from './render.ts';

/** Longest key and summary (https://developer.pagerduty.com/docs/send-alert-event). */
const MOST_KEY = 255;
const MOST_SUMMARY = 1024;

/** Opens and closes incidents in PagerDuty (Events API v2). */
export const pagerduty = defineNotifier({
  kind: 'pagerduty',
  summary: 'Opens and resolves incidents in PagerDuty.',
  options: {
    routing_key: secretText({ summary: 'Integration key (Events API v2) of the PagerDuty service.' }),
    api: url({
      summary:
        'Address of the Events API; https://events.eu.pagerduty.com/v2/enqueue for the European region.',
      schemes: ['https', 'http'],
      default: 'https://events.pagerduty.com/v2/enqueue',
    }),
    group: text({ summary: 'Cluster or group that the events belong to.', optional: true }),
  },
  main: 'routing_key',
  example: `
pagerduty: { routing_key: "\${file:/etc/watcher/pagerduty.key}" }
`,
  async send(notice, sending) {
    const rendered = renderNotice(notice, sending.lateBy);
    let last: Delivery = { ok: true, detail: 'nothing to send' };
    for (const event of noticeEvents(notice, rendered, sending.options.group)) {
      // Sending an event again changes nothing, as its key is the same: a retry of the whole notice is safe.
      last = await enqueue(event, sending);
      if (!last.ok) return last;
    }
    return last;
  },
  reach: (sending) => reachUrl(sending.options.api, sending),
});

type PagerDutyEvent = Readonly<Record<string, unknown>>;

function enqueue(
  event: PagerDutyEvent,
  sending: Sending<{ readonly routing_key: string; readonly api: string }>,
): Promise<Delivery> {
  const { routing_key, api } = sending.options;
  return deliverHttp(
    { url: api, body: JSON.stringify({ routing_key, ...event }), secrets: [routing_key] },
    sending,
  );
}

function noticeEvents(
  notice: Notice,
  rendered: RenderedNotice,
  group: string | undefined,
): readonly PagerDutyEvent[] {
  const base = { client: 'watcher' };
  if (notice.items.length > 0) {
    return rendered.items.map((item) => ({ ...base, ...itemEvent(notice, rendered, item, group) }));
  }
  const key = cutKey(`watcher/${notice.host}/${notice.topic ?? notice.id}`);
  const trigger = {
    ...base,
    event_action: 'trigger',
    dedup_key: key,
    payload: {
      summary: oneLine(rendered.title, MOST_SUMMARY),
      source: notice.host,
      severity: notice.status === 'info' ? 'info' : notice.severity,
      timestamp: new Date(notice.at).toISOString(),
      component: 'watcher',
      custom_details: { text: [rendered.late, rendered.text].filter(Boolean).join('\n\n') },
    },
  };
  // A test rings and is over; anything else of this kind is closed by whoever has read it.
  const resolve = { event_action: 'resolve', dedup_key: key };
  return notice.kind === 'test' ? [trigger, resolve] : [trigger];
}

function itemEvent(
  notice: Notice,
  { late }: RenderedNotice,
  { of: item, facts }: RenderedItem,
  group: string | undefined,
): PagerDutyEvent {
  // The same for all notices of an incident: what triggers is what is resolved.
  const dedup_key = cutKey(`watcher/${notice.host}/${item.incident}`);
  if (item.status === 'resolved') return { event_action: 'resolve', dedup_key };
  return {
    event_action: 'trigger',
    dedup_key,
    payload: {
      summary: oneLine(`${nameOf(item)} on ${notice.host}: ${item.summary}`, MOST_SUMMARY),
      source: notice.host,
      severity: item.status === 'info' ? 'info' : item.severity,
      timestamp: new Date(item.startedAt).toISOString(),
      component: item.service,
      class: item.check,
      ...(group === undefined ? {} : { group }),
      custom_details: {
        ...(late === undefined ? {} : { late }),
        ...details(facts),
      },
    },
    links: item.runbook === undefined ? [] : [{ href: item.runbook, text: 'Runbook' }],
  };
}

/** Facts by name; of the same name (several repairs) below one another. */
function details(facts: readonly Fact[]): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const { name, text } of facts) {
    const line = oneLine(text, 2000);
    all[name] = all[name] === undefined ? line : `${all[name]}\n${line}`;
  }
  return all;
}

function cutKey(key: string): string {
  return key.slice(0, MOST_KEY);
}
