import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { figure, median, printTable } from './figures.ts';
import { machine, which } from './machine.ts';
import { openYard, writeFile } from './service.ts';

/** `watcher check` of many services of five checks each, beyond the runtime's own start. */
export async function bench({ root, words }: { root: string; words: readonly string[] }): Promise<void> {
  const yard = openYard();
  const rows: string[][] = [];
  const rounds = words.includes('--quick') ? 2 : 7;
  const time = (argv: readonly string[], program = process.execPath): number => {
    const start = performance.now();
    const { status, stderr, stdout } = spawnSync(program, argv, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}${stdout}`);
    return performance.now() - start;
  };
  try {
    for (const { count, files } of [
      { count: 10, files: 10 },
      { count: 100, files: 100 },
      { count: 1000, files: 1000 },
      { count: 1000, files: 1 },
    ]) {
      const home = `${yard.dir}/load-${count}-${files}`;
      mkdirSync(`${home}/rules`, { recursive: true });
      const documents = Array.from({ length: count }, (_, i) => rule(i));
      if (files === 1) writeFile(`${home}/rules/all.yaml`, documents.join('---\n'));
      else for (const [i, text] of documents.entries()) writeFile(`${home}/rules/s${i}.yaml`, text);
      const config = writeFile(
        `${home}/watcher.yaml`,
        `rules: [./rules/*.yaml]\nstate_dir: ${home}/state\nsocket: ${home}/watcher.sock\n`,
      );
      const base: number[] = [];
      const ours: number[] = [];
      for (let round = 0; round < rounds; round++) {
        base.push(time(['-e', '0']));
        ours.push(time([`${root}dist/watcher.js`, 'check', '--config', config]));
      }
      rows.push([
        String(count),
        String(files),
        figure(median(base)),
        figure(median(ours)),
        figure(median(ours) - median(base)),
        figure((median(ours) - median(base)) / count),
      ]);
    }
    if (which('monit') !== undefined) {
      const config = writeFile(
        `${yard.dir}/monitrc`,
        Array.from({ length: 1000 }, (_, i) => monitService(i)).join(''),
        0o600,
      );
      const took = median(Array.from({ length: rounds }, () => time(['-t', '-c', config], 'monit')));
      rows.push(['1000, monit -t', '1', '-', figure(took), '-', figure(took / 1000)]);
    }
  } finally {
    await yard.close();
  }
  printTable(
    `watcher check (ms) — ${machine()}`,
    ['services of 5 checks', 'files', 'node -e 0', 'watcher check', 'beyond node', 'per service'],
    rows,
  );
}

const rule = (i: number): string => `service: api-${i}
description: Benchmark service ${i}
groups: [bench]
manager:
  commands:
    pidfile: /run/api-${i}.pid
    start: [/usr/local/bin/api, --port, "${3000 + i}"]
every: 10s
checks:
  alive: { process: {}, repair: restart }
  responds:
    http: http://127.0.0.1:${3000 + i}/health
    timeout: 2s
    expect:
      - status == 200
      - latency < 500 ms
      - json.status == "ok"
    fail_after: 3
    repair: restart
  port: { tcp: "127.0.0.1:${3000 + i}" }
  leak:
    process: {}
    warn: memory_tree > 400 MB
    expect: memory_tree < 500 MB
    fail_after: 5 of 6
  space: { filesystem: /, expect: used_percent < 90% }
`;

/** As near to the same as Monit has it. */
const monitService = (i: number): string => `check process api-${i} with pidfile /run/api-${i}.pid
  start program = "/bin/true --port ${3000 + i}"
  if failed port ${3000 + i} protocol http request "/health" status 200 with timeout 2 seconds for 3 cycles then restart
  if failed port ${3000 + i} type tcp then alert
  if total memory > 500 MB for 5 times within 6 cycles then restart
`;
