/**
 * What may be lost or late where a move is forced, by kind. Each kind is counted exactly, or its count is not known, and it says why:
 * an unknown number is never a 0.
 */

import type { KeyAtRisk } from '../books/risk.ts';
import type { Move } from '../control/publish.ts';
import type { Ended } from '../records/run.ts';
import { unreached } from '../stores/reach.ts';
import type { Asked } from './four_eyes.ts';
import { known, orThrow, type Runs, runsOf, unknown } from './risk_counts.ts';
import { FOUND, RISK_NAMES, RISKS, type Risk, type RiskName, type RiskPorts } from './risks.ts';

export interface AtRisk {
  readonly risks: readonly Risk[];
  /** Receipts as SQS counts them, which it does approximately; null where it does not answer. */
  readonly receipts: {
    readonly delayed: number;
    readonly due: number;
    readonly hidden: number;
    readonly waiting: number;
  } | null;
  /** The last verification of all keys; null where none is known. */
  readonly compared: Pick<Ended, 'id' | 'started' | 'phase' | 'options'> | null;
  /** For consoles of the version before: why nothing is known, and the first keys. */
  readonly unknown: string | null;
  readonly keys: readonly { readonly key: string; readonly why: string }[];
}

/** What a force answers. */
export interface Forced {
  readonly atRisk: AtRisk;
  /** Null where nothing was done. */
  readonly moved: Move | null;
  /** The request that a second operator has to confirm, or has confirmed. Without a move it is all that was done. */
  readonly asked?: Asked;
  /** Whether the audit log had an entry before the move was made, and why not. */
  readonly audited?: boolean;
  readonly because?: string | null;
}

/** Keys that are told with the counts. */
const FIRST = 5;
/** Never rejects: an emergency is what this is for. */
export async function atRisk(collection: string, ports: RiskPorts): Promise<AtRisk> {
  const asked = <A>(question: () => Promise<A>): Promise<A | { readonly failed: string }> =>
    question().catch((error: unknown) => ({ failed: unreached(error) ?? String(error) }));
  const all = await asked(() => runsOf(ports));
  const receipts = await asked(ports.receipts);
  const letters = await asked(ports.letters);
  const one = async (name: RiskName): Promise<Risk> => {
    const found = await asked(async () => ({
      known: await known(name, collection, ports, orThrow(all), letters),
      keys: (await page(name, orThrow(all), ports, null, FIRST)).keys,
    }));
    const { known: counted, keys } = 'failed' in found ? { known: unknown(found.failed), keys: [] } : found;
    return { name, what: RISKS[name], ...counted, keys: keys.map(({ key, why }) => ({ key, why })) };
  };
  const risks: Risk[] = [];
  // One after the other: the later ones cost time that the first ones need.
  for (const name of [...RISK_NAMES.slice(1), RISK_NAMES[0] as RiskName]) risks.push(await one(name));
  risks.unshift(...risks.splice(-1));
  const waiting = 'failed' in letters ? 0 : letters.waiting;
  return {
    risks,
    receipts: 'failed' in receipts ? null : { ...receipts, waiting },
    compared: 'failed' in all ? null : all.compared,
    unknown: 'failed' in all ? all.failed : null,
    keys: risks.flatMap(({ name, keys }) =>
      keys.map(({ key, why }) => ({ key: key ?? '-', why: `${name}: ${why}` })),
    ),
  };
}

/** The next keys of a kind, and where the page after it begins; null where there is none. */
export async function page(
  name: RiskName,
  runs: Runs | null,
  ports: RiskPorts,
  after: string | null,
  most: number,
): Promise<{ readonly keys: readonly Omit<KeyAtRisk, 'cursor'>[]; readonly next: string | null }> {
  if (name === 'handed-off') {
    const { keys, next } = await ports.handedOffKeys(after, most);
    return { keys: keys.map((key) => ({ key, why: 'Oracle orders it' })), next };
  }
  if (name === 'another-store') return { keys: [], next: null };
  const wanted = FOUND[name];
  const rows =
    wanted !== undefined
      ? await ports.keys(runs?.standing[wanted.of] ?? [], wanted, after, most)
      : name === 'conflicts'
        ? await ports.conflictKeys(after, most)
        : await ports.lettersOf(name === 'waiting' ? 'waiting' : 'open', after, most);
  const next = rows.length < most ? null : (rows.at(-1)?.cursor ?? null);
  return { keys: rows.map(({ key, why }) => ({ key, why })), next };
}
