/** What is taken from /proc/PID/stat, see proc_pid_stat(5). Times in clock ticks, memory in pages. */
export interface StatLine {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly session: number;
  readonly cpuTicks: number;
  readonly threads: number;
  readonly startTicks: number;
  readonly rssPages: number;
}

const SPACE = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Field numbers of proc_pid_stat(5). */
const PPID = 4;
const SESSION = 6;
const UTIME = 14;
const STIME = 15;
const NUM_THREADS = 20;
const STARTTIME = 22;
const RSS = 24;

/**
 * Parses without making strings of the numbers: this runs for every process of the machine. The name stands in
 * parentheses and may itself hold blanks and parentheses, so it ends at the last one.
 */
export function parseStat(bytes: Uint8Array, length: number): StatLine | undefined {
  const open = bytes.indexOf(OPEN);
  const close = bytes.lastIndexOf(CLOSE, length - 1);
  if (open < 2 || close <= open || close + 2 >= length) return undefined;

  let ppid = 0;
  let session = 0;
  let utime = 0;
  let stime = 0;
  let threads = 0;
  let start = 0;
  let rss = 0;
  let field = PPID;
  let at = close + 4;
  while (at < length && field <= RSS) {
    const negative = bytes[at] === MINUS;
    if (negative) at += 1;
    let value = 0;
    for (let byte = bytes[at] ?? 0; at < length && byte >= ZERO; at += 1, byte = bytes[at] ?? 0) {
      value = value * 10 + (byte - ZERO);
    }
    if (negative) value = -value;
    if (field === PPID) ppid = value;
    else if (field === SESSION) session = value;
    else if (field === UTIME) utime = value;
    else if (field === STIME) stime = value;
    else if (field === NUM_THREADS) threads = value;
    else if (field === STARTTIME) start = value;
    else if (field === RSS) rss = value;
    field += 1;
    while (at < length && bytes[at] === SPACE) at += 1;
  }
  if (field <= RSS) return undefined;

  return {
    pid: digits(bytes, 0, open - 1),
    comm: text(bytes, open + 1, close),
    state: String.fromCharCode(bytes[close + 2] ?? 0),
    ppid,
    session,
    cpuTicks: utime + stime,
    threads,
    startTicks: start,
    rssPages: rss,
  };
}

function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + ((bytes[at] ?? ZERO) - ZERO);
  return value;
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
