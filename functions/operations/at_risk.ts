/** What may be lost or late where a move is forced: keys that something is known to be wrong with. */
import type { Evidence } from '../control/evidence.ts';
import type { Noted } from '../stores/oracle/findings.ts';
import type { Ended } from '../stores/oracle/ledger_rows.ts';
import type { Letter } from '../stores/oracle/letters.ts';

export interface RiskPorts {
  evidence(): Promise<Evidence>;
  /** Receipts that are dead, or wait for a store. */
  letters(): Promise<readonly Letter[]>;
  /** The last verification of each collection that has ended. */
  verifications(): Promise<readonly Ended[]>;
  mismatches(run: string): Promise<readonly Noted[]>;
}

export interface AtRisk {
  /** Why nothing can be said; null where something can. */
  readonly unknown: string | null;
  readonly receipts: Evidence['receipts'] | null;
  readonly keys: readonly { readonly collection: string; readonly key: string; readonly why: string }[];
}

/** Never rejects: an emergency is what this is for. */
export async function atRisk(ports: RiskPorts): Promise<AtRisk> {
  try {
    const { receipts } = await ports.evidence();
    const letters = await ports.letters();
    const dead = letters.map(({ collection, key, reason }) => ({
      ...{ collection: collection ?? '-', key: key ?? '-', why: reason },
    }));
    const found = await Promise.all(
      (await ports.verifications()).map(async ({ id, collection }) =>
        (await ports.mismatches(id)).map(({ key, kind, detail }) => ({
          ...{ collection, key, why: `${kind}: ${detail}` },
        })),
      ),
    );
    return { unknown: null, receipts, keys: [...dead, ...found.flat()] };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error), receipts: null, keys: [] };
  }
}
