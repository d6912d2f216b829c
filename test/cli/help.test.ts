import { describe, expect, it } from 'vitest';
import { commands, globalOptions } from '../../src/cli/commands.ts';
import { printHelp } from '../../src/cli/help.ts';
import { plainStyle } from '../../src/cli/print/style.ts';

describe('printHelp', () => {
  it('names every command and every option of all', () => {
    const help = printHelp(undefined, { style: plainStyle });
    for (const { name } of commands) expect(help).toContain(`\n  ${name} `);
    for (const { name } of globalOptions) expect(help).toContain(`--${name}`);
  });

  it.each(commands)('$name: every option, in the width of the terminal', (command) => {
    const help = printHelp(command, { style: plainStyle, columns: 60 });
    expect(help.startsWith(`watcher ${command.name}`)).toBe(true);
    for (const { name } of command.options ?? []) expect(help).toContain(`--${name}`);
    for (const line of help.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(62);
  });
});
