/** What may be lost or late where a move is forced: keys that something is known to be wrong with. */
import type { Evidence, Missing } from '../control/evidence.ts';
import type { Noted } from '../stores/oracle/findings.ts';
import type { Ended } from '../stores/oracle/ledger_rows.ts';
import type { Letter } from '../stores/oracle/letters.ts';

export interface RiskPorts {
  evidence(): Promise<Evidence | Missing>;
  /** Receipts that are dead, or wait for a store. */
  letters(): Promise<readonly Letter[]>;
  /** The last that has ended. */
  verification(): Promise<Ended | null>;
  mismatches(run: string): Promise<readonly Noted[]>;
}

export interface AtRisk {
  /** Why nothing can be said; null where something can. */
  readonly unknown: string | null;
  readonly receipts: Evidence['receipts'] | null;
  readonly keys: readonly { readonly key: string; readonly why: string }[];
}

/** Never rejects: an emergency is what this is for. */
export async function atRisk(ports: RiskPorts): Promise<AtRisk> {
  try {
    const evidence = await ports.evidence();
    if ('missing' in evidence) return { unknown: evidence.missing, receipts: null, keys: [] };
    const dead = (await ports.letters()).map(({ key, reason }) => ({ key: key ?? '-', why: reason }));
    const verification = await ports.verification();
    const noted = verification === null ? [] : await ports.mismatches(verification.id);
    const found = noted.map(({ key, kind, detail }) => ({ key, why: `${kind}: ${detail}` }));
    return { unknown: null, receipts: evidence.receipts, keys: [...dead, ...found] };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error), receipts: null, keys: [] };
  }
}
