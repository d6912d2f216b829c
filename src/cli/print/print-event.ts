import { type Event, weightOf } from '../../model/event.ts';
import { oneLine } from './one-line.ts';
import { printMoment } from './print-moment.ts';
import type { Style } from './style.ts';

/** One event on one line that ends with a line end: when, what of what, and the phrase for people. */
export function printEvent(event: Event, style: Style): string {
  const subject = event.check === undefined ? event.service : `${event.service}/${event.check}`;
  const weight = weightOf(event);
  const paint = weight === 'plain' ? (text: string) => text : style[weight];
  const words = [
    style.dim(printMoment(event.at)),
    paint(event.type),
    style.bold(subject),
    oneLine(event.text),
  ];
  return `${words.filter((word) => word !== '').join('  ')}\n`;
}
