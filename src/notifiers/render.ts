import { formatDuration } from '../lib/duration.ts';
import { formatTimestamp } from '../lib/quantity.ts';
import type { RepairRecord } from '../model/incident.ts';
import { LATE_AFTER, type Notice, type NoticeItem } from '../model/notice.ts';

/** A notice as people read it; every notifier lays the same sentences out in its own way. */
export interface RenderedNotice {
  /** Begins with the state; one line. */
  readonly title: string;
  /** That and why the message comes late; absent when it does not. */
  readonly late?: string;
  /** What a notice that is not about incidents says. */
  readonly text?: string;
  readonly items: readonly RenderedItem[];
  /** Where and when it was written, and under which id. */
  readonly footer: string;
}

export interface RenderedItem {
  /** What it renders; in another order than in the notice. */
  readonly of: NoticeItem;
  /** `api/responds: down for 3 m 20 s (critical)`, or `on web-1: down for ...` where the title names it already. */
  readonly heading: string;
  /** What is wrong, or was; absent where the title has just said it. */
  readonly lead?: string;
  readonly summary: string;
  /** Named lines in the order to read them, what comes next first: `next`, `done`, `measured`, ... */
  readonly facts: readonly Fact[];
  readonly runbook?: string;
}

export interface Fact {
  readonly name: string;
  readonly text: string;
}

/** Pure: the same notice always reads the same, however late it is sent; only the mark of being late is added. */
export function renderNotice(notice: Notice, lateBy: number): RenderedNotice {
  const isLate = lateBy >= LATE_AFTER;
  const age = formatDuration(lateBy);
  return {
    title: oneLine(isLate ? `${notice.title} (late by ${age})` : notice.title, 250),
    ...(isLate
      ? {
          late: `This message is late by ${age}: it tells what was true at ${formatTimestamp(notice.at)}.`,
        }
      : {}),
    ...(notice.text === undefined ? {} : { text: notice.text }),
    items: criticalFirst(notice.items).map((item) => renderItem(item, notice)),
    footer: `watcher on ${notice.host}, ${formatTimestamp(notice.at)}, notice ${notice.id}`,
  };
}

function criticalFirst(items: readonly NoticeItem[]): readonly NoticeItem[] {
  const isCritical = ({ severity }: NoticeItem): boolean => severity === 'critical';
  return [...items.filter(isCritical), ...items.filter((item) => !isCritical(item))];
}

function renderItem(item: NoticeItem, notice: Notice): RenderedItem {
  const { at, title, host } = notice;
  const over = item.status === 'resolved';
  const fact = (name: string, text: string | undefined): readonly Fact[] =>
    text === undefined || text === '' ? [] : [{ name, text }];
  const alone = notice.items.length === 1 && title.includes(nameOf(item));
  const said = alone && title.includes(item.summary);
  const summary = over ? `it was: ${item.summary}` : item.summary;
  return {
    of: item,
    heading: `${alone ? `on ${host}` : nameOf(item)}: ${stateOf(item, at)}`,
    ...(said && !over ? {} : { lead: summary }),
    summary,
    facts: [
      ...fact('next', item.next),
      ...(item.repairs.length === 0
        ? fact('done', item.status === 'firing' ? 'nothing yet' : 'nothing')
        : item.repairs.flatMap((repair) => [
            ...fact('done', repairText(repair)),
            ...(over || !hasFailed(repair) ? [] : fact('it printed', lastLines(repair.output))),
          ])),
      // What was measured when it failed is not so any more; and a sentence is not said twice.
      ...(over || item.measured === item.summary ? [] : fact('measured', item.measured)),
      ...(over ? [] : fact('expected', item.expected)),
      ...fact('how often', item.tolerance),
      ...fact('since', formatTimestamp(item.startedAt)),
      ...fact('until', item.endedAt === undefined ? undefined : formatTimestamp(item.endedAt)),
      ...fact('history', item.history.map((one) => oneLine(one, 80)).join(' | ')),
      ...(over ? [] : fact('evidence', item.evidenceSummary)),
      ...fact('acknowledged by', acknowledgedText(item)),
      ...fact('incident', item.incident),
      ...fact('service', item.description),
      ...fact('groups', item.groups.join(', ')),
      ...fact('runbook', item.runbook),
      ...(item.status === 'firing' ? helpFor(item, notice).flatMap((text) => fact('to do', text)) : []),
    ],
    ...(item.runbook === undefined ? {} : { runbook: item.runbook }),
  };
}

