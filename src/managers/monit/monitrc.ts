/** What a control file of Monit says, as far as it matters beside Monit. */
export interface Monitrc {
  /** Patterns of further control files. */
  readonly includes: readonly string[];
  readonly socket?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly processes: readonly MonitProcess[];
}

/** One `check process`. */
export interface MonitProcess {
  readonly name: string;
  readonly pidfile?: string;
  readonly matching?: string;
  readonly start?: readonly string[];
  readonly stop?: readonly string[];
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Reads a control file (monit(1), "THE MONIT CONTROL FILE"): statements begin with `set`, `include` or `check`; words
 * such as `with` and `and` are noise, `=` too.
 */
export function parseMonitrc(text: string): Monitrc {
  const includes: string[] = [];
  const processes: MonitProcess[] = [];
  const found: { socket?: string; port?: number; username?: string; password?: string } = {};
  for (const statement of statementsOf(tokensOf(text))) {
    const [first, second, third] = statement.map(({ text: word }) => word);
    if (first === 'include' && second !== undefined) includes.push(second);
    if (first === 'set' && second === 'httpd') Object.assign(found, httpdIn(statement));
    if (first === 'check' && second === 'process' && third !== undefined) {
      processes.push(processIn(third, statement));
    }
  }
  return { includes, processes, ...found };
}

function tokensOf(text: string): readonly Token[] {
  const plain = text.replace(/"[^"]*"|'[^']*'|#.*$/gm, (part) => (part.startsWith('#') ? '' : part));
  return [...plain.matchAll(/"([^"]*)"|'([^']*)'|([^\s=]+)/g)].map(([, double, single, bare]) => ({
    text: double ?? single ?? bare ?? '',
    quoted: bare === undefined,
  }));
}

function statementsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const noise = new Set(['with', 'and', 'has', 'using', 'use', 'the', 'path']);
  const statements: Token[][] = [];
  for (const token of tokens) {
    const word = token.quoted ? token : { ...token, text: keyword(token.text) };
    if (!word.quoted && /^(set|include|check)$/.test(word.text)) statements.push([word]);
    else if (word.quoted || !noise.has(word.text)) statements.at(-1)?.push(word);
  }
  return statements;
}

/** Keywords may be written in any case. */
function keyword(text: string): string {
  return /^(set|include|check|process|httpd|pidfile|matching|match|start|stop|program|unixsocket|port|allow|with|and)$/i.test(
    text,
  )
    ? text.toLowerCase()
    : text;
}

function after(statement: readonly Token[], word: string, from = 0): number {
  const at = statement.findIndex(({ text, quoted }, index) => index >= from && !quoted && text === word);
  return at < 0 ? -1 : at + 1;
}

function httpdIn(statement: readonly Token[]): Partial<Monitrc> {
  const socket = statement[after(statement, 'unixsocket')]?.text;
  const port = Number(statement[after(statement, 'port')]?.text);
  const user = statement.flatMap(({ text, quoted }, index) =>
    !quoted && text === 'allow' ? [statement[index + 1]?.text ?? ''] : [],
  );
  const [, username, password] = user.map((text) => /^([^:/]+):(.+)$/.exec(text)).find(Boolean) ?? [];
  return {
    ...(after(statement, 'unixsocket') < 1 || socket === undefined ? {} : { socket }),
    ...(after(statement, 'port') < 1 || !(port > 0) ? {} : { port }),
    ...(username === undefined || password === undefined ? {} : { username, password }),
  };
}

function processIn(name: string, statement: readonly Token[]): MonitProcess {
  const named = (word: string) => {
    const at = after(statement, word, 3);
    return at < 1 ? undefined : statement[at]?.text;
  };
  /** `start program = "/usr/bin/app -d" as uid app`: only its command line. */
  const program = (word: string) => {
    const at = after(statement, word, 3);
    const next = statement[at]?.text === 'program' ? statement[at + 1] : statement[at];
    return at < 1 || next === undefined || !next.quoted ? undefined : wordsOf(next.text);
  };
  const pidfile = named('pidfile');
  const matching = named('matching') ?? named('match');
  const [start, stop] = [program('start'), program('stop')];
  return {
    name,
    ...(pidfile === undefined ? {} : { pidfile }),
    ...(matching === undefined ? {} : { matching }),
    ...(start === undefined ? {} : { start }),
    ...(stop === undefined ? {} : { stop }),
  };
}

/** Monit runs programs without a shell; quotes keep words together. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
