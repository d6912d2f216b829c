import type { Host } from '../../src/host/host.ts';
import { createHttpClient } from '../../src/host/http/undici-http.ts';
import { createMail } from '../../src/host/mail/nodemailer-mail.ts';
import { createSockets } from '../../src/host/net/net-sockets.ts';
import { createDns } from '../../src/host/net/node-dns.ts';
import { createTls } from '../../src/host/net/node-tls.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { createFakeHost, type FakeHost } from '../fakes/fake-host.ts';

/** A host whose network is real and whose clock shows the real time; everything else is fake. */
export function createNetworkHost(
  overrides: Partial<Host> = {},
): Host & Pick<FakeHost, 'files' | 'commands'> {
  const fake = createFakeHost({ clock: createFakeClock(Date.now()) });
  return {
    ...fake,
    http: createHttpClient(),
    sockets: createSockets(),
    tls: createTls(),
    dns: createDns(),
    mail: createMail(),
    ...overrides,
    files: fake.files,
    commands: fake.commands,
  };
}
