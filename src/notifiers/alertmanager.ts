import type { Delivery } from '../model/notice.ts';
import { duration, group, list, secretText, url } from '../schema/fields.ts';
import { noticeAlerts } from './alertmanager-payload.ts';
import { deliverHttp, secretParts } from './deliver-http.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { renderNotice } from './render.ts';
import { readAuthorities, tlsFields } from './tls-choice.ts';

/** Hands notices to an Alertmanager, which then groups, mutes and sends by its own rules. */
export const alertmanager = defineNotifier({
  kind: 'alertmanager',
  summary: 'Posts alerts to the API (v2) of one or several Alertmanagers of one cluster.',
  options: {
    url: list(url({ summary: '', schemes: ['http', 'https'] }), {
      summary: 'Addresses of the Alertmanagers; each gets every alert, as they expect it.',
      single: true,
      min: 1,
    }),
    keep: duration({
      summary: 'How long an alert stays when nobody says that it is over.',
      default: '30d',
      min: '5m',
    }),
    bearer: secretText({ summary: 'Token to send as `Authorization: Bearer`.', optional: true }),
    tls: group(tlsFields, { summary: 'How the certificate of the server is treated.', default: {} }),
  },
  main: 'url',
  example: `
alertmanager: http://alertmanager.example.com:9093
`,
  async send(notice, sending) {
    const { options, host } = sending;
    const authorities = await readAuthorities(options.tls, host);
    if (!authorities.ok) return authorities;
    const alerts = noticeAlerts(notice, renderNotice(notice, sending.lateBy)).map((alert) => ({
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: alert.startsAt,
      // Without an end an Alertmanager takes an alert for over after its resolve_timeout (5 minutes).
      endsAt: alert.status === 'resolved' ? alert.endsAt : new Date(notice.at + options.keep).toISOString(),
      generatorURL: 'http://watcher.invalid/',
    }));
    const deliveries = await Promise.all(
      options.url.map((address) =>
        deliverHttp(
          {
            url: `${address.replace(/\/$/, '')}/api/v2/alerts`,
            body: JSON.stringify(alerts),
            headers: options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` },
            secrets: [...secretParts(address), options.bearer ?? ''],
            tls: authorities.tls,
          },
          sending,
        ),
      ),
    );
    return anyOf(deliveries);
  },
  reach: async (sending) =>
    anyOf(await Promise.all(sending.options.url.map((one) => reachUrl(one, sending, sending.options.tls)))),
});

/** One is enough: the members of a cluster tell each other. */
function anyOf(deliveries: readonly Delivery[]): Delivery {
  const good = deliveries.find((delivery) => delivery.ok);
  if (good !== undefined) return good;
  const bad = deliveries.filter((delivery) => !delivery.ok);
  const waits = bad.flatMap((delivery) => delivery.retryAfter ?? []);
  return {
    ok: false,
    retry: bad.some((delivery) => delivery.retry),
    ...(waits.length === 0 ? {} : { retryAfter: Math.min(...waits) }),
    reason: bad.map((delivery) => delivery.reason).join('; '),
  };
}
