import { describe, expect, it } from 'vitest';
import { commands, globalOptions } from '../../src/cli/commands.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';

function parse(line: string) {
  const parsed = parseArguments(line.split(' ').filter(Boolean), commands, globalOptions);
  if (!parsed.ok) return `${parsed.message} | ${parsed.hint}`;
  return { command: parsed.command?.name, arguments: parsed.arguments, options: parsed.options };
}

describe('parseArguments', () => {
  it.each([
    ['summary', 'summary', [], {}],
    ['--json summary api web', 'summary', ['api', 'web'], { json: true }],
    ['-c x.yaml restart api --wait', 'restart', ['api'], { config: 'x.yaml', wait: true }],
    ['restart --config=x.yaml -q api', 'restart', ['api'], { config: 'x.yaml', quiet: true }],
    ['events -fn 5', 'events', [], { follow: true, lines: '5' }],
    ['unmonitor all --for 30m', 'unmonitor', ['all'], { for: '30m' }],
    ['silence api --for 2h --no-repair', 'silence', ['api'], { for: '2h', 'no-repair': true }],
    ['incident -- -odd-name', 'incident', ['-odd-name'], {}],
    ['--version', undefined, [], { version: true }],
    ['restart --help', 'restart', [], { help: true }],
    ['', undefined, [], {}],
  ])('%s', (line, command, words, options) => {
    expect(parse(line)).toEqual({ command, arguments: words, options });
  });

  it.each([
    ['sumary', "there is no command 'sumary' | did you mean 'summary'?"],
    ['zzzzzzzz', "there is no command 'zzzzzzzz' | 'watcher --help' lists the commands"],
    ['summary --jsno', "watcher summary has no option '--jsno' | did you mean '--json'?"],
    ['summary --wait', "watcher summary has no option '--wait' | 'watcher summary --help' lists the options"],
    ['summary -x', "watcher summary has no option '-x' | 'watcher summary --help' lists the options"],
    ['--wiat', "watcher has no option '--wiat' | 'watcher --help' lists the options"],
    ['summary --json=yes', '--json takes no value | write it alone: --json'],
    ['unmonitor api --for', '--for needs a value | write: --for <duration>'],
    ['unmonitor api --for --wait', '--for needs a value | write: --for <duration>'],
    ['restart', 'restart needs more to go by | write: watcher restart <service...>'],
    ['incident a b', 'incident takes at most 1 | write: watcher incident <id>'],
    ['quit now', 'quit takes no arguments | write: watcher quit'],
  ])('%s is refused', (line, said) => {
    expect(parse(line)).toBe(said);
  });
});

describe('the table of commands', () => {
  it('gives an option of one name the same shape everywhere: the parser reads it before it knows the command', () => {
    const shapes = new Map<string, string>();
    for (const option of [...globalOptions, ...commands.flatMap((command) => command.options ?? [])]) {
      const shape = `${option.value === undefined ? 'flag' : 'value'} ${option.short ?? ''}`;
      expect(shapes.get(option.name) ?? shape).toBe(shape);
      shapes.set(option.name, shape);
    }
  });

  it('has every name and every short option once', () => {
    const names = commands.map((command) => command.name);
    expect(new Set(names).size).toBe(names.length);
    const every = [...globalOptions, ...commands.flatMap((command) => command.options ?? [])];
    const byShort = new Map(every.flatMap(({ short, name }) => (short === undefined ? [] : [[short, name]])));
    for (const { short, name } of every) if (short !== undefined) expect(byShort.get(short)).toBe(name);
  });
});
