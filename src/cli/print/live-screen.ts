/** A block of lines at the end of a terminal that is drawn again in place, below log lines that scroll by. */
export interface LiveScreen {
  /** Replaces the block. Lines must fit the width of the terminal; those that do not fit its height are left out. */
  readonly show: (block: string) => void;
  /** Prints above the block. */
  readonly log: (text: string) => void;
  /** Leaves the last block where it is. */
  readonly end: () => void;
}

export interface ScreenPlace {
  readonly write: (text: string) => void;
  /** Lines of the terminal just now. */
  readonly rows: () => number;
}

/** ECMA-48: CPL goes up to the beginning of a line, ED erases from there to the end of the screen. */
export function createLiveScreen({ write, rows }: ScreenPlace): LiveScreen {
  let block = '';
  let height = 0;
  const erase = (): string => (height === 0 ? '' : `\u001b[${height}F\u001b[J`);
  const draw = (): string => {
    // The cursor stands below the block: one line is needed for it.
    const lines = block
      .split('\n')
      .slice(0, -1)
      .slice(0, Math.max(1, rows() - 1));
    height = lines.length;
    return lines.map((line) => `${line}\n`).join('');
  };
  return {
    show(text) {
      const before = erase();
      block = text.endsWith('\n') ? text : `${text}\n`;
      write(before + draw());
    },
    log(text) {
      write(erase() + (text.endsWith('\n') ? text : `${text}\n`) + draw());
    },
    end() {
      block = '';
      height = 0;
    },
  };
}
