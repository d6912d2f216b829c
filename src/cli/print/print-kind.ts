import type { Io } from '../io.ts';
import type { KindDescription, OptionDescription } from '../rules/describe-kinds.ts';
import { printTable } from './table.ts';

/** Everything about one kind, for people. */
export function printKind(kind: KindDescription, io: Pick<Io, 'style' | 'columns'>): string {
  const { style } = io;
  const parts = [`${style.bold(kind.kind)} (${kind.family})\n${kind.summary}\n`];
  if (kind.options.length > 0) {
    parts.push(
      printTable(
        kind.options,
        [
          {
            title: 'OPTION',
            value: (option) => (option.name === kind.main ? `${option.name} *` : option.name),
          },
          { title: 'TYPE', value: (option) => option.type },
          { title: 'DEFAULT', value: defaultOf },
          { title: 'MEANING', value: (option) => option.summary },
        ],
        { style },
      ),
    );
    if (kind.main !== undefined) {
      parts.push(`* a plain value stands for it: ${kind.kind}: <${kind.main}>\n`);
    }
  }
  if (kind.readings.length > 0) {
    parts.push(
      printTable(
        kind.readings,
        [
          { title: 'READING', value: (reading) => reading.name },
          { title: 'UNIT', value: (reading) => reading.unit },
          { title: 'MEANING', value: (reading) => reading.meaning },
        ],
        { style },
      ),
    );
  }
  if (kind.expects.length > 0) parts.push(`Expected unless you say otherwise: ${kind.expects.join(', ')}\n`);
  const notes = Object.entries(kind.notes).map(([name, text]) => `${style.bold(name)}: ${text}\n`);
  if (notes.length > 0) parts.push(notes.join(''));
  const example = kind.example.split('\n').map((line) => `  ${line}`.trimEnd());
  parts.push(`${style.bold('Example')}\n${example.join('\n')}\n`);
  return parts.join('\n');
}

/** The default, or that there must or need not be a value. */
export function defaultOf(option: OptionDescription): string {
  if (option.presence === 'required') return 'required';
  return option.default ?? '';
}
