import { didYouMean } from '../../lib/nearest.ts';
import type { Command } from '../command.ts';
import { complain } from '../complain.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { printKind } from '../print/print-kind.ts';
import { printTable } from '../print/table.ts';
import { describeKinds } from '../rules/describe-kinds.ts';

/** `watcher kinds` (a list) and `watcher kinds http` (its options, readings and an example). */
export const kinds: Command = async ({ io, options, arguments: [name] }) => {
  const all = describeKinds();
  const wanted = name === undefined ? all : all.filter((kind) => kind.kind === name);
  if (wanted.length === 0) {
    const names = all.map(({ kind }) => kind);
    const hint = didYouMean(name ?? '', names) ?? "'watcher kinds' lists them";
    return complain(io, exitCodes.missing, `there is no kind '${name}'`, hint);
  }
  if (options['json']) io.out(printJson({ version: 1, kinds: wanted }));
  else if (name !== undefined) io.out(wanted.map((kind) => printKind(kind, io)).join('\n'));
  else {
    io.out(
      printTable(
        wanted,
        [
          { title: 'KIND', value: ({ kind }) => kind },
          { title: 'OF', value: ({ family }) => family },
          { title: 'WHAT', value: ({ summary }) => summary },
        ],
        io,
      ),
    );
  }
  return exitCodes.ok;
};
