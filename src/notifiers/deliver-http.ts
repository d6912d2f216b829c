import type { HttpOutcome } from '../host/http.ts';
import { maskTexts } from '../lib/redactor.ts';
import type { Delivery } from '../model/notice.ts';
import type { Sending } from './notifier-kind.ts';
import { oneLine } from './render.ts';

/** One request that carries a notice. */
export interface HttpLetter {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Texts that must not appear in a reason, even when the other side repeats them. */
  readonly secrets: readonly string[];
  readonly tls?: { readonly verify: boolean; readonly ca?: string };
  /** A look at the body of a 2xx answer: what is wrong with it, or nothing. */
  readonly refusal?: (body: string) => string | undefined;
  /** How long the other side asks us to wait, where it says so in the body; in milliseconds. */
  readonly waitIn?: (body: string) => number | undefined;
}

/** Bytes of an answer that are read: enough for every service's error message. */
const MOST_BODY = 16 * 1024;

/** Longest wait that the other side can ask for. */
const LONGEST_WAIT = 24 * 3_600_000;

/** Sends the letter as JSON (unless its headers say otherwise) and says whether a failure is worth another try. */
export async function deliverHttp(letter: HttpLetter, sending: Sending<unknown>): Promise<Delivery> {
  const { timeout } = sending;
  const outcome = await sending.host.http.request({
    url: letter.url,
    method: letter.method ?? 'POST',
    headers: { 'content-type': 'application/json', ...lowerCase(letter.headers ?? {}) },
    body: letter.body,
    timeouts: { connect: timeout, headers: timeout, total: timeout },
    maxBodyBytes: MOST_BODY,
    redirects: 0,
    signal: sending.signal,
    ...(letter.tls === undefined ? {} : { tls: letter.tls }),
  });
  return judge(outcome, letter, sending.host.clock.instant().wall);
}

/**
 * 2xx is delivered. 408, 425, 429 and 5xx may be over in a while (RFC 9110, section 15; RFC 6585), as may everything
 * below HTTP: refused, silent, no name, TLS. Any other answer will be the same next time.
 */
function judge(outcome: HttpOutcome, letter: HttpLetter, now: number): Delivery {
  const safe = maskTexts(letter.secrets);
  if (!outcome.ok) {
    const retry = !['BAD_URL', 'UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'].includes(outcome.code);
    // The request was out and no whole answer came: it may have been taken all the same.
    const perhaps = outcome.phase === 'headers' || outcome.phase === 'body';
    return { ok: false, retry, reason: safe(outcome.reason), ...(perhaps && { perhaps }) };
  }
  const { status, body } = outcome;
  // Masked before it is cut: half a secret would be found no more.
  const said = oneLine(safe(body), 200);
  const answer = safe(`${new URL(letter.url).host} answered ${status}${said === '' ? '' : `: ${said}`}`);
  if (status >= 200 && status < 300) {
    const refusal = letter.refusal?.(body);
    if (refusal === undefined) return { ok: true, detail: `answered ${status}` };
    return { ok: false, retry: false, reason: safe(`${answer} (${refusal})`) };
  }
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const wait = letter.waitIn?.(body) ?? retryAfter(outcome.headers['retry-after'], now);
    const retryIn = wait === undefined ? {} : { retryAfter: Math.min(Math.max(0, wait), LONGEST_WAIT) };
    return { ok: false, retry: true, ...retryIn, reason: answer };
  }
  const moved = status >= 300 && status < 400 ? '; give the new address in the configuration' : '';
  return { ok: false, retry: false, reason: `${answer}${moved}` };
}

/** Milliseconds from a Retry-After header: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The parts of an address that may be a token: user, password, path and query. */
export function secretParts(address: string): readonly string[] {
  if (!URL.canParse(address)) return [address];
  const url = new URL(address);
  const path = url.pathname.split('/').filter((part) => part.length >= 8);
  return [address, url.username, url.password, url.search.slice(1), ...url.searchParams.values(), ...path];
}

function lowerCase(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
