/** What the gate out of `legacy` is told of certificates: those that are kept, held against what answers now. */
import type { Certificates } from '../books/certificates.ts';
import { held } from '../certification/held.ts';
import { type Treatment, treatmentOf } from '../configuration/certification.ts';
import type { Parsed } from '../configuration/configuration.ts';
import type { CertificateEvidence } from '../control/certificate.ts';
import type { CertificationRow } from '../records/certification_row.ts';
import { type AboutParts, aboutNow } from './about.ts';

export interface CertificateParts extends Omit<AboutParts, 'code'> {
  readonly configuration: Pick<Parsed, 'collections' | 'certification'>;
  readonly book: Pick<Certificates, 'latest'>;
  /** Of the release of the stores' code. Asked where it is needed. */
  readonly code: () => string;
  /** Milliseconds on a clock that never goes back. */
  readonly steady: () => number;
  /** Milliseconds for which an answer about the servers counts. */
  readonly fresh: number;
}

type About = Awaited<ReturnType<typeof aboutNow>>;

export class CertificateLook {
  readonly #parts: CertificateParts;
  /** By the treatments of collections: those that are treated alike share one look. */
  readonly #looks = new Map<string, { readonly at: number; readonly about: Promise<About> }>();

  constructor(parts: CertificateParts) {
    this.#parts = parts;
  }

  /** All that are kept of late: the same for all collections. */
  latest(): Promise<CertificationRow[]> {
    return this.#parts.book.latest();
  }

  /** Throws what a store throws that does not answer. @param latest those that are kept, where somebody has asked for them already. */
  async of(name: string, latest = () => this.latest()): Promise<CertificateEvidence> {
    const { configuration } = this.#parts;
    const { wanted } = configuration.certification;
    const collection = configuration.collections[name];
    if (collection === undefined || wanted === 'none') return { wanted: 'none', last: null, voids: [] };
    const about = await this.#about(collection.couchbase, treatmentOf(collection));
    return held(await latest(), about, wanted);
  }

  #about(keyspace: Parsed['collections'][string]['couchbase'], treatment: Treatment): Promise<About> {
    const { steady, fresh, code } = this.#parts;
    const name = JSON.stringify(treatment);
    const known = this.#looks.get(name);
    if (known !== undefined && steady() - known.at < fresh) return known.about;
    const about = aboutNow({ ...this.#parts, code: code() }, keyspace, treatment);
    this.#looks.set(name, { at: steady(), about });
    // What has failed is asked again.
    about.catch(() => this.#looks.delete(name));
    return about;
  }
}
