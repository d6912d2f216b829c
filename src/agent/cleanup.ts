/** What must be undone when the agent stops, by name, in the reverse order in which it was done. */
export interface Cleanup {
  add(name: string, undo: () => void | Promise<void>): void;
  /** Undoes everything once; one that fails does not keep the others from being undone. */
  run(): Promise<void>;
}

/** Nothing to undo yet. What fails while it is undone goes to `onTrouble`, with its name. */
export function createCleanup(onTrouble: (name: string, error: unknown) => void): Cleanup {
  const stack: (readonly [name: string, undo: () => void | Promise<void>])[] = [];
  return {
    add: (name, undo) => void stack.push([name, undo]),
    async run() {
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        const [name, undo] = next;
        try {
          await undo();
        } catch (error) {
          onTrouble(name, error);
        }
      }
    },
  };
}
