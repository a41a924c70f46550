/** What may be lost or late where a move is forced: keys that something is known to be wrong with. */
import type { Evidence, Missing } from '../control/evidence.ts';
import type { Noted } from '../stores/oracle/findings.ts';
import type { Ended } from '../stores/oracle/ledger_rows.ts';
import type { Letter } from '../stores/oracle/letters.ts';
import { comparesAll, unrefuted } from './verified.ts';

export interface RiskPorts {
  evidence(): Promise<Evidence | Missing>;
  /** Receipts that are dead, or wait for a store. */
  letters(): Promise<readonly Letter[]>;
  /** Those that have ended, the latest first. */
  verifications(): Promise<readonly Ended[]>;
  mismatches(run: string): Promise<readonly Noted[]>;
}

export interface AtRisk {
  /** Why nothing can be said; null where something can. */
  readonly unknown: string | null;
  readonly receipts: Evidence['receipts'] | null;
  readonly keys: readonly { readonly key: string; readonly why: string }[];
  /** The last verification of all keys; null where there was none, so that differences are not known. */
  readonly compared: Compared | null;
}

type Compared = Pick<Ended, 'id' | 'started' | 'phase' | 'options'>;

/** Never rejects: an emergency is what this is for. */
export async function atRisk(ports: RiskPorts): Promise<AtRisk> {
  const nothing = { receipts: null, keys: [], compared: null };
  try {
    const evidence = await ports.evidence();
    if ('missing' in evidence) return { ...nothing, unknown: evidence.missing };
    const dead = (await ports.letters()).map(({ key, reason }) => ({ key: key ?? '-', why: reason }));
    const runs = await ports.verifications();
    const noted = await Promise.all(unrefuted(runs).map(({ id }) => ports.mismatches(id)));
    const found = noted.flat().map(({ key, kind, detail }) => ({ key, why: `${kind}: ${detail}` }));
    const compared = runs.find((run) => run.outcome !== 'stopped' && comparesAll(run)) ?? null;
    const keys = new Map([...dead, ...found].map((each) => [`${each.key} ${each.why}`, each]));
    return { unknown: null, receipts: evidence.receipts, keys: [...keys.values()], compared };
  } catch (error) {
    return { ...nothing, unknown: error instanceof Error ? error.message : String(error) };
  }
}
