import { readlink } from 'node:fs/promises';
import type { Host } from '../../host/host.ts';
import type { Section } from './evidence-section.ts';

/** States of TCP sockets as /proc/net/tcp numbers them (include/net/tcp_states.h). */
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

const MOST_LINES = 60;
const MOST_BYTES = 1024 * 1024;

/** The process's own TCP sockets with their peers, states and queues. */
export function socketsSection(host: Host, pid: () => Promise<number | undefined>): Section {
  return {
    title: 'sockets',
    async read() {
      const main = await pid();
      if (main === undefined || host.platform !== 'linux') return undefined;
      const inodes = await socketInodes(host, main);
      if (inodes.size === 0) return undefined;
      const tables = await Promise.all(
        ['tcp', 'tcp6'].map((table) => host.files.read(`/proc/${main}/net/${table}`, MOST_BYTES)),
      );
      const lines = tables.flatMap((table) => (table.ok ? socketLines(table.value, inodes) : []));
      const more = lines.length - MOST_LINES;
      return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`... and ${more} more`] : [])].join('\n');
    },
  };
}

async function socketInodes(host: Host, pid: number): Promise<ReadonlySet<string>> {
  const listed = await host.files.list(`/proc/${pid}/fd`);
  if (!listed.ok) return new Set();
  const targets = await Promise.all(
    listed.value.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

/** Lines of /proc/net/tcp or tcp6 (proc(5)) that belong to these inodes, in words. */
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
      const peer = name === 'LISTEN' ? '' : ` -> ${address(remote)}`;
      const waiting = sending || receiving ? `, ${sending} bytes to send, ${receiving} not yet read` : '';
      return [`${address(local)}${peer} ${name}${waiting}`];
    });
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
