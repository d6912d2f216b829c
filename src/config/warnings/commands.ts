import type { Place } from '../../schema/place.ts';
import type { Problem } from '../../schema/problem.ts';
import { commandsIn } from '../commands-in.ts';
import type { Look } from './looking.ts';
import { placeOf } from './looking.ts';

/** Programs that are found by luck: by a relative path, or by the PATH of whoever starts the agent. */
export const checkCommands: Look = ({ drafts }) =>
  drafts.services.flatMap((draft): readonly Problem[] => {
    const { service, origins, place, checks } = draft;
    const at =
      (setting: string, ...below: readonly string[]) =>
      (): Place =>
        origins(setting, ...below)?.place ?? place;
    const { kind = '', options = {} } = service.manager ?? {};
    return [
      ...Object.entries(options).flatMap(([name, value]) => look(value, at('manager', kind, name))),
      ...look(service.evidence.commands, at('evidence')),
      ...look(service.holdWhile, at('hold_while')),
      ...checks.flatMap((check) => [
        ...look(check.check.options, () => placeOf(check, check.check.kind)),
        ...look(check.check.repair, () => placeOf(check, 'repair')),
      ]),
    ];
  });

function look(value: unknown, place: () => Place): readonly Problem[] {
  return commandsIn(value).flatMap((command): readonly Problem[] => {
    const [program = ''] = command.argv;
    if (command.shell || program.startsWith('/')) return [];
    if (program.includes('/')) {
      if (command.cwd !== undefined) return [];
      return [
        {
          level: 'warning',
          code: 'relative-command',
          message: `'${program}' is no whole path, and is looked for below /`,
          place: place(),
          hint: 'write the whole path, or set cwd:',
        },
      ];
    }
    if (command.env['PATH'] !== undefined) return [];
    return [
      {
        level: 'warning',
        code: 'command-without-path',
        message: `'${program}' is looked for in the PATH of whoever starts the agent`,
        place: place(),
        hint: `write the whole path, such as /usr/bin/${program}, or give env: { PATH: ... }`,
      },
    ];
  });
}
