import type { Host } from '../../host/host.ts';
import type { descriptorsOf } from './evidence-descriptors.ts';
import type { Section } from './evidence-section.ts';

/** States of TCP sockets as /proc/net/tcp numbers them (include/net/tcp_states.h); of UDP only the first and `07` occur. */
const STATES: Readonly<Record<string, string>> = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '07': 'CLOSE',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
};

/** Kinds of Unix sockets (include/linux/net.h). */
const UNIX_TYPES: Readonly<Record<string, string>> = {
  '0001': 'stream',
  '0002': 'dgram',
  '0005': 'seqpacket',
};
/** Of its flags: it listens (include/uapi/linux/net.h, __SO_ACCEPTCON). */
const LISTENS = 0x10000;

/** Lines that people still read, of each family. */
const MOST_LINES = 60;
/** A table has 150 bytes for each socket of the machine. */
const MOST_BYTES = 1024 * 1024;

/** The process's own TCP, UDP and Unix sockets with their peers, states and queues. */
export function socketsSection(
  host: Host,
  pid: () => Promise<number | undefined>,
  descriptors: ReturnType<typeof descriptorsOf>,
): Section {
  return {
    title: 'sockets',
    async read() {
      const [main, open] = await Promise.all([pid(), descriptors()]);
      if (main === undefined || open?.ok !== true) return undefined;
      const inodes = new Set(
        open.value.targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []),
      );
      if (inodes.size === 0) return undefined;
      // Not read at once: on a machine with a hundred thousand sockets the kernel takes its time.
      const read = async (table: string): Promise<string> => {
        const part = await host.files.range(`/proc/${main}/net/${table}`, 0, MOST_BYTES);
        return part.ok ? part.value.text : '';
      };
      const [tcp, tcp6, udp, udp6, unix] = await Promise.all(
        ['tcp', 'tcp6', 'udp', 'udp6', 'unix'].map(read),
      );
      return [
        ...bounded([tcp, tcp6].flatMap((table = '') => socketLines(table, inodes))),
        ...bounded([udp, udp6].flatMap((table = '') => socketLines(table, inodes)).map(asUdp)),
        ...bounded(unixLines(unix ?? '', inodes)),
      ].join('\n');
    },
  };
}

function bounded(lines: readonly string[]): readonly string[] {
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`... and ${more} more`] : [])];
}

/** Lines of /proc/net/tcp, tcp6, udp or udp6 (proc(5)) that belong to these inodes, in words. */
export function socketLines(table: string, inodes: ReadonlySet<string>): readonly string[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, remote, state, queues, , , , , inode] = line.trim().split(/\s+/);
      if (local === undefined || remote === undefined || inode === undefined || !inodes.has(inode)) return [];
      const [sending = '0', receiving = '0'] = (queues ?? '')
        .split(':')
        .map((hex) => Number.parseInt(hex, 16));
      const name = STATES[state ?? ''] ?? state;
      const peer = name === 'LISTEN' || /:0000$/.test(remote) ? '' : ` -> ${address(remote)}`;
      const waiting = sending || receiving ? `, ${sending} bytes to send, ${receiving} not yet read` : '';
      return [`${address(local)}${peer} ${name}${waiting}`];
    });
}

/** A UDP socket is connected or not; the words of TCP's states would mislead. */
function asUdp(line: string): string {
  return `udp ${line.replace(/ (?:CLOSE|ESTABLISHED)(?=,|$)/, '')}`;
}

/** Lines of /proc/net/unix (proc(5)) that belong to these inodes; connected ones without a name are only counted. */
export function unixLines(table: string, inodes: ReadonlySet<string>): readonly string[] {
  let nameless = 0;
  const lines = table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, , , flags = '', type = '', , inode = '', ...path] = line.trim().split(/\s+/);
      if (!inodes.has(inode)) return [];
      const listens = (Number.parseInt(flags, 16) & LISTENS) !== 0;
      if (path.length === 0 && !listens) {
        nameless += 1;
        return [];
      }
      return [`unix ${UNIX_TYPES[type] ?? type} ${path.join(' ')}${listens ? ' LISTEN' : ''}`];
    });
  return [...lines, ...(nameless > 0 ? [`unix sockets without a name: ${nameless}`] : [])];
}

/** `0100007F:0BB8` is 127.0.0.1:3000: groups of four bytes in the byte order of the machine, the port in hexadecimal. */
function address(text: string): string {
  const [hex = '', port = '0'] = text.split(':');
  const groups = hex.match(/.{8}/g) ?? [];
  const bytes = groups.flatMap((group) => (group.match(/../g) ?? []).reverse());
  const number = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.map((byte) => Number.parseInt(byte, 16)).join('.')}:${number}`;
  const words = (bytes.join('').match(/.{4}/g) ?? []).map((word) =>
    word.replace(/^0{1,3}/, '').toLowerCase(),
  );
  return `[${words.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::')}]:${number}`;
}
