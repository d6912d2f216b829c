import type { Event, EventType } from '../../model/event.ts';
import { oneLine } from './one-line.ts';
import { printMoment } from './print-moment.ts';
import type { Style } from './style.ts';

const bad: readonly EventType[] = [
  'failed',
  'severity-raised',
  'repair-failed',
  'stood-down',
  'notifier-failed',
];
const good: readonly EventType[] = ['recovered', 'repair-held', 'trust', 'notifier-recovered'];
const odd: readonly EventType[] = [
  'warning',
  'unknown',
  'flapping',
  'distrust',
  'reload-refused',
  'repair-withheld',
];

/** One event on one line that ends with a line end: when, what of what, and the phrase for people. */
export function printEvent(event: Event, style: Style): string {
  const subject = event.check === undefined ? event.service : `${event.service}/${event.check}`;
  const paint = bad.includes(event.type)
    ? style.bad
    : good.includes(event.type)
      ? style.good
      : odd.includes(event.type)
        ? style.odd
        : (text: string) => text;
  const words = [
    style.dim(printMoment(event.at)),
    paint(event.type),
    style.bold(subject),
    oneLine(event.text),
  ];
  return `${words.filter((word) => word !== '').join('  ')}\n`;
}
