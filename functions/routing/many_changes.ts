/** Changes of one collection, as many as a topic gives out at once: some at a time, and one that no row can have stops none of the others. */
import { CallFailed } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import { PoisonDocument } from '../stores/failure.ts';
import { type Change, type ChangePorts, type Taken, takeChanges } from './changes.ts';

const NOTHING: Taken = { known: 0, collapsed: 0, receipts: 0, unsent: 0, notTaken: 0 };

/** Changes of one statement, and of as many receipts as the queue is sent at once. */
const MOST = 100;

export interface ManyTaken {
  readonly taken: Taken;
  /** Those that Oracle will never be asked for, by their keys. Nothing was done about them. */
  readonly poison: readonly string[];
}

/** Not all changes could be taken. Those that were are known, or their receipts are on their way: all of them may come again. */
export class ChangesLeft extends Error {
  override readonly name = 'ChangesLeft';

  constructor(collection: string, left: number, why: string) {
    super(`FEED_BEHIND: ${left} changes of ${collection} are not taken, since ${why}: the batch comes again`);
  }
}

/** @param timely whether there is time for more. Throws `ChangesLeft`, and what a port throws that no repetition mends. */
export async function takeMany(
  collection: string,
  phase: Phase,
  changes: readonly Change[],
  ports: ChangePorts,
  timely: () => boolean,
): Promise<ManyTaken> {
  const patient = askingOnce(ports);
  let taken = NOTHING;
  const poison: string[] = [];
  for (let at = 0; at < changes.length; at += MOST) {
    if (!timely()) throw new ChangesLeft(collection, changes.length - at, 'no time is left');
    const some = await takeSome(collection, phase, changes.slice(at, at + MOST), patient);
    taken = sumOf(taken, some.taken);
    poison.push(...some.poison);
    if (taken.unsent > 0)
      throw new ChangesLeft(collection, changes.length - at, 'the queue of receipts does not take them');
  }
  return { taken, poison };
}

async function takeSome(
  collection: string,
  phase: Phase,
  changes: readonly Change[],
  ports: ChangePorts,
): Promise<ManyTaken> {
  try {
    return { taken: await takeChanges(collection, phase, changes, ports), poison: [] };
  } catch (error) {
    if (!(error instanceof PoisonDocument)) throw error;
  }
  let taken = NOTHING;
  const poison: string[] = [];
  for (const change of changes)
    try {
      taken = sumOf(taken, await takeChanges(collection, phase, [change], ports));
    } catch (error) {
      if (!(error instanceof PoisonDocument)) throw error;
      poison.push(change.key);
    }
  return { taken, poison };
}

/** A store that is away is waited for once: without its answer each change is looked at later. */
function askingOnce(ports: ChangePorts): ChangePorts {
  let away: CallFailed | null = null;
  return {
    ...ports,
    versions: async (collection, keys) => {
      if (away !== null) throw away;
      return ports.versions(collection, keys).catch((error: unknown) => {
        if (error instanceof CallFailed) away = error;
        throw error;
      });
    },
  };
}

function sumOf(one: Taken, other: Taken): Taken {
  return {
    known: one.known + other.known,
    collapsed: one.collapsed + other.collapsed,
    receipts: one.receipts + other.receipts,
    unsent: one.unsent + other.unsent,
    notTaken: one.notTaken + other.notTaken,
  };
}
