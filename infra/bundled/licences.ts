/** The licences of what others have made of the bundle. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundled, ROOT } from './packages.ts';

const TEXT = /^(licen[cs]e|notice|copying|third_party_licenses)/i;

/** One page with the texts that each package comes with. The same packages make the same page. */
export function licencesOf(packages: readonly Bundled[]): string {
  const seen = new Map<string, string>();
  const chapters = packages.map((each) => {
    const title = `${each.name} ${each.version}`;
    const texts = textsIn(each.folder).map(({ file, text }) => {
      const first = seen.get(text);
      if (first !== undefined) return `${file}: the same as of ${first}`;
      seen.set(text, title);
      return `${file}:\n\n${text}`;
    });
    if (texts.length === 0)
      texts.push(`It comes with no text of its licence. Its author: ${each.author ?? 'not named'}.`);
    return [`${'='.repeat(80)}\n${title}\nLicence: ${each.license}`, ...texts].join('\n\n');
  });
  return `${HEAD}\n\n${chapters.join('\n\n')}\n`;
}

const HEAD = 'The functions are Crossfade, under the Apache License 2.0, and hold code of these packages:';

function textsIn(folder: string): { readonly file: string; readonly text: string }[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => TEXT.test(file))
    .sort()
    .map((file) => ({
      file,
      text: readFileSync(join(ROOT, folder, file), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim(),
    }));
}
