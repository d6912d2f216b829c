import type { AgentInfo, SummaryRow } from '../../control/api.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Io } from '../io.ts';
import { paintState } from './paint-state.ts';
import { printTable } from './table.ts';

/** One line for each service. `now` in wall milliseconds. */
export function printSummary(
  rows: readonly SummaryRow[],
  now: number,
  io: Pick<Io, 'style' | 'columns'>,
): string {
  return printTable(
    rows,
    [
      { title: 'SERVICE', value: (row) => row.service },
      { title: 'STATE', value: stateText, paint: (cell, row) => paintState(io.style, row.state)(cell) },
      { title: 'SINCE', value: (row) => formatDuration(Math.max(0, now - row.since)), align: 'right' },
      { title: 'PROBLEM', value: problemText },
    ],
    io,
  );
}

function stateText(row: SummaryRow): string {
  return row.silenced ? `${row.state} (silenced)` : row.state;
}

function problemText(row: SummaryRow): string {
  return [row.problem, row.activity ?? ''].filter((text) => text !== '').join('; ');
}

/** What is the matter with the agent itself, one sentence each; empty when nothing is. */
export function agentNotes(agent: AgentInfo): readonly string[] {
  const notes: string[] = [];
  if (agent.distrust !== undefined) {
    notes.push(
      `The agent does not trust its results just now, and repairs and tells nothing: ${agent.distrust}`,
    );
  }
  if (agent.reloadRefused !== undefined) {
    notes.push(
      `The last reload was refused, the old rules still run: ${agent.reloadRefused.summary} (see 'watcher check')`,
    );
  }
  if (agent.stateTrouble !== undefined) {
    notes.push(
      `The state cannot be saved, the agent goes on from memory and tries again: ${agent.stateTrouble}`,
    );
  }
  if (agent.undelivered > 0) {
    const many = agent.undelivered === 1 ? '1 notice waits' : `${agent.undelivered} notices wait`;
    notes.push(`${many} for delivery.`);
  }
  return notes;
}
