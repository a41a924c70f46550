/**
 * Makes the stores that answer now those of a collection. Versions tell which of two contents is the later one; where they do not, since a key is in one store
 * alone, the store that the phase reads decides. So an operator says which store holds the truth, and it is only accepted where that is the one
 * that decides: otherwise repairs would destroy what is to count.
 */
import { type Phase, ROUTES, type StoreName } from '../protocol/phase.ts';
import { marksText } from '../records/marks.ts';
import { type Sight, storesOf } from './sight.ts';

export interface AcceptPorts {
  /** As it is published. `ahead`: the phase that a share of the keys is in; null for none. */
  phase(): Promise<{ readonly phase: Phase; readonly ahead: Phase | null }>;
  sights(phase: Phase): Promise<readonly Sight[]>;
  audit(action: string, detail: string): Promise<unknown>;
  /** No gate opens before a verification by content is clean that begins after that time. */
  note(until: number): Promise<void>;
  accept(stores: readonly StoreName[]): Promise<readonly Sight[]>;
  /** Milliseconds since the epoch, as the beginnings of runs are counted. */
  now(): number;
}

export interface Accepting {
  readonly collection: string;
  readonly why: string;
  /** Which store holds the truth; not said by consoles of the version before. */
  readonly truth?: StoreName | undefined;
}

/** @returns what each store was and is; or why nothing was accepted. */
export async function acceptIdentity(
  { collection, why, truth }: Accepting,
  ports: AcceptPorts,
): Promise<{ readonly before: readonly Sight[] } | { readonly refused: string }> {
  const { phase, ahead } = await ports.phase();
  const affected = storesOf(phase);
  if (affected.length === 0)
    return {
      refused: `${collection} is in ${phase}, where no store is remembered: there is nothing to accept`,
    };
  if (truth === undefined) return { refused: UNSAID };
  const sights = await ports.sights(phase);
  const told = sights.map(({ store, seen }) => `${store}: ${seen === null ? 'no answer' : marksText(seen)}`);
  const detail = `truth: ${truth}. ${why} (${told.join('; ')})`;
  const refused = refusalOf(collection, phase, ahead, truth);
  if (refused !== null) {
    await ports.audit(`${collection}: identity refused`, detail);
    return { refused };
  }
  // Before it is done: what has no entry has not happened.
  await ports.audit(`${collection}: identity accepted`, detail);
  await ports.note(ports.now());
  return { before: await ports.accept(affected) };
}

const UNSAID =
  'Say which store holds the truth where the two differ: --truth couchbase or --truth oracle. Nothing was accepted';

/** Where each store decides alone what the other one lacks. */
const DECIDES: Readonly<Record<StoreName, Phase>> = { couchbase: 'expand', oracle: 'settle' };

/** Null where the store decides about all keys. */
function refusalOf(collection: string, phase: Phase, ahead: Phase | null, truth: StoreName): string | null {
  const [decides, there] = [phase, ahead ?? phase].map((each) => ROUTES[each].flags.reads);
  if (decides !== there)
    return (
      `IDENTITY_RAMP: ${collection} is in ${phase}, where ${decides} decides what the other store lacks, and a share of its keys in ${ahead}, where ${there} does. ` +
      'Nothing was accepted. Take the share back first, which needs no store, and wait for the bake after it: ' +
      `npx crossfade set expand --collection ${collection}; then accept again`
    );
  return truth === decides ? null : refusal(collection, phase, truth);
}

function refusal(collection: string, phase: Phase, truth: StoreName): string {
  const other: StoreName = truth === 'oracle' ? 'couchbase' : 'oracle';
  const to = DECIDES[truth];
  return (
    `IDENTITY_TRUTH: ${collection} is in ${phase}, where ${other} decides what the other store lacks, so repairs would not follow ${truth}. Nothing was accepted. ` +
    `To follow ${truth}, take the collection to ${to} first, while nothing is repaired: npx crossfade set ${to} --collection ${collection}, then ` +
    `npx crossfade force ${collection} --why "…" --confirm for each move once its bake is over, and accept again there. To follow ${other}, say --truth ${other}`
  );
}
