import { oneLine } from './one-line.ts';
import type { Style } from './style.ts';
import { cutText, textWidth } from './text-width.ts';

/** A column of a table. The last column takes what is left and is the first to be cut. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** Paints the padded cell. */
  readonly paint?: (cell: string, row: Row) => string;
  readonly align?: 'right';
}

export interface TableOptions {
  readonly style: Style;
  /** Cut to this many cells; absent: nothing is cut. */
  readonly columns?: number;
}

/** Narrowest a cut column becomes. */
const narrowest = 8;

/** Rows in aligned columns, two blanks between them, with a heading; ends with a line end. */
export function printTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[index] ?? ''))),
  );
  if (options.columns !== undefined) shrink(widths, options.columns);
  const heading = line(
    columns.map((column) => column.title),
    widths,
    columns,
  );
  const body = cells.map((texts, index) => {
    const row = rows[index] as Row;
    return line(texts, widths, columns, (cell, column) => column.paint?.(cell, row) ?? cell);
  });
  return `${[options.style.bold(heading), ...body].join('\n')}\n`;
}

/** Takes what is too much from the last column first, then from the widest ones. */
function shrink(widths: number[], available: number): void {
  const gaps = 2 * (widths.length - 1);
  let excess = widths.reduce((sum, width) => sum + width, gaps) - available;
  for (let index = widths.length - 1; index >= 0 && excess > 0; index--) {
    const width = widths[index] ?? 0;
    const taken = Math.min(excess, Math.max(0, width - narrowest));
    widths[index] = width - taken;
    excess -= taken;
  }
}

function line<Row>(
  texts: readonly string[],
  widths: readonly number[],
  columns: readonly Column<Row>[],
  paint: (cell: string, column: Column<Row>) => string = (cell) => cell,
): string {
  return columns
    .map((column, index) => {
      const last = index === columns.length - 1;
      const text = cutText(texts[index] ?? '', widths[index] ?? 0);
      const filling = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(text)));
      const padded = column.align === 'right' ? filling + text : last ? text : text + filling;
      return text === '' ? padded : paint(padded, column);
    })
    .join('  ')
    .trimEnd();
}
