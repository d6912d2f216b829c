/** Paints a text, or hands it back as it is. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly odd: Paint;
  readonly busy: Paint;
}

type Paint = (text: string) => string;

const same: Paint = (text) => text;

/** ECMA-48 SGR: set, text, reset of that attribute only. */
function sgr(on: number, off: number): Paint {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
}

export const plainStyle: Style = { bold: same, dim: same, good: same, bad: same, odd: same, busy: same };

export const terminalStyle: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  odd: sgr(33, 39),
  busy: sgr(36, 39),
};
