import { describe, expect, it } from 'vitest';
import { retryAfter, secretParts } from '../../src/notifiers/deliver-http.ts';
import { plainText, renderNotice } from '../../src/notifiers/render.ts';
import { digest, failed, recovered, refusedReload } from './notices.ts';

describe('a notice', () => {
  it('is on time until it is two minutes late', () => {
    expect(renderNotice(failed, 119_999).title).toBe(failed.title);
    expect(renderNotice(failed, 119_999)).not.toHaveProperty('late');
    expect(renderNotice(failed, 120_000).title).toBe(`${failed.title} (late by 2 m)`);
    expect(renderNotice(failed, 120_000).late).toContain('2026-07-01 12:00:00Z');
  });

  it('says how long it has lasted, or lasted', () => {
    expect(renderNotice(failed, 0).items[0]?.heading).toBe('on web-1: down for 3 m 20 s (critical)');
    expect(renderNotice(recovered, 0).items[0]?.heading).toBe('on web-1: over, it lasted 4 m 20 s');
    const worse = { ...failed.items[0]!, worseSince: failed.at - 20_000 };
    expect(renderNotice({ ...failed, items: [worse] }, 0).items[0]?.heading).toBe(
      'on web-1: down for 20 s, not well for 3 m 20 s (critical)',
    );
  });

  it('does not say again what the title has said: for how long, and what comes next, stand first', () => {
    const lines = plainText(renderNotice(failed, 0)).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'on web-1: down for 3 m 20 s (critical)',
      '',
      '  next             restart in 4 s (attempt 2 of 3)',
      '  done             11:57:30Z restart: it did not hold (started, pid 4242)',
    ]);
    const [first] = renderNotice(digest, 0).items;
    expect(first).toMatchObject({
      heading: 'api/responds: down for 3 m 20 s (critical)',
      lead: 'latency 812 ms, expected < 500 ms',
    });
  });

  it('names no restart where nothing could do it, and what the evidence says', () => {
    const item = { ...failed.items[0]!, operable: false, evidenceSummary: 'last log line: out of handles' };
    const text = plainText(renderNotice({ ...failed, items: [item] }, 0));
    expect(text).not.toContain('watcher restart');
    expect(text).toContain('evidence         last log line: out of handles');
    expect(
      plainText(renderNotice({ ...recovered, items: [{ ...item, status: 'resolved' }] }, 0)),
    ).not.toContain('out of handles');
  });

  it('says what was done, also when that is nothing', () => {
    const done = (notice: typeof failed) =>
      renderNotice(notice, 0).items[0]?.facts.find(({ name }) => name === 'done')?.text;
    expect(done(failed)).toBe('11:57:30Z restart: it did not hold (started, pid 4242)');
    const [item] = failed.items;
    expect(done({ ...failed, items: [{ ...item!, repairs: [] }] })).toBe('nothing yet');
    expect(done({ ...recovered, items: [{ ...recovered.items[0]!, repairs: [] }] })).toBe('nothing');
  });

  it('puts what is critical first, calls a warning one, and shows what a failed repair printed', () => {
    const [item] = failed.items;
    const warning = { ...item!, check: 'slow', severity: 'warning', about: 'warning' } as const;
    const repair = {
      ...item!.repairs[0]!,
      outcome: 'failed',
      output: 'nginx: bind() failed (98: Address already in use)\nnginx: still could not bind()\n',
    } as const;
    const text = plainText(renderNotice({ ...failed, items: [warning, { ...item!, repairs: [repair] }] }, 0));
    expect(text.indexOf('api/responds: down for')).toBe(0);
    expect(text).toContain('api/slow: warning for 3 m 20 s (warning)');
    expect(text).toContain('it printed       nginx: bind() failed (98: Address already in use)\n');
  });

  it('says a sentence once where the probe itself failed', () => {
    const sentence = 'connection refused';
    const item = { ...failed.items[0]!, measured: sentence, summary: sentence };
    const text = plainText(renderNotice({ ...failed, items: [item] }, 0));
    expect(text.split(sentence)).toHaveLength(2);
    const title = `DOWN api/responds: ${sentence}`;
    expect(plainText(renderNotice({ ...failed, title, items: [item] }, 0))).not.toContain(sentence);
  });

  it('names the commands that help, and says when it needs somebody', () => {
    const text = plainText(renderNotice({ ...failed, kind: 'stood-down' }, 0));
    expect(text).toContain('this one needs you: when it is mended, watcher monitor api');
    for (const command of ['incident api-7K3F', 'ack api-7K3F', 'restart api', 'why api'])
      expect(text).toContain(`watcher ${command}`);
    const acknowledged = { ...failed.items[0]!, acknowledgedBy: 'ann', acknowledgedComment: 'on it' };
    const after = plainText(renderNotice({ ...failed, items: [acknowledged] }, 0));
    expect(after).toContain('acknowledged by  ann: on it');
    expect(after).not.toContain('watcher ack');
  });

  it('that it is over says what it was, not that it is so', () => {
    const text = plainText(renderNotice(recovered, 0));
    expect(text).toContain('it was: latency 812 ms');
    expect(text).not.toMatch(/ measured | expected {2}|to do|watcher restart/);
  });

  it('has a subject of one line', () => {
    expect(renderNotice(digest, 0).title).toBe('DOWN 2 checks on web-1 <b>& @everyone');
    expect(renderNotice({ ...failed, title: 'x'.repeat(900) }, 0).title).toHaveLength(250);
  });

  it('without incidents has its text', () => {
    expect(plainText(renderNotice(refusedReload, 0))).toBe(
      `${refusedReload.text}\n\n-- \nwatcher on web-1, 2026-07-01 12:00:00Z, notice agent.9.team\n`,
    );
  });
});

describe('Retry-After', () => {
  it('is seconds or a date', () => {
    const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
    expect(retryAfter('120', now)).toBe(120_000);
    expect(retryAfter('Wed, 21 Oct 2026 07:28:30 GMT', now)).toBe(30_000);
    expect(retryAfter('Wed, 21 Oct 2026 07:00:00 GMT', now)).toBe(0);
    expect(retryAfter('soon', now)).toBeUndefined();
    expect(retryAfter(undefined, now)).toBeUndefined();
  });
});

describe('secrets', () => {
  it('of an address are its path, query and login', () => {
    const parts = secretParts('https://me:pass@hooks.example.com/services/T0000000/B1111111?sig=abcdef');
    expect(parts).toEqual(expect.arrayContaining(['pass', 'T0000000', 'B1111111', 'abcdef', 'sig=abcdef']));
    expect(parts).not.toContain('hooks.example.com');
    expect(secretParts('not an address')).toEqual(['not an address']);
  });
});
