import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../../../src/cli/commands/check.ts';
import { plainStyle } from '../../../src/cli/print/style.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watcher-check-'));
  for (const name of ['r', 'elsewhere']) mkdirSync(join(folder, name));
  write(
    'main.yaml',
    `rules: [./r/*.yaml]
vars: { domain: example.com }
templates:
  node: { parameters: { port: integer }, service: { checks: { t: { tcp: "\${port}" } } } }
notifiers: { n: { exec: [/bin/true] } }
notify: n
`,
  );
  write('r/bad.yaml', 'service: bad\nchecks: { t: { tcp: 80, timout: 5s } }\n');
  for (const name of ['r/a.yaml', 'elsewhere/a.yaml']) {
    write(name, 'service: a\nuse: node\nwith: { port: 80 }\nchecks: { x: { tls: "www.${domain}:443" } }\n');
  }
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function run(files: readonly string[], options: Readonly<Record<string, string>> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    env: { HOME: folder },
    cwd: folder,
    now: Date.now,
    style: plainStyle,
  };
  const code = await check({ arguments: files, options, io });
  return { code, out: out.join(''), err: err.join('') };
}

describe('watcher check FILE', () => {
  it('reads it with the watcher.yaml that was named, and tells what is wrong in it alone', async () => {
    expect(await run(['r/a.yaml'], { config: 'main.yaml' })).toMatchObject({ code: 0 });
    write('r/a.yaml', 'service: a\nuse: node\nwith: { port: x }\n');
    const { code, out } = await run(['r/a.yaml'], { config: 'main.yaml' });
    expect(code).toBe(78);
    expect(out).toContain('r/a.yaml:3:15');
    expect(out).not.toContain('timout');
  });

  it('takes names for good that a watcher.yaml may know, where there is none that has it among its rules', async () => {
    expect(await run(['elsewhere/a.yaml'])).toMatchObject({ code: 0 });
    write('watcher.yaml', 'rules: [./r/*.yaml]\ntemplates: {}\n');
    expect(await run(['elsewhere/a.yaml'])).toMatchObject({ code: 0 });
    const { code, out } = await run(['r/a.yaml']);
    expect(code).toBe(78);
    expect(out).toContain("there is no template 'node'");
  });

  it('still knows a misspelt one', async () => {
    write(
      'elsewhere/a.yaml',
      'service: a\nvars: { domain: x }\nchecks: { x: { tls: "www.${domian}:443" } }\n',
    );
    expect((await run(['elsewhere/a.yaml'])).out).toContain("did you mean '${domain}'?");
  });
});
