import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bed } from './bed.ts';
import { makeBed } from './bed.ts';
import { eventually } from './eventually.ts';
import { type FaultyMail, type FaultyWeb, faultyMail, faultyWeb, type Request } from './faulty-receivers.ts';
import { freePort } from './free-port.ts';

/** A notifier that fails for so long hands over to its fallback; a bit of room on top of it for a busy machine. */
const HAND_OVER_WITHIN = 150_000;

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function kept<T extends { close(): Promise<void> }>(thing: T): T {
  closing.push(() => thing.close());
  return thing;
}

/** The notices about the victim that came to a path, for the notifier they were meant for. */
function told(web: FaultyWeb, path: string, meantFor: string): readonly Request[] {
  return web
    .requests(path)
    .filter(({ body }) => (body as { receiver?: string }).receiver === meantFor)
    .filter(({ body }) => body.alerts.some(({ labels }) => labels['service'] === 'victim'));
}

describe('receivers that fail in every way there is', () => {
  it('get their notices again, or somebody else does, and no check waits for them', {
    timeout: 400_000,
  }, async () => {
    const web = kept(
      await faultyWeb({
        '/err500': (count) => ({ status: count <= 2 ? 500 : 200 }),
        '/wait429': (count) => (count === 1 ? { status: 429, retryAfter: 4 } : { status: 200 }),
        '/gone410': () => ({ status: 410 }),
        '/hang': () => undefined,
      }),
    );
    const badTls = kept(await faultyWeb({}, { tls: true }));
    const mail: Record<'silent' | 'tarpit' | 'drops' | 'refuses' | 'busy', FaultyMail> = {
      silent: kept(await faultyMail('silent')),
      tarpit: kept(await faultyMail('tarpit')),
      drops: kept(await faultyMail('drops')),
      refuses: kept(await faultyMail('refuses')),
      busy: kept(await faultyMail('busy')),
    };
    const email = (port: number): string =>
      `email: { to: ops@example.com, from: w@example.com, smtp: "smtp://127.0.0.1:${port}", starttls: never }`;
    const bed: Bed = kept(
      makeBed(`every: 200ms
notify: [err500, wait429, busy, gone410, refuses, closed, silent, tarpit, drops, hang, badtls]
notices: { group_wait: 0s }
notifiers:
  spare: { webhook: http://127.0.0.1:${web.port}/spare }
  err500: { webhook: http://127.0.0.1:${web.port}/err500 }
  wait429: { webhook: http://127.0.0.1:${web.port}/wait429 }
  busy: { ${email(mail.busy.port)} }
  gone410: { webhook: http://127.0.0.1:${web.port}/gone410, fallback: spare }
  refuses: { ${email(mail.refuses.port)}, fallback: spare }
  closed: { ${email(await freePort())}, fallback: spare }
  silent: { ${email(mail.silent.port)}, fallback: spare }
  tarpit: { ${email(mail.tarpit.port)}, fallback: spare }
  drops: { ${email(mail.drops.port)}, fallback: spare }
  hang: { webhook: http://127.0.0.1:${web.port}/hang, fallback: spare }
  badtls: { webhook: https://127.0.0.1:${badTls.port}/, fallback: spare }
`),
    );
    const file = bed.write('there', '');
    bed.write(
      'rules/victim.yaml',
      `service: victim\nchecks:\n  there: { file: ${file}, fail_after: 1, recover_after: 1 }\n`,
    );
    bed.write(
      'rules/pulse.yaml',
      `service: pulse\nchecks:\n  beats: { http: "http://127.0.0.1:${web.port}/pulse" }\n`,
    );
    const agent = await bed.startAgent();
    await bed.until('victim', 'is up', ({ state }) => state === 'up');
    rmSync(file);
    const from = { at: performance.now(), beats: web.requests('/pulse').length };
    await bed.until('victim', 'is down', ({ state }) => state === 'down');

    // What may be over in a moment is tried again, under the same key, and not before the time that was asked for.
    const explain = (): string => agent.output().split('\n').slice(-40).join('\n');
    await eventually('the third try at 500', () => told(web, '/err500', 'err500')[2], { explain });
    await eventually('the second try at 429', () => told(web, '/wait429', 'wait429')[1], { explain });
    await eventually('the third try at 451', () => mail.busy.mails()[2], { explain });
    const [first, second] = told(web, '/wait429', 'wait429');
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(4000);
    expect(new Set(told(web, '/err500', 'err500').map(({ key }) => key)).size).toBe(1);
    expect(first?.key).toBe(second?.key);
    expect(new Set(mail.busy.mails().slice(0, 3)).size).toBe(1);

    // What will be the same next time is handed over at once, the rest when it has failed for long enough.
    for (const name of ['gone410', 'refuses', 'closed', 'silent', 'tarpit', 'drops', 'hang', 'badtls']) {
      await eventually(`the spare to get what ${name} did not`, () => told(web, '/spare', name)[0], {
        within: HAND_OVER_WITHIN,
        explain,
      });
    }
    expect(mail.silent.connections()).toBeGreaterThan(1);
    expect(mail.tarpit.connections()).toBeGreaterThan(1);
    expect(web.requests('/hang').length).toBeGreaterThan(1);
    expect(new Set(mail.drops.mails().slice(0, 2)).size).toBe(1);
    expect(badTls.requests('/')).toEqual([]);

    // All the while nothing waited: five beats a second were asked for, one is the least on a busy machine.
    const seconds = (performance.now() - from.at) / 1000;
    const beats = web.requests('/pulse').length - from.beats;
    process.stdout.write(`receivers that fail: ${beats} beats in ${Math.round(seconds)} s\n`);
    expect(beats).toBeGreaterThan(seconds);

    // Whoever was told that it is down is told that it is up, and nobody else.
    writeFileSync(file, '');
    await eventually(
      'everybody to hear of the end',
      () => recoveries(web, mail).every(([, count]) => count > 0) || undefined,
      {
        within: HAND_OVER_WITHIN,
        explain: () => `${JSON.stringify(recoveries(web, mail))}\n${explain()}`,
      },
    );
    expect(recoveries(web, mail).filter(([, count]) => count !== 1)).toEqual([]);
    const endsAt = (path: string) =>
      web.requests(path).filter(({ body }) => body.status === 'resolved').length;
    expect(endsAt('/gone410')).toBe(0);
    // The one that hangs may have taken what it was sent: its end is kept for it (test/agent/deliverer.test.ts).
  });
});

/** How often each reader heard that the victim is up again. */
function recoveries(
  web: FaultyWeb,
  mail: { readonly busy: FaultyMail },
): readonly (readonly [string, number])[] {
  const ends = (path: string): number =>
    new Set(
      web
        .requests(path)
        .filter(({ body }) =>
          body.alerts.some(({ labels, status }) => labels['service'] === 'victim' && status === 'resolved'),
        )
        .map(({ key }) => key),
    ).size;
  return [
    ['err500', ends('/err500')],
    ['wait429', ends('/wait429')],
    ['spare', ends('/spare')],
    // Down and up of the victim, besides what is told of notifiers.
    ['busy', new Set(mail.busy.mails().filter((id) => id.startsWith('<victim-'))).size - 1],
  ];
}
