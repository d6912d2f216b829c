import { flag, integer, secretText, text, url } from '../schema/fields.ts';
import { deliverHttp } from './deliver-http.ts';
import { jsonNumber } from './json-number.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { cut, itemText, renderNotice } from './render.ts';

/** Longest message, counted after the markup is taken out (https://core.telegram.org/bots/api#sendmessage). */
const MOST_TEXT = 4096;

/** Sends notices as messages of a Telegram bot. */
export const telegram = defineNotifier({
  kind: 'telegram',
  summary: 'Sends a message of a Telegram bot to a person, a group or a channel.',
  options: {
    token: secretText({ summary: 'Token of the bot, from @BotFather.' }),
    chat: text({ summary: 'Number of the chat, or @name of a public channel.' }),
    topic: integer({ summary: 'Number of the topic within a forum group.', optional: true, min: 1 }),
    quiet: flag({ summary: 'Whether what is not critical comes without a sound.', default: true }),
    api: url({
      summary: 'Address of the Bot API server.',
      schemes: ['https', 'http'],
      default: 'https://api.telegram.org',
    }),
  },
  example: `
telegram: { token: "\${credential:telegram-token}", chat: "-1001234567890" }
`,
  async send(notice, sending) {
    const { options, lateBy } = sending;
    const rendered = renderNotice(notice, lateBy);
    const urgent = notice.status === 'firing' && notice.severity === 'critical';
    const notes = [rendered.late, rendered.text].filter((note) => note !== undefined);
    const details = cut(
      [...notes, ...rendered.items.map(itemText)].join('\n\n'),
      MOST_TEXT - rendered.title.length - rendered.footer.length - 10,
    );
    const body = [
      `<b>${escapeHtml(rendered.title)}</b>`,
      ...(details === '' ? [] : [`<pre>${escapeHtml(details)}</pre>`]),
      escapeHtml(rendered.footer),
    ];
    const payload = {
      chat_id: options.chat,
      text: body.join('\n'),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      disable_notification: options.quiet && !urgent,
      ...(options.topic === undefined ? {} : { message_thread_id: options.topic }),
    };
    return deliverHttp(
      {
        url: `${options.api.replace(/\/$/, '')}/bot${options.token}/sendMessage`,
        body: JSON.stringify(payload),
        // `number:secret`: either half alone must not be printed.
        secrets: [options.token, ...options.token.split(':')],
        // Seconds (https://core.telegram.org/bots/api#responseparameters).
        waitIn: (answer) => jsonNumber(answer, ['parameters', 'retry_after'], 1000),
      },
      sending,
    );
  },
  reach: (sending) => reachUrl(sending.options.api, sending),
});

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
