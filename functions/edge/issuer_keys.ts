/**
 * The public keys of the issuer of tokens, as it tells them (OpenID Connect Discovery), and for how long they are believed: read again after ten minutes, and where the issuer
 * does not answer, used for two hours more at most, as long as an HTTP API keeps them. A token with a key that is not known makes them be read again, twice a minute at most.
 */
import { type CryptoKey, createLocalJWKSet, errors, type JWTHeaderParameters } from 'jose';
import * as v from 'valibot';

/** Milliseconds: from which age on keys are read again; for how long they are used where that fails; from which age on for a key that is not among them. */
const [FRESH, KEPT, STRANGE] = [600_000, 7_200_000, 30_000];
/** Milliseconds after a failure in which the issuer is not asked. */
const PAUSE = 5000;

const ABOUT = v.object({ jwks_uri: v.pipe(v.string(), v.startsWith('https://')) });

/** Nobody can tell whether a token is good: the issuer does not answer, or not as it should. */
export class IssuerAway extends Error {
  override readonly name = 'IssuerAway';

  constructor(issuer: string, cause: unknown) {
    super(
      `ISSUER_AWAY: the keys of ${issuer} cannot be read, so no token can be looked at. Nothing was let through. Look at the issuer, and at the way to it ` +
        'from the function Authorize',
      { cause },
    );
  }
}

export interface IssuerPorts {
  /** The JSON at an address. Rejects where there is none in time. */
  read(address: string): Promise<unknown>;
  /** Milliseconds since the epoch. */
  now(): number;
}

interface Known {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  /** When they were read. */
  readonly at: number;
}

export class IssuerKeys {
  readonly #issuer: string;
  readonly #ports: IssuerPorts;
  #known: Known | null = null;
  #reading: Promise<void> | null = null;
  #failure: { readonly at: number; readonly error: unknown } | null = null;

  /** @param issuer as tokens name it. */
  constructor(issuer: string, ports: IssuerPorts) {
    this.#issuer = issuer;
    this.#ports = ports;
  }

  /** The key that a token says it is signed with. Throws `IssuerAway`; and `JWKSNoMatchingKey` of jose where the issuer has no such key. */
  async find(header: JWTHeaderParameters): Promise<CryptoKey> {
    const known = await this.#atMost(FRESH, KEPT);
    try {
      return await known.find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await this.#atMost(STRANGE, STRANGE)).find(header);
    }
  }

  /** Keys that are no older than `wanted`; where the issuer does not answer, than `kept`. */
  async #atMost(wanted: number, kept: number): Promise<Known> {
    if (!this.#isWithin(this.#known?.at, wanted) && !this.#isWithin(this.#failure?.at, PAUSE)) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    if (this.#known !== null && this.#isWithin(this.#known.at, Math.max(wanted, kept))) return this.#known;
    throw new IssuerAway(this.#issuer, this.#failure?.error);
  }

  #isWithin(at: number | undefined, milliseconds: number): boolean {
    return at !== undefined && this.#ports.now() - at < milliseconds;
  }

  async #read(): Promise<void> {
    const { read, now } = this.#ports;
    try {
      const about = await read(`${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
      const found = await read(v.parse(ABOUT, about).jwks_uri);
      this.#known = { find: createLocalJWKSet(found as Parameters<typeof createLocalJWKSet>[0]), at: now() };
      this.#failure = null;
    } catch (error) {
      this.#failure = { at: now(), error };
    }
  }
}
