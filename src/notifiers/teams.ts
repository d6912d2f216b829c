import { url } from '../schema/fields.ts';
import { deliverHttp, secretParts } from './deliver-http.ts';
import { defineNotifier } from './notifier-kind.ts';
import { reachUrl } from './reach-url.ts';
import { cut, type RenderedItem, renderNotice } from './render.ts';

/** Teams refuses messages above 28 kB (https://learn.microsoft.com/microsoftteams/limits-specifications-teams). */
const MOST_ITEMS = 10;
const MOST_FACT = 300;

/** Sends notices to a workflow of Microsoft Teams that takes webhook requests. */
export const teams = defineNotifier({
  kind: 'teams',
  summary:
    'Posts an adaptive card to Microsoft Teams through a workflow ("when a webhook request is received").',
  options: {
    url: url({ summary: 'Address of the workflow.', schemes: ['https', 'http'], secret: true }),
  },
  main: 'url',
  example: `
teams: "\${credential:teams-workflow}"
`,
  async send(notice, sending) {
    const { options, lateBy } = sending;
    const rendered = renderNotice(notice, lateBy);
    const color =
      notice.status === 'resolved' ? 'Good' : notice.severity === 'critical' ? 'Attention' : 'Warning';
    const notes = [rendered.late, rendered.text].filter((note) => note !== undefined);
    const runbook = rendered.items.find((item) => item.runbook !== undefined)?.runbook;
    const card = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      msteams: { width: 'Full' },
      body: [
        {
          type: 'TextBlock',
          size: 'Large',
          weight: 'Bolder',
          wrap: true,
          color: notice.status === 'info' ? 'Default' : color,
          text: rendered.title,
        },
        ...notes.map((note) => ({ type: 'TextBlock', wrap: true, text: cut(note, 4000) })),
        ...rendered.items.slice(0, MOST_ITEMS).flatMap(itemBlocks),
        { type: 'TextBlock', isSubtle: true, size: 'Small', wrap: true, text: rendered.footer },
      ],
      actions: runbook === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Runbook', url: runbook }],
    };
    const payload = {
      type: 'message',
      attachments: [
        { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card },
      ],
    };
    return deliverHttp(
      { url: options.url, body: JSON.stringify(payload), secrets: secretParts(options.url) },
      sending,
    );
  },
  reach: (sending) => reachUrl(sending.options.url, sending),
});

function itemBlocks(item: RenderedItem) {
  return [
    { type: 'TextBlock', weight: 'Bolder', wrap: true, text: item.heading },
    ...(item.lead === undefined ? [] : [{ type: 'TextBlock', wrap: true, text: cut(item.lead, 500) }]),
    {
      type: 'FactSet',
      facts: item.facts.map(({ name, text }) => ({ title: name, value: cut(text, MOST_FACT) })),
    },
  ];
}
