/** Which of the certificates that are kept speaks of what is there now, and what speaks against it. */
import type { CertificationRow } from '../records/certification_row.ts';
import type { About, Certificate, Form, Verdict } from './certificate.ts';
import { aboutIn, formIn } from './kept.ts';
import { nameOfSystem } from './test_system.ts';
import { voids } from './voids.ts';

/** Nobody is asked to break anything before a first move. */
type Wanted = Exclude<Form, 'test-system'>;

export interface Held {
  /** The form that is enough. */
  readonly wanted: Wanted;
  /** The last certification that counts, for or against; null for none. */
  readonly last: {
    readonly run: string;
    readonly form: Form;
    readonly verdict: string;
    /** When it ended, in milliseconds since the epoch. */
    readonly at: number;
    /** The release of the stores' code. */
    readonly code: string;
  } | null;
  /** Why it does not hold now, as sentences; empty where it does, or where there is none. */
  readonly voids: readonly string[];
  /** By which an operator says that the servers are a test system; null where they do not tell enough. */
  readonly system: string | null;
}

const TREATMENT = ['bucket', 'durability', 'durabilityImpossible'] as const;

/** @param rows the latest first. @param now what a certificate would be about. */
export function held(rows: readonly CertificationRow[], now: About, wanted: Wanted): Held {
  const all = rows.flatMap((row) => {
    const [about, form] = [aboutIn(row.about), formIn(row.form)];
    if (about === null || form === null || row.ended === null || row.verdict === null) return [];
    return [{ ...row, about, form, ended: row.ended, verdict: row.verdict }];
  });
  // A short one that has passed is no evidence where the whole one is wanted; one that has failed is, against it.
  const counted = all.filter(
    ({ form, verdict }) =>
      (form !== 'short' || wanted === 'short' || verdict !== 'passed') &&
      // Nobody has broken what was to be broken: that says nothing of the servers.
      (form !== 'test-system' || verdict !== 'incomplete'),
  );
  const ofThis = counted.filter(({ about }) =>
    TREATMENT.every((name) => about.settings[name] === now.settings[name]),
  );
  const last = ofThis[0] ?? counted[0];
  const system = nameOfSystem(now.servers);
  if (last === undefined) return { wanted, last: null, voids: [], system };
  const { run, form, verdict, ended, began, about } = last;
  const certificate: Certificate = {
    ...{ format: 1, ...about, began, ended, checks: [], verdict: verdict as Verdict },
    form: wanted === 'short' ? 'whole' : form,
  };
  return {
    wanted,
    last: { run, form, verdict, at: ended, code: about.code },
    voids: voids(certificate, now),
    system,
  };
}
