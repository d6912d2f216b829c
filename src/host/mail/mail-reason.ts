import { formatDuration } from '../../lib/duration.ts';

/**
 * Why a mail was not taken, and whether trying again can help: a 5xx answer is final (RFC 5321, section 4.2.1), all
 * else (4xx, broken connections, TLS, silence) may be over in a while.
 */
export function mailFailure(
  where: string,
  failure: unknown,
  limitMs: number,
): { readonly ok: false; readonly retry: boolean; readonly reason: string } {
  const failed = (retry: boolean, reason: string) =>
    ({ ok: false, retry, reason: `mail server ${where}: ${reason}` }) as const;
  if (failure === 'late') return failed(true, `it did not take the mail within ${formatDuration(limitMs)}`);
  const error = failure as Error & {
    readonly code?: string;
    readonly command?: string;
    readonly responseCode?: number;
    readonly response?: string;
  };
  const { responseCode, code = 'UNKNOWN' } = error;
  if (responseCode !== undefined && responseCode >= 400) {
    const answer = oneLine(error.response ?? error.message);
    const retry = responseCode < 500;
    if (code === 'EAUTH') return failed(retry, `the login was refused: ${answer}`);
    return failed(retry, `it answered ${answer} to ${phaseName(error.command)}`);
  }
  switch (code) {
    case 'ETIMEDOUT':
      return failed(true, `silence for ${formatDuration(limitMs)} at ${phaseName(error.command)}`);
    case 'ETLS':
      return failed(true, `no TLS: ${oneLine(error.message)}`);
    case 'EAUTH':
      return failed(false, `no login: ${oneLine(error.message)}`);
    case 'EENVELOPE':
      return failed(false, `the addresses cannot be used: ${oneLine(error.message)}`);
    default:
      return failed(true, `${oneLine(error.message)} (${code})`);
  }
}

function phaseName(command: string | undefined): string {
  return command === undefined || command === 'CONN' ? 'the greeting' : command;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}
