import { choice, group, record, secretText, text, url } from '../schema/fields.ts';
import { alertmanagerPayload } from './alertmanager-payload.ts';
import { deliverHttp, secretParts } from './deliver-http.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { renderNotice } from './render.ts';
import { fillTemplate, jsonEscape } from './template.ts';
import { readAuthorities, tlsFields } from './tls-choice.ts';

/** Sends notices as HTTP requests, by default with the body that receivers of Alertmanager already understand. */
export const webhook = defineNotifier({
  kind: 'webhook',
  summary: 'Sends an HTTP request: in the form of an Alertmanager webhook, in our own, or from a template.',
  options: {
    url: url({ summary: 'Address to send to.', schemes: ['http', 'https'] }),
    format: choice(['alertmanager', 'watcher'], {
      summary:
        'Form of the body: the webhook payload of Alertmanager (version 4), or the whole notice as JSON.',
      default: 'alertmanager',
    }),
    template: text({
      summary: 'Body with {{title}}, {{text}}, {{status}} and so on, instead of a format.',
      optional: true,
    }),
    method: choice(['POST', 'PUT', 'PATCH', 'GET'], { summary: 'Method of the request.', default: 'POST' }),
    headers: record(text(), { summary: 'Headers to send.', default: {} }),
    bearer: secretText({ summary: 'Token to send as `Authorization: Bearer`.', optional: true }),
    tls: group(tlsFields, { summary: 'How the certificate of the server is treated.', default: {} }),
  },
  main: 'url',
  example: `
webhook:
  url: https://hooks.example.com/watcher
  bearer: "\${credential:hook-token}"
`,
  async send(notice, sending) {
    const { options, lateBy, attempt } = sending;
    const authorities = await readAuthorities(options.tls, sending.host);
    if (!authorities.ok) return authorities;
    const rendered = renderNotice(notice, lateBy);
    const headers: Record<string, string> = {
      // The same for every try of this notice: a receiver can drop what it has seen (draft-ietf-httpapi-idempotency-key-header).
      'idempotency-key': notice.id,
      ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
    };
    for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value;
    const asJson = (headers['content-type'] ?? 'application/json').includes('json');
    const body =
      options.template !== undefined
        ? fillTemplate(options.template, notice, rendered, asJson ? jsonEscape : String)
        : JSON.stringify(
            options.format === 'watcher'
              ? { version: 1, ...notice, attempt, lateBy }
              : alertmanagerPayload(notice, rendered),
          );
    return deliverHttp(
      {
        url: options.url,
        method: options.method,
        headers,
        body,
        secrets: [...secretParts(options.url), options.bearer ?? '', ...Object.values(options.headers)],
        tls: authorities.tls,
      },
      sending,
    );
  },
  reach: (sending) => reachUrl(sending.options.url, sending, sending.options.tls),
});
