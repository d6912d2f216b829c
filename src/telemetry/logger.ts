import type { Redactor } from '../lib/redactor.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Lines for people. Everything goes through the redactor: no secret reaches a log. */
export interface Logger {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
  debug(text: string): void;
}

/** A logger whose level and secrets follow the configuration. */
export interface AgentLogger extends Logger {
  configure(settings: { readonly level: LogLevel; readonly redact: Redactor }): void;
}

const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Syslog priorities as sd-daemon(3) reads them at the start of a line. */
const PRIORITIES: Readonly<Record<LogLevel, string>> = {
  error: '<3>',
  warn: '<4>',
  info: '<6>',
  debug: '<7>',
};

/**
 * `journal`: standard error goes to the journal ($JOURNAL_STREAM is set), which adds the time itself and takes the level from
 * a prefix. Otherwise each line begins with the time and, when it is not plain information, the level.
 */
export function createLogger(parts: {
  readonly write: (line: string) => void;
  readonly journal: boolean;
  readonly wall: () => number;
}): AgentLogger {
  let level: LogLevel = 'info';
  let redact: Redactor = (text) => text;
  const log = (at: LogLevel, text: string): void => {
    if (LEVELS.indexOf(at) > LEVELS.indexOf(level)) return;
    const clean = redact(text).trimEnd();
    if (parts.journal) {
      parts.write(
        `${clean
          .split('\n')
          .map((line) => `${PRIORITIES[at]}${line}`)
          .join('\n')}\n`,
      );
      return;
    }
    const time = new Date(parts.wall()).toISOString();
    parts.write(`${time} ${at === 'info' ? '' : `${at}: `}${clean.replaceAll('\n', '\n  ')}\n`);
  };
  return {
    error: (text) => log('error', text),
    warn: (text) => log('warn', text),
    info: (text) => log('info', text),
    debug: (text) => log('debug', text),
    configure(settings) {
      level = settings.level;
      redact = settings.redact;
    },
  };
}