/** `service/check`, or the service alone for what concerns all of it. */
export function nameOf(item: NoticeItem): string {
  return item.check === '' ? item.service : `${item.service}/${item.check}`;
}

function stateOf(item: NoticeItem, at: number): string {
  const lasted = formatDuration(Math.max(0, (item.endedAt ?? at) - item.startedAt));
  if (item.status === 'resolved') return `over, it lasted ${lasted}`;
  if (item.status === 'firing') {
    const { worseSince } = item;
    const state = item.about === 'warning' ? 'warning' : item.about === 'unknown' ? 'unknown' : 'down';
    const worse = worseSince === undefined ? undefined : formatDuration(Math.max(0, at - worseSince));
    return `${state} for ${worse === undefined ? lasted : `${worse}, not well for ${lasted}`} (${item.severity})`;
  }
  return 'for your information';
}

function acknowledgedText({ acknowledgedBy, acknowledgedComment }: NoticeItem): string | undefined {
  if (acknowledgedBy === undefined || acknowledgedComment === undefined) return acknowledgedBy;
  return `${acknowledgedBy}: ${acknowledgedComment}`;
}

/** The commands that help whoever was woken by it. */
function helpFor(item: NoticeItem, { kind }: Notice): readonly string[] {
  const { incident, service } = item;
  if (service === '') return [];
  return [
    ...(kind === 'stood-down' ? [`this one needs you: when it is mended, watcher monitor ${service}`] : []),
    `watcher incident ${incident}   (all that is known)`,
    ...(item.acknowledgedBy === undefined ? [`watcher ack ${incident}   (you are on it)`] : []),
    ...(item.operable === false ? [] : [`watcher restart ${service}`]),
    `watcher why ${service}`,
  ];
}

function hasFailed({ outcome }: RepairRecord): boolean {
  return outcome === 'failed' || outcome === 'not-held';
}

/** Lines of what a failed operation printed that a message shows. */
const OUTPUT_LINES = 10;

function lastLines(output: string | undefined): string | undefined {
  return output
    ?.trim()
    .split('\n')
    .slice(-OUTPUT_LINES)
    .map((line) => cut(line, 200))
    .join('\n');
}

/** `12:00:10Z restart: held (started, pid 4242)` */
export function repairText(repair: RepairRecord): string {
  const detail = repair.detail === '' ? '' : ` (${oneLine(repair.detail, 300)})`;
  return `${formatTimestamp(repair.at).slice(11)} ${repair.kind}: ${OUTCOMES[repair.outcome]}${detail}`;
}

const OUTCOMES: Readonly<Record<RepairRecord['outcome'], string>> = {
  running: 'being done',
  verifying: 'done, on trial',
  held: 'it held',
  'not-held': 'it did not hold',
  failed: 'it failed',
  unclear: 'nobody could tell whether it held',
};

/** The whole as plain text, at most about 100 columns where the values allow it. */
export function plainText(rendered: RenderedNotice): string {
  const blocks = [
    ...(rendered.late === undefined ? [] : [rendered.late]),
    ...(rendered.text === undefined ? [] : [rendered.text]),
    ...rendered.items.map(itemText),
    `-- \n${rendered.footer}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Widest name of a fact, so that the values stand in one column. */
const COLUMN = 16;

/** One incident as lines of text: heading, sentence, facts in two columns. */
export function itemText(item: RenderedItem): string {
  const lines = item.facts.map(
    ({ name, text }) => `  ${name.padEnd(COLUMN)} ${text.replace(/\n/g, `\n  ${' '.repeat(COLUMN)} `)}`,
  );
  return [item.heading, ...(item.lead === undefined ? [] : [item.lead]), '', ...lines].join('\n');
}

/** One line of at most `most` characters. */
export function oneLine(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

/** Text of at most `most` characters that says when it was cut. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
