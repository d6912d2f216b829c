import { secretText, text, url } from '../schema/fields.ts';
import { deliverHttp } from './deliver-http.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { cut, plainText, renderNotice } from './render.ts';

/** Longest message that stays a message and does not become an attachment (https://docs.ntfy.sh/publish/#limitations). */
const MOST_BYTES = 3500;

/** Sends notices as push messages of ntfy. */
export const ntfy = defineNotifier({
  kind: 'ntfy',
  summary: 'Sends a push message through ntfy, the public server or an own one.',
  options: {
    topic: text({ summary: 'Topic to publish to.' }),
    server: url({
      summary: 'Address of the server.',
      schemes: ['https', 'http'],
      default: 'https://ntfy.sh',
    }),
    token: secretText({ summary: 'Access token.', optional: true }),
  },
  main: 'topic',
  example: `
ntfy: { topic: my-alerts, server: https://ntfy.example.com, token: "\${credential:ntfy}" }
`,
  async send(notice, sending) {
    const { options, lateBy } = sending;
    const rendered = renderNotice(notice, lateBy);
    const runbook = rendered.items.find((item) => item.runbook !== undefined)?.runbook;
    const critical = notice.severity === 'critical';
    const payload = {
      topic: options.topic,
      title: rendered.title,
      message: cutBytes(plainText(rendered), MOST_BYTES),
      // 5 rings through do-not-disturb, 2 makes no sound (https://docs.ntfy.sh/publish/#message-priority).
      priority: notice.status === 'firing' ? (critical ? 5 : 4) : 3,
      tags: [notice.status === 'resolved' ? 'white_check_mark' : critical ? 'rotating_light' : 'warning'],
      ...(runbook === undefined ? {} : { click: runbook }),
    };
    return deliverHttp(
      {
        // JSON goes to the root and not to the topic.
        url: new URL('/', options.server).href,
        body: JSON.stringify(payload),
        headers: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
        secrets: [options.token ?? ''],
      },
      sending,
    );
  },
  reach: (sending) => reachUrl(sending.options.server, sending),
});

function cutBytes(text: string, most: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= most) return text;
  // A character cut in two becomes a replacement character, which is taken off.
  return cut(
    bytes
      .subarray(0, most)
      .toString('utf8')
      .replace(/\uFFFD$/, ''),
    most,
  );
}
