/** What was bundled with the functions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Parsed, parseConfiguration } from '../configuration/configuration.ts';

/** The configuration, which lies in the folder of the bundle. Throws `BadConfiguration`. */
export function bundledConfiguration(): Parsed {
  const file = join(import.meta.dirname, 'crossfade.json');
  return parseConfiguration(JSON.parse(readFileSync(file, 'utf8')), file);
}

/** Which release of the stores' code it is, as certificates name it. */
export function bundledCode(): string {
  const file = join(import.meta.dirname, 'stores.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly code: string }).code;
}
