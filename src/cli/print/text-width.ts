const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Cells that a text takes on a terminal (wide East Asian characters take two, combining marks none). */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text in at most `cells` cells, with `…` where something was cut. */
export function cutText(text: string, cells: number): string {
  if (textWidth(text) <= cells) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > cells - 1) break;
    kept += character;
  }
  return cells < 1 ? '' : `${kept.trimEnd()}…`;
}

function characterWidth(character: string): number {
  if (character < '\u007f') return 1;
  if (invisible.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
