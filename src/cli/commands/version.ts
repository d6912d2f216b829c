import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printJson } from '../print/print-json.ts';
import { programVersion } from '../version.ts';

/** `watcher version`: of this program and of what it runs on. */
export const version: Command = async ({ io, options }) => {
  const facts = {
    version: 1,
    watcher: programVersion,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
  if (options['json']) io.out(printJson(facts));
  else io.out(`watcher ${facts.watcher} (Node ${facts.node}, ${facts.platform})\n`);
  return exitCodes.ok;
};
