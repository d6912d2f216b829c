import { loadCrypto } from '../host/packages/load-crypto.ts';
import type { Notice, NoticeItem } from '../model/notice.ts';
import { itemText, nameOf, oneLine, type RenderedNotice } from './render.ts';

/** One alert as Alertmanager writes it into webhooks. */
export interface Alert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** The webhook payload of Alertmanager, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config). */
export interface AlertmanagerPayload {
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: string;
  readonly alerts: readonly Alert[];
}

/** What Alertmanager writes for an alert that has no end yet. */
const NO_END = '0001-01-01T00:00:00Z';

/** The notice as an Alertmanager would have told it. The payload knows no `info`: that fires with severity `info`. */
export function alertmanagerPayload(notice: Notice, rendered: RenderedNotice): AlertmanagerPayload {
  const alerts = noticeAlerts(notice, rendered);
  const groupLabels = common(alerts.map((alert) => pick(alert.labels, ['service', 'instance'])));
  const key = Object.entries(groupLabels).map(([name, value]) => `${name}="${value}"`);
  return {
    version: '4',
    groupKey: `{}:{${key.join(', ')}}`,
    truncatedAlerts: 0,
    status: alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved',
    receiver: notice.notifier,
    groupLabels,
    commonLabels: common(alerts.map((alert) => alert.labels)),
    commonAnnotations: common(alerts.map((alert) => alert.annotations)),
    externalURL: '',
    alerts,
  };
}

/** One alert for each incident of the notice; one for all of it when it is about none. */
export function noticeAlerts(notice: Notice, rendered: RenderedNotice): readonly Alert[] {
  if (notice.items.length === 0) return [noticeAlert(notice, rendered)];
  return rendered.items.map((text) => {
    const item = text.of;
    const identity = itemIdentity(notice, item);
    return {
      status: item.status === 'resolved' ? 'resolved' : 'firing',
      labels: { ...identity, severity: item.status === 'info' ? 'info' : item.severity },
      annotations: {
        summary: oneLine(`${nameOf(item)}: ${item.summary}`, 250),
        description: [rendered.late, itemText(text)].filter(Boolean).join('\n\n'),
        ...(item.runbook === undefined ? {} : { runbook_url: item.runbook }),
        incident: item.incident,
        notice: notice.id,
        kind: notice.kind,
        measured: item.measured,
        expected: item.expected,
      },
      startsAt: time(item.startedAt),
      endsAt: item.status === 'resolved' ? time(item.endedAt ?? notice.at) : NO_END,
      generatorURL: '',
      fingerprint: fingerprint(identity),
    };
  });
}

/** The same for every notice of one check, so that the resolve finds what fired; severity may rise in between. */
function itemIdentity(notice: Notice, item: NoticeItem): Readonly<Record<string, string>> {
  const own = Object.entries(item.labels).map(([name, value]) => [labelName(name), value]);
  return {
    ...Object.fromEntries(own),
    alertname: item.check === '' ? item.service : item.check,
    service: item.service,
    instance: notice.host,
    host: notice.host,
    job: 'watcher',
  };
}

function noticeAlert(notice: Notice, rendered: RenderedNotice): Alert {
  const identity = {
    alertname: `watcher-${notice.kind}`,
    // One alert for each trouble, so that the end of one does not resolve another.
    ...(notice.topic !== undefined && { topic: notice.topic }),
    instance: notice.host,
    host: notice.host,
    job: 'watcher',
  };
  const resolved = notice.status === 'resolved';
  return {
    status: resolved ? 'resolved' : 'firing',
    labels: { ...identity, severity: notice.status === 'info' ? 'info' : notice.severity },
    annotations: {
      summary: rendered.title,
      description: [rendered.late, rendered.text].filter(Boolean).join('\n\n'),
      notice: notice.id,
      kind: notice.kind,
    },
    startsAt: time(notice.startedAt ?? notice.at),
    endsAt: resolved ? time(notice.at) : NO_END,
    generatorURL: '',
    fingerprint: fingerprint(identity),
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}

/** Label names of Prometheus: letters, digits and underscores. */
function labelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

/** Sixteen hexadecimal digits, as Alertmanager's are. */
function fingerprint(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return loadCrypto().createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

function common(maps: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const [first, ...rest] = maps;
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([name, value]) => rest.every((map) => map[name] === value)),
  );
}

function pick(
  map: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => names.includes(name)));
}
