import type { Dns } from '../../src/host/dns.ts';
import type { Filesystems, FilesystemUsage } from '../../src/host/filesystems.ts';
import type { Host } from '../../src/host/host.ts';
import type { HttpClient, HttpOutcome, HttpRequest } from '../../src/host/http.ts';
import type { Mail, MailMessage } from '../../src/host/mail.ts';
import type { Self } from '../../src/host/self.ts';
import type { SocketOutcome, Sockets } from '../../src/host/sockets.ts';
import type { SystemFacts, SystemReading } from '../../src/host/system.ts';
import { createCronCalendar } from '../../src/host/time/cron-calendar.ts';
import type { Tls } from '../../src/host/tls.ts';
import type { Users } from '../../src/host/users.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeCommands, type FakeCommands } from './fake-commands.ts';
import { createFakeFiles, type FakeFiles } from './fake-files.ts';
import { createFakeProcesses, type FakeProcesses } from './fake-processes.ts';

/** A host of fakes; each part has the knobs of its own fake. */
export interface FakeHost extends Host {
  readonly clock: FakeClock;
  readonly processes: FakeProcesses;
  readonly commands: FakeCommands;
  readonly files: FakeFiles;
  readonly http: FakeHttp;
  readonly mail: FakeMail;
}

/** Everything answers something plain: the clock stands, nothing runs, nothing listens, every mail is taken. */
export function createFakeHost(overrides: Partial<FakeHost> = {}): FakeHost {
  const clock = overrides.clock ?? createFakeClock();
  const processes = overrides.processes ?? createFakeProcesses(clock.monotonic, () => clock.instant().wall);
  return {
    name: 'fake-host',
    platform: 'linux',
    self: createFakeSelf(),
    clock,
    calendar: createCronCalendar(),
    processes,
    deaths: processes.deaths,
    files: createFakeFiles({}, () => clock.instant().wall),
    filesystems: createFakeFilesystems(),
    system: createFakeSystem(clock.monotonic),
    users: createFakeUsers(),
    commands: createFakeCommands(),
    http: createFakeHttp(),
    sockets: createFakeSockets(),
    tls: createFakeTls(),
    dns: createFakeDns(),
    mail: createFakeMail(),
    ...overrides,
  };
}

export interface FakeHttp extends HttpClient {
  readonly requests: readonly HttpRequest[];
  /** Answers from now on; a status stands for a plain answer with it. */
  answer(answer: number | ((request: HttpRequest) => HttpOutcome | Promise<HttpOutcome>)): void;
}

/** Refuses connections until told otherwise. */
export function createFakeHttp(): FakeHttp {
  const requests: HttpRequest[] = [];
  let answering = (_request: HttpRequest): HttpOutcome | Promise<HttpOutcome> => ({
    ok: false,
    phase: 'connect',
    code: 'ECONNREFUSED',
    reason: 'connection refused',
    timings: { total: 1 },
  });
  return {
    requests,
    answer(answer) {
      answering = typeof answer === 'function' ? answer : ({ url }) => httpAnswer(answer, url);
    },
    request: async (request) => {
      requests.push(request);
      return answering(request);
    },
  };
}

/** A complete HTTP answer with the given status and body. */
export function httpAnswer(status: number, url: string, body = ''): HttpOutcome {
  const bodyBytes = Buffer.byteLength(body);
  const timings = { connect: 1, firstByte: 2, total: 3 };
  return { ok: true, status, headers: {}, body, bodyBytes, truncated: false, url, redirects: 0, timings };
}

export interface FakeMail extends Mail {
  readonly sent: readonly MailMessage[];
  /** Refuses from now on (`undefined`: takes mail again). */
  refuse(refusal: { readonly retry: boolean; readonly reason: string } | undefined): void;
}

export function createFakeMail(): FakeMail {
  const sent: MailMessage[] = [];
  let refusal: { readonly retry: boolean; readonly reason: string } | undefined;
  return {
    sent,
    refuse(next) {
      refusal = next;
    },
    async send(message, servers) {
      if (refusal) return { ok: false, ...refusal };
      sent.push(message);
      return { ok: true, server: servers[0]?.url ?? 'smtp://fake', response: '250 ok' };
    },
  };
}

/** Process 1, with a heap that has room unless `heap` says otherwise. */
export function createFakeSelf(heap = { used: 2e7, limit: 2e9 }): Self {
  return {
    pid: 1,
    uid: 0,
    heap: () => heap,
    usage: () => ({ residentBytes: 5e7, cpuSeconds: 1, startedAt: 0 }),
  };
}

/** One plain machine; `change` may be read back for the next reading. */
export function createFakeSystem(
  monotonic: () => number,
  change: () => Partial<SystemReading> = () => ({}),
): SystemFacts {
  return {
    read: async () => ({
      takenAt: monotonic(),
      load: [0.5, 0.4, 0.3],
      cpus: 4,
      uptimeMs: 86_400_000 + monotonic(),
      memory: { total: 8e9, available: 6e9, swapTotal: 2e9, swapFree: 2e9 },
      cpuMs: { user: monotonic() * 0.4, system: 0, idle: monotonic() * 3.6, wait: 0 },
      ...change(),
    }),
  };
}

/** Every path is on one half full file system. */
export function createFakeFilesystems(usage: Partial<FilesystemUsage> = {}): Filesystems {
  const mount = { source: '/dev/fake', target: '/', type: 'ext4', options: ['rw', 'relatime'] };
  const plain = { size: 1e11, used: 5e10, free: 5e10, inodes: 1e6, inodesFree: 5e5, readOnly: false, mount };
  return { usage: async () => ({ ok: true, value: { ...plain, ...usage } }), mounts: async () => [mount] };
}

/** Knows `root` (0) and `web` (33). */
export function createFakeUsers(): Users {
  const all = [
    { name: 'root', uid: 0, gid: 0, home: '/root' },
    { name: 'web', uid: 33, gid: 33, home: '/var/www' },
  ];
  return {
    user: async (nameOrId) => all.find(({ name, uid }) => name === nameOrId || String(uid) === nameOrId),
    group: async (nameOrId) => all.find(({ name, gid }) => name === nameOrId || String(gid) === nameOrId),
    nameOf: async (uid) => all.find((user) => user.uid === uid)?.name ?? String(uid),
  };
}

const refused: SocketOutcome = {
  ok: false,
  phase: 'connect',
  code: 'ECONNREFUSED',
  reason: 'connection refused',
  totalMs: 1,
};

/** Every connection is refused unless an answer is given. */
export function createFakeSockets(answer: () => SocketOutcome = () => refused): Sockets {
  const silence = { ok: false, phase: 'expect', code: 'TIMEOUT', reason: 'no answer', totalMs: 1 } as const;
  return { connect: async () => answer(), converse: async () => answer(), exchange: async () => silence };
}

export function createFakeTls(): Tls {
  return {
    inspect: async () => ({
      ok: false,
      phase: 'connect',
      code: 'ECONNREFUSED',
      reason: 'connection refused',
    }),
  };
}

export function createFakeDns(): Dns {
  return { resolve: async () => ({ ok: false, code: 'ENOTFOUND', reason: 'no such name', tookMs: 1 }) };
}
