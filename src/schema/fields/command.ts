import type { CommandSpec } from '../../model/service.ts';
import type { Field, ReadContext } from '../field.ts';
import { fieldsSchema } from '../fields-schema.ts';
import type { ListNode, Node } from '../node.ts';
import { readFields } from '../read-fields.ts';
import { list, record } from './collections.ts';
import { either, printFields } from './group.ts';
import { makeField, type PresenceOf, plain, quoteIfNeeded, type Settings } from './make-field.ts';
import { mismatch } from './mismatch.ts';
import { flag } from './numbers.ts';
import { path } from './path.ts';
import { text } from './text.ts';
import { duration } from './units.ts';

interface CommandSettings extends Settings<readonly string[]> {
  /** Default of its `timeout`, as a user would write it (30s if absent). */
  readonly timeout?: string;
}

/**
 * A program to run: a list of its name and arguments, or a map `{ run: [...], timeout, user, group, cwd, env, shell }`.
 * One text is a problem, as it would need a shell to take it apart, unless the map says `shell: true`.
 */
export function command<const S extends CommandSettings = typeof plain>(
  settings: S = plain as unknown as S,
): Field<CommandSpec, PresenceOf<S>> {
  const { timeout = '30s' }: CommandSettings = settings;
  const fields = commandFields(timeout);
  const fallback = fields.timeout.defaultValue ?? 30_000;
  return makeField<CommandSpec, readonly string[], S>(settings, {
    type: 'command',
    schema: {
      anyOf: [{ type: 'array', items: { type: ['string', 'number'] }, minItems: 1 }, fieldsSchema(fields)],
    },
    fits: (node) => node.kind !== 'scalar',
    value: (argv) => ({ argv, shell: false, env: {}, timeout: fallback }),
    write: (argv) => JSON.stringify(argv),
    print: (spec) => printCommand(spec, fields, fallback),
    read: (node, context) => {
      if (node.kind === 'list') {
        const argv = readArguments(node, context);
        return argv === undefined ? undefined : { argv, shell: false, env: {}, timeout: fallback };
      }
      if (node.kind === 'scalar') return plainText(node, context);
      const run = node.entries.find((entry) => entry.key === 'run');
      const shell = node.entries.find((entry) => entry.key === 'shell')?.value;
      const inShell = shell?.kind === 'scalar' && shell.value === true;
      const value = readFields(fields, node, context, { what: context.name ?? 'the command' });
      if (value === undefined || run === undefined) return undefined;
      const { run: words, ...rest } = value;
      if (inShell) {
        if (typeof words === 'string') return { ...rest, argv: [words] };
        return mismatch({ ...context, name: 'run' }, run.value, {
          code: 'wrong-type',
          expected: 'one text for the shell',
        });
      }
      if (typeof words === 'string') return plainText(run.value, { ...context, name: 'run' });
      const argv = run.value.kind === 'list' ? readArguments(run.value, context) : undefined;
      return argv === undefined ? undefined : { ...rest, argv };
    },
  });
}

function printCommand(spec: CommandSpec, fields: ReturnType<typeof commandFields>, timeout: number): string {
  const { argv, shell, env, ...rest } = spec;
  const run = shell ? JSON.stringify(argv[0] ?? '') : `[${argv.map(quoteIfNeeded).join(', ')}]`;
  const others = {
    ...rest,
    timeout: spec.timeout === timeout ? undefined : spec.timeout,
    env: Object.keys(env).length === 0 ? undefined : env,
    shell: shell ? true : undefined,
  };
  const set = Object.entries(others).filter(([, value]) => value !== undefined);
  if (set.length === 0) return run;
  return `{ run: ${run}, ${printFields(fields, Object.fromEntries(set)).slice(2)}`;
}

function commandFields(timeout: string) {
  return {
    run: either([list(text({ summary: '', empty: true })), text()], {
      summary: 'The program and its arguments; one text for the shell with shell: true.',
      example: '[/usr/bin/systemctl, is-active, nginx]',
    }),
    timeout: duration({ summary: 'How long it may take before it is ended.', default: timeout, min: '1ms' }),
    user: text({ summary: 'Run it as this user (needs root).', optional: true }),
    group: text({ summary: 'Run it with this group (needs root).', optional: true }),
    cwd: path({ summary: 'Working folder.', optional: true }),
    env: record(text({ summary: '', empty: true }), {
      summary: 'Environment variables to add.',
      default: {},
    }),
    shell: flag({ summary: 'Give the text of run to /bin/sh.', default: false }),
  };
}

function readArguments(node: ListNode, context: ReadContext): readonly string[] | undefined {
  if (node.items.length === 0) {
    return mismatch(context, node, { code: 'too-few', expected: 'a program and its arguments' });
  }
  const [program] = node.items;
  const read = list(text({ summary: '', empty: true })).read(node, context);
  if (program !== undefined && read !== undefined && read[0] === '') {
    return mismatch(context, program, { code: 'empty-text', expected: 'the name of a program' });
  }
  return read;
}

function plainText(node: Node, context: ReadContext): undefined {
  const text = node.kind === 'scalar' && node.secret === undefined ? node.source : '';
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const needsShell = /[|&;<>()$`"'*?~]/.test(text);
  const asList = `write it as a list: [${words.join(', ')}]`;
  return mismatch(context, node, {
    code: 'command-text',
    expected: 'a list of the program and its arguments',
    hint:
      words.length === 0
        ? undefined
        : needsShell
          ? `write it as a list, or as { run: '...', shell: true } if it needs a shell`
          : asList,
  });
}
