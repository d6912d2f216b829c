import type { SilenceRequest, SilencesAnswer } from '../../control/api.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Silence } from '../../model/state.ts';
import { askAgent } from '../ask/ask-agent.ts';
import { readCheckReference } from '../ask/check-reference.ts';
import { durationOption } from '../ask/duration-option.ts';
import { operatorName } from '../ask/operator-name.ts';
import type { Call, Command } from '../command.ts';
import { flagOption, textOption } from '../command.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { printTable } from '../print/table.ts';

/** `watcher silence SERVICE[/CHECK]... --for 2h`, `watcher silence` (the list), `watcher silence --end ID`. */
export const silence: Command = async (call) => {
  const { io } = call;
  const duration = durationOption(call, 'for');
  if (!duration.ok) return duration.code;
  const end = textOption(call, 'end');
  if (end === undefined && call.arguments.length > 0 && duration.ms === undefined) {
    return complain(io, exitCodes.usage, 'a silence needs an end', 'say how long: --for 2h');
  }
  const asked = await askAgent(call, (client) => {
    if (end !== undefined) return client.unsilence(end, operatorName(io.env));
    if (duration.ms === undefined) return client.silences();
    return client.silence(silenceRequest(call, duration.ms));
  });
  if (!asked.ok) return asked.code;
  printSilences(call, asked.value);
  return exitCodes.ok;
};

function silenceRequest(call: Call, ms: number): SilenceRequest {
  const references = call.arguments.filter((name) => name !== 'all').map(readCheckReference);
  const comment = textOption(call, 'comment');
  return {
    services: [...new Set(references.map(({ service }) => service))],
    checks: [...new Set(references.flatMap(({ check }) => (check === undefined ? [] : [check])))],
    for: ms,
    by: operatorName(call.io.env),
    ...(comment === undefined ? {} : { comment }),
    ...(flagOption(call, 'no-repair') ? { noRepair: true } : {}),
  };
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
  const parts = [
    services.length === 0 ? 'all services' : services.join(', '),
    checks.length === 0 ? '' : `checks ${checks.join(', ')}`,
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    noRepair ? 'and no repairs' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
