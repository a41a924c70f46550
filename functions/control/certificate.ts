/** Whether both stores are known to do what Crossfade needs, as a certification has shown it on these servers. */
import type { Condition } from './condition.ts';

export interface CertificateEvidence {
  /** The form that is enough; `none`: no move waits for one. */
  readonly wanted: 'whole' | 'short' | 'none';
  /** The last certification that counts, for or against; null for none. */
  readonly last: {
    readonly run: string;
    readonly form: string;
    readonly verdict: string;
    /** When it ended, in milliseconds since the epoch. */
    readonly at: number;
    /** The release of the stores' code. */
    readonly code: string;
  } | null;
  /** Why it does not hold now, as sentences; empty where it does. */
  readonly voids: readonly string[];
  /** By which an operator says that the servers are a test system. Left out by functions of the version before. */
  readonly system?: string | null;
}

/** Whether there is one that holds. */
export function isCertified({ last, voids }: CertificateEvidence): boolean {
  return last !== null && voids.length === 0;
}

/** In a line: certified when and by which code, or void and why. */
export function certifiedText(evidence: CertificateEvidence): string {
  const { wanted, last, voids } = evidence;
  if (wanted === 'none') return 'no certificate is wanted (certification.wanted of the configuration)';
  if (last === null)
    return 'NOT_CERTIFIED: nothing has shown yet that these servers do what Crossfade needs of them';
  const { run, form, verdict, at, code } = last;
  const told = `the ${form} certification ${run} of ${new Date(at).toISOString()}, of the stores' code ${code}`;
  return isCertified(evidence)
    ? `${told}, has ${verdict}`
    : `CERTIFICATE_VOID: ${told}, does not hold. ${voids.join('. ')}`;
}

/** Only out of `legacy`: a collection that is beyond it is never held back for a certificate. Functions of the version before tell nothing of it. */
export function certificateOf(evidence: CertificateEvidence | undefined): Condition[] {
  if (evidence === undefined) return [];
  const measured = certifiedText(evidence);
  if (evidence.wanted === 'none' || isCertified(evidence))
    return [{ name: 'certificate', holds: true, measured }];
  const short = evidence.wanted === 'short' ? ' --short' : '';
  return [{ name: 'certificate', holds: false, measured, command: `npx crossfade certify start${short}` }];
}
