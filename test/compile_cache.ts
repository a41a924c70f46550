/**
 * The processes of a run of the tests share what Node has compiled: there are several hundred of them, and most spend half of their time on
 * loading the same modules.
 */
import { fileURLToPath } from 'node:url';

/** `npm ci` empties it. An entry for each file, replaced when the file changes. */
const FOLDER = fileURLToPath(new URL('../node_modules/.cache/crossfade/compiled', import.meta.url));

/** Called by `node --test` before it starts any of them. */
export function globalSetup(): void {
  process.env.NODE_COMPILE_CACHE ??= FOLDER;
}
