import type { Host } from '../../host/host.ts';
import { within } from '../../host/time/within.ts';
import type { Redactor } from '../../lib/redactor.ts';
import type { Exhibit } from '../../model/reading.ts';
import type { Service } from '../../model/service.ts';
import type { EvidenceShelf } from '../../state/evidence-shelf.ts';
import type { ManagerDesk } from '../manager-desk.ts';
import { cgroupSection } from './evidence-cgroup.ts';
import { descriptorsOf, filesSection } from './evidence-descriptors.ts';
import { oomSection, pressureSection, topSection } from './evidence-host.ts';
import { memorySection } from './evidence-memory.ts';
import { processSection, threadsSection } from './evidence-process.ts';
import type { Section } from './evidence-section.ts';
import { socketsSection } from './evidence-sockets.ts';

/** What was captured, in a line for notices. The pack itself is on the shelf. */
export interface CapturedEvidence {
  readonly summary: string;
}

/** Why evidence is captured. */
export interface Occasion {
  /** `before restart: responds is down` */
  readonly text: string;
  /** Whether the commands that the rules name are run, too. */
  readonly commands: boolean;
}

export interface EvidenceParts {
  readonly host: Host;
  readonly desk: ManagerDesk;
  readonly shelf: EvidenceShelf;
  readonly redact: Redactor;
  /** What the service's failing probes had seen, by the name of the check. */
  readonly exhibits: (service: string) => readonly (readonly [check: string, exhibit: Exhibit])[];
  readonly onTrouble: (text: string) => void;
}

/** Bytes of one section and of a whole pack: enough to read at night, little enough for a mail. */
const SECTION_BYTES = 12 * 1024;
const PACK_BYTES = 64 * 1024;
/** Lines asked of a manager's log: about as many as fit into a section. */
const LOG_LINES = 60;
/** So many packs are kept; the oldest go first. */
const PACKS = 200;

/**
 * Captures what a human would have looked at, before the service is touched where it is: all sections at once, within
 * the rule's `evidence.timeout`; what is not ready by then is named as missing. A disk that is slower than what is left of that time goes on storing it
 * beside the repair. Never fails.
 */
export async function captureEvidence(
  parts: EvidenceParts,
  service: Service,
  occasion: Occasion,
  name: string,
): Promise<CapturedEvidence> {
  const { host } = parts;
  const { timeout } = service.evidence;
  const until = host.clock.monotonic() + timeout;
  const sections = sectionsOf(parts, service, occasion);
  const found = await Promise.all(
    sections.map(async (section) => {
      try {
        return await within(host.clock, timeout, section.read(), `(not ready within ${timeout} ms)`);
      } catch (error) {
        return `(could not be read: ${error instanceof Error ? error.message : String(error)})`;
      }
    }),
  );
  // Before anything is cut: half of a secret is not known for one.
  const texts = found.map((text) => (text === undefined ? undefined : parts.redact(text)));
  const blocks = sections.flatMap(({ title }, index) => {
    const text = texts[index]?.trimEnd();
    return text === undefined || text === '' ? [] : [`== ${title} ==\n${bounded(text, SECTION_BYTES)}\n`];
  });
  const wall = new Date(host.clock.instant().wall).toISOString();
  const head = `Evidence of ${service.name} on ${host.name}, captured ${wall} ${occasion.text}\n`;
  const pack = parts.redact(bounded([head, ...blocks].join('\n'), PACK_BYTES));
  const left = Math.max(0, until - host.clock.monotonic());
  await within(host.clock, left, keep(parts, name, pack), undefined);
  return { summary: parts.redact(summarise(sections, texts)) };
}

async function keep({ shelf, onTrouble }: EvidenceParts, name: string, pack: string): Promise<void> {
  try {
    const trouble = await shelf.write(name, pack);
    if (trouble !== undefined) onTrouble(trouble);
    await shelf.prune(PACKS);
  } catch (error) {
    onTrouble(`cannot keep the evidence ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sectionsOf(parts: EvidenceParts, service: Service, occasion: Occasion): readonly Section[] {
  const { host, desk } = parts;
  const manager = desk.managerOf(service.name);
  const reported = Promise.resolve(desk.report(service.name, 1000));
  const pid = async (): Promise<number | undefined> => (await reported)?.main?.pid;
  const descriptors = descriptorsOf(host, pid);
  return [
    ...parts.exhibits(service.name).map(([check, exhibit]) => ({
      title: `${check}: ${exhibit.title}`,
      read: async () => exhibit.text,
    })),
    { title: 'manager', read: async () => managerText(await reported) },
    { title: 'last log lines', read: () => lastLines(host, service, manager?.logs?.bind(manager)) },
    processSection(host, pid),
    memorySection(host, pid),
    threadsSection(host, pid),
    filesSection(host, pid, descriptors),
    socketsSection(host, pid, descriptors),
    cgroupSection(host, async () => (await reported)?.cgroup, pid),
    oomSection(host),
    topSection(host),
    pressureSection(host),
    ...(occasion.commands ? service.evidence.commands : []).map((command) => ({
      title: command.argv.join(' '),
      read: async () => {
        const { outcome, code, stdout, stderr, reason } = await host.commands.run(command, {
          keep: SECTION_BYTES,
        });
        const how =
          outcome === 'exited'
            ? `exit code ${code}`
            : `${outcome}${reason === undefined ? '' : `: ${reason}`}`;
        return `${stdout}${stderr}(${how})`;
      },
    })),
  ];
}

async function lastLines(
  host: Host,
  service: Service,
  logs: ((lines: number) => Promise<readonly string[]>) | undefined,
): Promise<string | undefined> {
  const { log } = service.evidence;
  if (log !== undefined) {
    const tail = await host.files.tail(log, SECTION_BYTES);
    return tail.ok ? tail.value : `(${log}: ${tail.reason})`;
  }
  return (await logs?.(LOG_LINES))?.join('\n');
}

function managerText(report: Awaited<ReturnType<ManagerDesk['report']>>): string | undefined {
  if (report === undefined) return undefined;
  return [
    report.detail,
    ...(report.lastExit === undefined ? [] : [`last exit: ${report.lastExit}`]),
    ...(report.restarts === undefined ? [] : [`restarts by the manager: ${report.restarts}`]),
    ...(report.warnings ?? []),
  ].join('\n');
}

/** A line or two for notices: the failing probe's exhibit and the last thing the log said. */
function summarise(sections: readonly Section[], texts: readonly (string | undefined)[]): string {
  const log = texts[sections.findIndex(({ title }) => title === 'last log lines')];
  const lastLine = log?.trimEnd().split('\n').at(-1)?.trim();
  const parts = [
    ...(lastLine === undefined || lastLine === '' ? [] : [`last log line: ${shortened(lastLine)}`]),
    `${texts.filter((text) => text !== undefined && text !== '').length} exhibits captured`,
  ];
  return parts.join('; ');
}

function shortened(line: string): string {
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}

/** Keeps the beginning and, mostly, the end: what happened last tells most. */
function bounded(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const buffer = Buffer.from(text);
  const head = buffer.subarray(0, Math.floor(bytes / 4)).toString('utf8');
  const tail = buffer.subarray(buffer.length - Math.floor((bytes * 3) / 4)).toString('utf8');
  return `${head}\n[... ${buffer.length - bytes} bytes left out ...]\n${tail}`;
}
