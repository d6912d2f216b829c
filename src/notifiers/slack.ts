import { text, url } from '../schema/fields.ts';
import { colorOf } from './chat-colors.ts';
import { deliverHttp, secretParts } from './deliver-http.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { cut, itemText, renderNotice } from './render.ts';

/** Longest text of one attachment that Slack shows (https://api.slack.com/reference/messaging/attachments). */
const MOST_TEXT = 3000;

/** Sends notices to an incoming webhook of Slack, or of Mattermost or Rocket.Chat, which take the same form. */
export const slack = defineNotifier({
  kind: 'slack',
  summary: 'Posts to a channel of Slack, Mattermost or Rocket.Chat through an incoming webhook.',
  options: {
    url: url({ summary: 'Address of the incoming webhook.', schemes: ['https', 'http'], secret: true }),
    channel: text({
      summary: 'Channel, where the webhook lets it be chosen (not in Slack).',
      optional: true,
    }),
    mention: text({
      summary: 'Whom to mention when something critical fails: `<!here>`, `<@U012345>`.',
      optional: true,
    }),
  },
  main: 'url',
  example: `
slack: "\${credential:slack-webhook}"
`,
  async send(notice, sending) {
    const { options, lateBy } = sending;
    const rendered = renderNotice(notice, lateBy);
    const urgent = notice.status === 'firing' && notice.severity === 'critical';
    const mention = urgent && options.mention !== undefined ? `${options.mention} ` : '';
    const color = colorOf(notice);
    const notes = [rendered.late, rendered.text].filter((note) => note !== undefined);
    const payload = {
      // Also what a phone shows before the message is opened.
      text: `${mention}*${escapeSlack(rendered.title)}*`,
      ...(options.channel === undefined ? {} : { channel: options.channel }),
      attachments: [
        ...notes.map((note) => ({
          color,
          text: escapeSlack(cut(note, MOST_TEXT)),
          fallback: escapeSlack(note),
        })),
        ...rendered.items.map((item) => ({
          color,
          fallback: escapeSlack(item.summary),
          text: `\`\`\`${escapeSlack(cut(itemText(item), MOST_TEXT))}\`\`\``,
          mrkdwn_in: ['text'],
          footer: escapeSlack(rendered.footer),
        })),
      ],
    };
    return deliverHttp(
      { url: options.url, body: JSON.stringify(payload), secrets: secretParts(options.url), refusal },
      sending,
    );
  },
  reach: (sending) => reachUrl(sending.options.url, sending),
});

/** Slack's three control characters (https://api.slack.com/reference/surfaces/formatting#escaping). */
function escapeSlack(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Slack answers `ok`; Rocket.Chat `{"success":true}`. Some refusals come as 200 with a JSON body. */
function refusal(body: string): string | undefined {
  return /"(ok|success)"\s*:\s*false/.test(body) ? 'it refused the message' : undefined;
}
