import type { Answered } from '../../control/answered.ts';
import type { SilenceRequest, SilencesAnswer } from '../../control/api.ts';
import type { Client } from '../../control/client.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Silence } from '../../model/state.ts';
import { askAgent } from '../ask/ask-agent.ts';
import { durationOption } from '../ask/duration-option.ts';
import { operatorName } from '../ask/operator-name.ts';
import { readLabels, type Silenced, silencedBy } from '../ask/silence-requests.ts';
import type { Call, Command } from '../command.ts';
import { flagOption, textOption } from '../command.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { printTable } from '../print/table.ts';

/**
 * `watcher silence [SERVICE[/CHECK]...] [--label NAME=VALUE] --for 2h`, `watcher silence` (the list), `watcher silence
 * --end ID`.
 */
export const silence: Command = async (call) => {
  const { io } = call;
  const duration = durationOption(call, 'for');
  if (!duration.ok) return duration.code;
  const end = textOption(call, 'end');
  const label = textOption(call, 'label');
  const labels = label === undefined ? {} : readLabels(label);
  if (labels === undefined)
    return complain(io, exitCodes.usage, `'${label}' is no label`, 'write: --label team=web');
  const named = call.arguments.length > 0 || label !== undefined;
  if (end === undefined && named && duration.ms === undefined) {
    return complain(io, exitCodes.usage, 'a silence needs an end', 'say how long: --for 2h');
  }
  const asked = await askAgent(call, (client) => {
    if (end !== undefined) return client.unsilence(end, operatorName(io.env));
    if (duration.ms === undefined) return client.silences();
    return silenceAll(client, silencedBy(call.arguments, labels), detailsOf(call, duration.ms));
  });
  if (!asked.ok) return asked.code;
  printSilences(call, asked.value);
  return exitCodes.ok;
};

type Details = Omit<SilenceRequest, keyof Silenced>;

function detailsOf(call: Call, ms: number): Details {
  const comment = textOption(call, 'comment');
  return {
    for: ms,
    by: operatorName(call.io.env),
    ...(comment === undefined ? {} : { comment }),
    ...(flagOption(call, 'no-repair') ? { noRepair: true } : {}),
  };
}

/** All of them or none: what was silenced before one was refused is told of again. */
async function silenceAll(
  client: Client,
  [first, ...others]: readonly [Silenced, ...Silenced[]],
  details: Details,
): Promise<Answered<SilencesAnswer>> {
  const before = others.length === 0 ? undefined : await client.silences();
  if (before?.ok === false) return before;
  let answered = await client.silence({ ...first, ...details });
  const made = answered.ok ? answered.value.silences.map(({ id }) => id) : [];
  for (const other of others) {
    if (!answered.ok) break;
    answered = await client.silence({ ...other, ...details });
    if (answered.ok) continue;
    const old = new Set(before?.value.silences.map(({ id }) => id));
    for (const id of made.filter((one) => !old.has(one))) await client.unsilence(id, details.by);
  }
  return answered;
}

function printSilences({ io, options }: Call, answer: SilencesAnswer): void {
  if (options['json']) io.out(printJson(answer));
  else if (options['quiet']) return;
  else if (answer.silences.length === 0) io.err('Nothing is silenced.\n');
  else {
    const now = io.now();
    io.out(
      printTable(
        answer.silences,
        [
          { title: 'SILENCE', value: ({ id }) => id },
          { title: 'WHAT', value: silencedWhat },
          {
            title: 'ENDS IN',
            value: ({ until }) => formatDuration(Math.max(0, until - now)),
            align: 'right',
          },
          { title: 'BY', value: ({ by }) => by },
          { title: 'COMMENT', value: ({ comment }) => comment },
        ],
        io,
      ),
    );
  }
}

function silencedWhat({ services, checks, labels, noRepair }: Silence): string {
  const all = services.length === 0 ? 'all services' : services.join(', ');
  // Checks that name their service say all.
  const paired = checks.length > 0 && checks.every((check) => check.includes('/'));
  const parts = [
    ...(paired ? [checks.join(', ')] : [all, checks.length === 0 ? '' : `checks ${checks.join(', ')}`]),
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    noRepair ? 'and no repairs' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
