/** One heading of a pack; gives nothing where there is nothing to see. */
export interface Section {
  readonly title: string;
  read(): Promise<string | undefined>;
}
