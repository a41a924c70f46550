/** What certifications have shown, for operators: what holds now, what is under way, and the certificates themselves. */
import pMap from 'p-map';
import type { CertificateEvidence } from '../control/certificate.ts';
import type { CertificationRow } from '../records/certification_row.ts';
import { BadOperation } from './request.ts';

export interface CertificationPorts {
  readonly collections: readonly string[];
  /** What the gate of a collection is told. */
  evidence(collection: string): Promise<CertificateEvidence>;
  /** Of late, the latest first. */
  latest(): Promise<readonly CertificationRow[]>;
  /** JSON; null where there is none yet. */
  body(run: string, part: number): Promise<string | null>;
}

export interface Certified {
  readonly collections: readonly { readonly collection: string; readonly certificate: CertificateEvidence }[];
  /** Parts of the last runs, the latest first. */
  readonly latest: readonly CertificationRow[];
  /** Checks that the part has come to that is under way; null where none is. */
  readonly checked: number | null;
  /** What the check that is under way asks an operator to do; null for nothing. */
  readonly told: Asked | null;
}

/** See `functions/certification/certify_state.ts`. */
export interface Asked {
  readonly check: string;
  readonly step: string;
  readonly text: string;
}

export interface Report {
  readonly run: string;
  /** A certificate for each kind of place: see `functions/certification/certificate.ts`. */
  readonly certificates: readonly unknown[];
}

const [CONCURRENCY, LATEST] = [4, 10];

export async function certified(ports: CertificationPorts): Promise<Certified> {
  const latest = await ports.latest();
  const [going] = latest.filter(({ ended }) => ended === null);
  const body = going === undefined ? null : await ports.body(going.run, going.part);
  const collections = await pMap(
    ports.collections,
    async (collection) => ({ collection, certificate: await ports.evidence(collection) }),
    { concurrency: CONCURRENCY },
  );
  const { checked = [], told = null } = stateIn(body);
  return {
    collections,
    latest: latest.slice(0, LATEST),
    checked: going === undefined ? null : checked.length,
    told,
  };
}

/** @param run the last that has ended, if not given. Throws `BadOperation` where there is none. */
export async function report(run: string | undefined, ports: CertificationPorts): Promise<Report> {
  const latest = await ports.latest();
  const ended = latest.filter((row) => row.ended !== null && row.about !== null);
  const wanted = run ?? ended[0]?.run;
  const parts = ended.filter((row) => row.run === wanted).sort((one, other) => one.part - other.part);
  if (wanted === undefined || parts.length === 0)
    throw new BadOperation(
      run === undefined
        ? 'NO_CERTIFICATE: no certification has come to its end yet. Begin one: npx crossfade certify start'
        : 'NO_CERTIFICATE: there is no certification of that name that has come to its end. npx crossfade certify status lists the last ones',
    );
  const bodies = await pMap(parts, ({ part }) => ports.body(wanted, part), { concurrency: 1 });
  return { run: wanted, certificates: bodies.map((body) => JSON.parse(body ?? 'null')) };
}

interface State {
  readonly checked?: readonly unknown[];
  readonly told?: Asked;
}

function stateIn(body: string | null): State {
  return body === null ? {} : (JSON.parse(body) as State);
}
