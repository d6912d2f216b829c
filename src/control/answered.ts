/** Why something that was asked through the control socket was not done. The codes are stable: programs may go by them. */
export interface ControlFailure {
  readonly code: ControlFailureCode;
  /** One sentence: what was tried and what happened. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
}

export type ControlFailureCode =
  /** Nobody listens there, or nothing is there. */
  | 'no-agent'
  | 'forbidden'
  /** Something answers there that is not this agent. */
  | 'not-an-agent'
  | 'timed-out'
  /** The agent ended before it had answered. */
  | 'went-away'
  /** The socket can not be made where it should be. */
  | 'socket-in-use'
  | 'socket-unusable'
  | 'bad-request'
  | 'too-large'
  | 'not-found'
  | 'unknown-service'
  | 'unknown-check'
  | 'unknown-incident'
  | 'unknown-silence'
  /** The new configuration has errors: the old one goes on. */
  | 'reload-refused'
  | 'refused'
  | 'stopping'
  | 'bug';

export type Answered<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ControlFailure };

/** The failure as an answer. */
export function refusal(
  code: ControlFailureCode,
  message: string,
  hint?: string,
): { readonly ok: false; readonly failure: ControlFailure } {
  return { ok: false, failure: hint === undefined ? { code, message } : { code, message, hint } };
}
