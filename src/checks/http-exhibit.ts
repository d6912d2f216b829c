import { mayNameSecret } from '../lib/secret-names.ts';
import type { Exhibit } from '../model/reading.ts';

/** Bytes of a body that a human wants to see of a failing answer. */
const MOST_BODY = 2048;

/** The answer as a human would want to have seen it: status line, headers without secrets, the first of the body. */
export function httpExhibit(answer: {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bodyBytes: number;
  readonly url: string;
}): Exhibit {
  const headers = Object.entries(answer.headers).map(
    ([name, value]) => `${name}: ${mayNameSecret(name) ? '(left out)' : value}`,
  );
  const shown = printable(answer.body.slice(0, MOST_BODY));
  const more = answer.body.length > MOST_BODY ? `\n… (${answer.bodyBytes} bytes in all)` : '';
  const { host, pathname } = new URL(answer.url);
  return {
    title: `answer of ${host}${pathname}`,
    text: [`HTTP ${answer.status}`, ...headers, '', `${shown}${more}`].join('\n').trimEnd(),
  };
}

/** Control characters as dots: an exhibit goes into mails and onto terminals. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, '.');
}
