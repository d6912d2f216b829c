import { readPlainYaml } from './plain-yaml.ts';
import type { Parsed } from './yaml.ts';

/**
 * Reads the documents of a file. The YAML library is loaded for the first file that is more than plain, or wrong:
 * most configurations never need it, and reading them with it takes ten times as long.
 */
export async function readYaml(text: string, file: string): Promise<Parsed> {
  const documents = readPlainYaml(text, file);
  if (documents !== undefined) return { documents, problems: [] };
  const { parseYaml } = await import('./yaml.ts');
  return parseYaml(text, file);
}
