import type { Notice } from '../model/notice.ts';

/** Characters of one evidence pack that are attached: mail servers refuse large mails. */
const MOST = 512 * 1024;

/** The evidence packs of a notice's incidents as attachments; one that cannot be read is left out. */
export async function evidenceFiles(
  notice: Notice,
  read: (name: string) => Promise<string | undefined>,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const files: { name: string; text: string }[] = [];
  for (const item of notice.items) {
    if (item.evidence === undefined) continue;
    const text = await read(item.evidence);
    if (text === undefined) continue;
    const kept = text.length <= MOST ? text : `${text.slice(0, MOST)}\n(the rest is left out)\n`;
    files.push({ name: `evidence-${item.incident}.txt`, text: kept });
  }
  return files;
}
