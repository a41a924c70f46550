/** One check, run to its end: what it finds, or why it has failed. */
import { shortened } from '../parsing/quoted.ts';
import type { Checked } from './certificate.ts';
import type { Check, Finding, Ports } from './check.ts';
import { NotKept, Skipped } from './not_kept.ts';

/** Characters. */
const LONGEST = 500;

/** Never rejects. */
export async function outcomeOf(check: Check, ports: Ports): Promise<Checked> {
  const began = ports.steady();
  const finding = await check.run(ports).catch(findingOf);
  return { name: check.name, ...finding, took: Math.round(ports.steady() - began) };
}

function findingOf(error: unknown): Finding {
  if (error instanceof Skipped)
    return { state: 'skipped', figures: {}, why: shortened(error.message, LONGEST), next: error.next };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return {
    ...{ state: 'failed', figures: {} },
    why: shortened(error instanceof NotKept ? message : `${name}: ${message}`, LONGEST),
    next:
      error instanceof NotKept
        ? 'Do not move a collection to these servers. Certify again to see whether it comes back, and send the report to those who keep Crossfade'
        : 'Mend what the message says, and certify again',
  };
}
