/** A bug that is planted into workers, as a crash in a driver: whoever decodes a certain text is ended. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../infra/bundle.ts';
import type { Deployment } from '../../infra/local/deploy.ts';

/** Part of a document that ends the process of its worker. */
export const ENDING = 'ends the process of its worker';

/** Not of the API: whatever is planted past it, no client asks for it. */
const WORKERS: readonly Entry[] = ['backfill', 'verify', 'reconcile'];

/** In front of a bundle. Whoever looks for the columns of a document, or compares it, decodes its body. */
const BUG = `{
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function (...given) {
    const text = decode.apply(this, given);
    if (text.includes(${JSON.stringify(ENDING)})) process.exit(1);
    return text;
  };
}
`;

/** To be called before any of them has started. */
export async function plantExit(deployment: Pick<Deployment, 'entry'>): Promise<void> {
  for (const worker of WORKERS) {
    const { LAMBDA_TASK_ROOT = '' } = deployment.entry(worker).settings.environment;
    const bundle = join(LAMBDA_TASK_ROOT, `${worker}.mjs`);
    await writeFile(bundle, `${BUG}${await readFile(bundle, 'utf8')}`);
  }
}
