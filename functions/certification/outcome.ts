/** One check, run to its end: what it finds, or why it has failed. */
import { shortened } from '../parsing/quoted.ts';
import { CallFailed } from '../protocol/call.ts';
import type { Checked } from './certificate.ts';
import type { Check, Finding, Ports } from './check.ts';
import { NotKept, Skipped } from './not_kept.ts';

/** Characters. */
const LONGEST = 500;

/** A call without a clear answer says nothing of what a store promises: the check is made again, with documents of its own. */
const TRIES = 3;

/** A check has not ended in its time. */
class TimedOut extends Error {
  constructor(milliseconds: number) {
    super(
      `CERTIFY_TIMED_OUT: it has not ended within ${milliseconds / 1000} s, and was given up; the checks after it were run all the same`,
    );
  }
}

/** Never rejects. A check that hangs in a call that is never answered has failed, once its time is up. */
export async function outcomeOf(check: Check, ports: Ports): Promise<Checked> {
  const began = ports.steady();
  const { figures, ...finding } = await tried(check, ports);
  return { name: check.name, figures, ...finding, took: Math.round(ports.steady() - began) };
}

async function tried(check: Check, ports: Ports): Promise<Finding> {
  for (let tries = 1; ; tries++)
    try {
      const finding = await inTime(check, ports);
      return tries === 1 ? finding : { ...finding, figures: { ...finding.figures, tries } };
    } catch (error) {
      const isLast = tries === TRIES || ports.timeLeft() < check.atMost;
      if (!(error instanceof CallFailed) || isLast) return findingOf(error);
    }
}

/** What is given up cannot be broken off: it stands still at its next pause, so that it keeps no store busy beside the next checks. */
function inTime(check: Check, ports: Ports): Promise<Finding> {
  const late = Promise.withResolvers<never>();
  let isLate = false;
  const cancel = ports.after(check.atMost, () => {
    isLate = true;
    late.reject(new TimedOut(check.atMost));
  });
  const sleep = async (milliseconds: number) => {
    await ports.sleep(milliseconds);
    if (isLate) await new Promise<never>(() => {});
  };
  const run = async () => check.run({ ...ports, sleep });
  return Promise.race([run(), late.promise]).finally(cancel);
}

function findingOf(error: unknown): Finding {
  if (error instanceof Skipped)
    return { state: 'skipped', figures: {}, why: shortened(error.message, LONGEST), next: error.next };
  if (error instanceof TimedOut)
    return {
      ...{ state: 'failed', figures: {}, why: error.message },
      next: 'Look whether both stores answer (npx crossfade doctor), and into the log of the function, and certify again',
    };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return {
    ...{ state: 'failed', figures: {} },
    why: shortened(error instanceof NotKept ? message : `${name}: ${message}`, LONGEST),
    next:
      error instanceof NotKept
        ? 'Do not move a collection to these servers. Certify again to see whether it comes back, and send the report to those who keep Crossfade'
        : error instanceof CallFailed
          ? `It got no clear answer, ${TRIES} times at the most. Look whether the store is well (npx crossfade doctor) and whether timing.call is long enough for it, and certify again`
          : 'Mend what the message says, and certify again',
  };
}
