import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Bed } from '../bed.ts';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import type { Receivers } from '../receivers.ts';
import type { FrailService } from './frail-service.ts';
import { type Arrival, arrivalsAt, type Counts, countsOf } from './ledger.ts';
import type { Random } from './random.ts';

/** Whatever goes wrong while the agent is killed over and over, until it is told to end. */
export interface Trouble {
  /** Ends when `weather` says so and leaves everything mended. */
  run(weather: Weather): Promise<void>;
  readonly done: () => number;
}

export interface Weather {
  readonly over: () => boolean;
  /** More is waiting to be told than lives that short can tell: what causes more of it waits. */
  readonly crowded: () => boolean;
}

/** Kills a service whenever it is alive, sometimes breaks it for a while, sometimes starts it by hand. */
export function mortal(service: FrailService, random: Random): Trouble {
  let deaths = 0;
  return {
    done: () => deaths,
    async run({ over, crowded }) {
      while (!over()) {
        await pause(random.between(20, 1200));
        if (crowded()) continue;
        if (random.chance(0.2)) {
          service.setBroken(true);
          if (service.kill()) deaths += 1;
          await pause(random.between(500, 4000));
          service.setBroken(false);
        } else if (service.kill()) {
          deaths += 1;
        }
        // Once the budget is spent nobody else would: an operator comes by.
        if (service.pid() === undefined && random.chance(0.1)) await service.start();
      }
      service.setBroken(false);
      await service.start();
    },
  };
}

/** A file that is there and not there. */
export function fickleFile(path: string, random: Random): Trouble {
  let changes = 0;
  return {
    done: () => changes,
    async run({ over, crowded }) {
      while (!over()) {
        await pause(random.between(100, 3000));
        if (crowded()) continue;
        if (random.chance(0.5)) rmSync(path, { force: true });
        else writeFileSync(path, '');
        changes += 1;
      }
      writeFileSync(path, '');
    },
  };
}

/** A port that stays closed until every receiver has heard so, and then open until every receiver has heard that. */
export async function patientPort(
  service: string,
  receivers: Receivers,
): Promise<Trouble & { readonly port: number; close(): Promise<void> }> {
  const port = await freePort();
  let server: Server | undefined;
  const guests = new Set<Socket>();
  let outages = 0;
  let abandoned = false;

  async function open(): Promise<void> {
    const next = createServer((guest) => {
      guests.add(guest);
      guest.on('close', () => guests.delete(guest));
      guest.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve));
    server = next;
  }

  async function close(): Promise<void> {
    const old = server;
    server = undefined;
    for (const guest of guests) guest.destroy();
    if (old !== undefined) await new Promise((resolve) => old.close(resolve));
  }

  /** Waits until both receivers have heard of an incident for which `test` holds, looking at what came since `from` alone. */
  const heard = (what: string, from: Counts, test: (arrival: Arrival, incident: string) => boolean) =>
    eventually<readonly string[]>(
      `everybody to hear of outage ${outages} of ${service}: ${what}`,
      () => {
        const matching = arrivalsAt(receivers, from).flatMap((arrival) =>
          arrival.incidents
            .filter((id) => id.startsWith(`${service}-`) && test(arrival, id))
            .map((id) => ({ id, notifier: arrival.notifier })),
        );
        const everybody = new Set(matching.map(({ notifier }) => notifier)).size === 2;
        return abandoned || everybody ? [...new Set(matching.map(({ id }) => id))] : undefined;
      },
      { within: 300_000, explain: () => JSON.stringify(arrivalsAt(receivers, from).slice(-20)) },
    );

  await open();
  return {
    port,
    done: () => outages,
    async close() {
      abandoned = true;
      await close();
    },
    async run({ over }) {
      const earlier = new Set<string>();
      while (!over() && !abandoned) {
        outages += 1;
        const from = countsOf(receivers);
        await close();
        const mine = await heard('down', from, ({ status }, id) => status === 'firing' && !earlier.has(id));
        for (const id of mine) earlier.add(id);
        if (abandoned) return;
        await open();
        await heard('up again', from, ({ status }, id) => status === 'resolved' && mine.includes(id));
      }
    },
  };
}

/** The YAML of one storm: services that die, files that vanish, ports that close; `db` has something that depends on it. */
export function writeStormRules(
  bed: Bed,
  parts: {
    readonly frail: readonly FrailService[];
    readonly files: readonly string[];
    readonly ports: readonly { readonly name: string; readonly port: number }[];
  },
): void {
  const budget =
    'repair_budget: { attempts: 4 in 20s, backoff: 100ms..500ms, hold: 500ms, retry_after: 2s, retry_times: 1000 }';
  for (const { name, manager } of parts.frail) {
    bed.write(
      `rules/${name}.yaml`,
      `service: ${name}\n${manager}\nstart_timeout: 2s\n${budget}\nchecks:\n  alive: { process: {}, repair: restart }\n`,
    );
  }
  for (const name of parts.files) {
    bed.write(
      `rules/${name}.yaml`,
      `service: ${name}\ndepends_on: [${parts.frail[0]?.name}]\nchecks:\n  there: { file: ${bed.path(`${name}.file`)}, fail_after: 2 }\n`,
    );
  }
  for (const { name, port } of parts.ports) {
    bed.write(
      `rules/${name}.yaml`,
      `service: ${name}\nchecks:\n  port: { tcp: "127.0.0.1:${port}", fail_after: 1, recover_after: 1, flapping: false }\n`,
    );
  }
}

/** Part of what happens, never what a test waits for. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
