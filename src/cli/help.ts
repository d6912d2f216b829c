import type { CommandDeclaration, OptionDeclaration } from './command.ts';
import { commands, globalOptions } from './commands.ts';
import type { Io } from './io.ts';

const groups = [
  ['look', 'Look'],
  ['act', 'Act'],
  ['rules', 'Rules'],
  ['agent', 'The agent'],
] as const;

type Line = readonly [left: string, right: string];

/** The help of the whole program, or of one command. */
export function printHelp(
  command: CommandDeclaration | undefined,
  io: Pick<Io, 'columns' | 'style'>,
): string {
  const width = Math.min(io.columns ?? 100, 100);
  const section = (title: string, lines: readonly Line[]): string =>
    lines.length === 0
      ? ''
      : `\n${io.style.bold(title)}\n${lines.map((line) => entry(line, width)).join('')}`;
  const general = section('Options of every command', globalOptions.map(optionLine));
  if (command !== undefined) {
    const usage = ['watcher', command.name, command.arguments ?? '', '[options]'].filter(
      (part) => part !== '',
    );
    const head = `${usage.join(' ')}\n\n${wrap(sentence(command.summary), width).join('\n')}\n`;
    return head + section('Options', (command.options ?? []).map(optionLine)) + general;
  }
  const head =
    'watcher COMMAND [options]\n\nWatches services from outside, repairs them through their own manager, tells people.\n';
  const lists = groups.map(([group, title]) =>
    section(
      title,
      commands
        .filter((candidate) => candidate.group === group)
        .map(
          (candidate): Line => [
            `${candidate.name} ${candidate.arguments ?? ''}`.trimEnd(),
            candidate.summary,
          ],
        ),
    ),
  );
  const codes =
    '\nExit codes: 0 all is well; 1 to 3 something is not; from 64 on it could not be done or told.\n';
  return head + lists.join('') + general + codes;
}

function optionLine(option: OptionDeclaration): Line {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  return [
    `${short}--${option.name}${option.value === undefined ? '' : ` <${option.value}>`}`,
    option.meaning,
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const indent = 2;
const leftWidth = 30;

/** Two columns; what does not fit on the right goes on below itself. */
function entry([left, right]: Line, width: number): string {
  const room = Math.max(20, width - indent - leftWidth - 2);
  const lines = wrap(right, room);
  const gap = ' '.repeat(indent + leftWidth + 2);
  const first = `${' '.repeat(indent)}${left.padEnd(leftWidth)}  `;
  const head = left.length > leftWidth ? `${' '.repeat(indent)}${left}\n${gap}` : first;
  return `${head}${lines.join(`\n${gap}`)}\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
