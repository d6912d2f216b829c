import { text, url } from '../schema/fields.ts';
import { colorOf } from './chat-colors.ts';
import { deliverHttp, secretParts } from './deliver-http.ts';
import { jsonNumber } from './json-number.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { cut, itemText, oneLine, renderNotice } from './render.ts';

/** Limits of an embed and of a message (https://discord.com/developers/docs/resources/message#embed-object-embed-limits). */
const MOST_TITLE = 256;
const MOST_DESCRIPTION = 4000;
const MOST_EMBEDS = 10;
const MOST_IN_ALL = 6000;

/** Sends notices to a webhook of Discord. */
export const discord = defineNotifier({
  kind: 'discord',
  summary: 'Posts to a channel of Discord through a webhook.',
  options: {
    url: url({ summary: 'Address of the webhook.', schemes: ['https', 'http'], secret: true }),
    mention: text({ summary: 'Text before critical failures: `<@&123>` names a role.', optional: true }),
  },
  main: 'url',
  example: `
discord: "\${credential:discord-webhook}"
`,
  async send(notice, sending) {
    const { options, lateBy } = sending;
    const rendered = renderNotice(notice, lateBy);
    const urgent = notice.status === 'firing' && notice.severity === 'critical';
    const notes = [rendered.late, rendered.text].filter((note) => note !== undefined);
    const texts = [
      ...notes,
      ...rendered.items.map((item) => `\`\`\`\n${itemText(item).replaceAll('```', "'''")}\n\`\`\``),
    ];
    const each = Math.floor((MOST_IN_ALL - 500) / Math.max(1, Math.min(texts.length, MOST_EMBEDS)));
    const payload = {
      content: cut(
        [urgent ? options.mention : undefined, `**${rendered.title.replaceAll('@', '@\u200B')}**`]
          .filter(Boolean)
          .join(' '),
        2000,
      ),
      embeds: texts.slice(0, MOST_EMBEDS).map((description, index) => ({
        color: Number.parseInt(colorOf(notice).slice(1), 16),
        description: cut(description, Math.min(each, MOST_DESCRIPTION)),
        ...(index === 0 ? { footer: { text: oneLine(rendered.footer, MOST_TITLE) } } : {}),
      })),
      allowed_mentions: mentionsIn(options.mention ?? ''),
    };
    return deliverHttp(
      {
        url: options.url,
        body: JSON.stringify(payload),
        secrets: secretParts(options.url),
        // Seconds, with fractions (https://discord.com/developers/docs/topics/rate-limits).
        waitIn: (body) => jsonNumber(body, ['retry_after'], 1000),
      },
      sending,
    );
  },
  reach: (sending) => reachUrl(sending.options.url, sending),
});

/** Only the mention of the rule may ring phones, and nothing that a failing service says. */
function mentionsIn(mention: string) {
  const ids = (pattern: RegExp) => [...mention.matchAll(pattern)].map((match) => match[1]);
  return {
    parse: /@(everyone|here)/.test(mention) ? ['everyone'] : [],
    roles: ids(/<@&(\d+)>/g),
    users: ids(/<@!?(\d+)>/g),
  };
}
