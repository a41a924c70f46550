/** What is read of the stores themselves, fact by fact: one that cannot be read keeps no other from being read. */
import type { Encryption } from './encryption.ts';
import type { Readings } from './load.ts';

export type Fact<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  /** @property right what the user of the functions would need. */
  | { readonly kind: 'notGranted'; readonly right: string }
  /** @property why there was no answer, or nothing was asked. */
  | { readonly kind: 'unknown'; readonly why: string };

export const known = <Value>(value: Value): Fact<Value> => ({ kind: 'read', value });
export const notGranted = (right: string): Fact<never> => ({ kind: 'notGranted', right });
export const unknown = (why: string): Fact<never> => ({ kind: 'unknown', why });

/** Of a store's clock against ours, and of its answers. */
export interface Timed {
  /** Seconds that its clock is ahead of ours, beyond what the answer took; negative where it is behind. 0: they agree. */
  readonly skew: Fact<number>;
  /** Milliseconds, the median of some small questions. */
  readonly latency: Fact<number>;
}

export interface OracleFacts extends Timed {
  /** Why it refuses us, or null; unknown where nobody has answered, and all else with it. */
  readonly answers: Fact<string | null>;
  /** By the secret alone. */
  readonly encryption: Fact<Encryption>;
  readonly version: Fact<string>;
  readonly characterSet: Fact<string>;
  /** Values of NLS_SORT and NLS_COMP in our session. */
  readonly sorting: Fact<readonly string[]>;
  /** Of the login's profile, by the names of the resources. */
  readonly profile: Fact<Readonly<Record<string, string>>>;
  readonly account: Fact<Account>;
  readonly quotas: Fact<Quotas>;
  /** PRIMARY, PHYSICAL STANDBY, … */
  readonly role: Fact<string>;
  readonly database: Fact<Database>;
  /** Standbys that get redo from here. */
  readonly standbys: Fact<number>;
  /** Seconds. */
  readonly undoRetention: Fact<number>;
  readonly tables: Fact<Tables>;
  /** Privileges that the user lacks on tables, as `INSERT ON ORDERS`, and those that it has beyond what it needs. */
  readonly missingRights: Fact<readonly string[]>;
  readonly surplusRights: Fact<readonly string[]>;
  readonly triggers: Fact<readonly Trigger[]>;
  readonly readings: Readings;
}

/** Of the login that owns the tables, which deployments use to create them. */
export interface OwnerFacts {
  readonly answers: Fact<string | null>;
  readonly encryption: Fact<Encryption>;
  readonly createsTables: Fact<boolean>;
  readonly quotas: Fact<Quotas>;
  readonly triggers: Fact<readonly Trigger[]>;
}

/** Of a login of the functions beside the one that all else was looked at with. */
export interface LoginFacts extends Pick<OracleFacts, 'account' | 'missingRights' | 'surplusRights'> {
  readonly answers: Fact<string | null>;
  /** Whether its secret could be read. */
  readonly isRead: boolean;
}

/** A trigger on a table of the owner. Oracle shows it to the owner of the table, and to whoever has CREATE ANY TRIGGER. */
export interface Trigger {
  readonly table: string;
  readonly name: string;
  readonly owner: string;
  readonly enabled: boolean;
  /** Such as `BEFORE EACH ROW`. */
  readonly type: string;
  /** Such as `INSERT OR UPDATE`. */
  readonly event: string;
  /** Its condition; null for none. */
  readonly when: string | null;
}

export interface Account {
  readonly user: string;
  /** Whose tables they are. */
  readonly schema: string;
  /** OPEN, EXPIRED(GRACE), … */
  readonly status: string;
  /** When the password expires, as a date; null for never. */
  readonly expires: string | null;
}

export interface Quotas {
  /** The owner has the privilege UNLIMITED TABLESPACE. */
  readonly unlimited: boolean;
  /** Bytes; `most` is null for no limit. */
  readonly tablespaces: readonly {
    readonly name: string;
    readonly used: number;
    readonly most: number | null;
  }[];
}

export interface Database {
  readonly protection: string;
  readonly logMode: string;
  readonly flashback: string;
}

export interface Tables {
  /** How many there should be. */
  readonly wanted: number;
  /** Those that are not there, or that the user may not see. */
  readonly missing: readonly string[];
}

export interface CouchbaseFacts extends Timed {
  readonly answers: Fact<string | null>;
  readonly encryption: Fact<Encryption>;
  readonly nodes: Fact<readonly Node[]>;
  readonly roles: Fact<readonly Role[]>;
  /** By the names of the buckets. */
  readonly buckets: Readonly<Record<string, BucketFacts>>;
  /** By the names of our collections. */
  readonly collections: Readonly<Record<string, CollectionFacts>>;
  readonly replications: Fact<readonly Replication[]>;
  readonly functions: Fact<readonly EventingFunction[]>;
}

export interface Node {
  readonly version: string;
  readonly status: string;
  readonly services: readonly string[];
}

/** A role without a bucket is one of the whole cluster; `*` or nothing stands for all. */
export interface Role {
  readonly role: string;
  readonly bucket?: string | undefined;
  readonly scope?: string | undefined;
  readonly collection?: string | undefined;
}

export interface BucketFacts {
  readonly settings: Fact<BucketSettings>;
  /** Seconds of the collections' own maximum TTL, by `scope.collection`. */
  readonly maxTtl: Fact<Readonly<Record<string, number>>>;
  /** Whether transactions of an app have left their records in the bucket. */
  readonly transactions: Fact<boolean>;
}

/** Undefined: this version of the server, or the rights of the user, do not tell it. */
export interface BucketSettings {
  readonly type: string | undefined;
  readonly replicas: number | undefined;
  /** Seconds; 0 for none. */
  readonly maxTtl: number | undefined;
  readonly fallback: string | undefined;
  readonly eviction: string | undefined;
}

export interface CollectionFacts {
  /** Whether its keys can be listed, which takes an index. */
  readonly listing: Fact<'listed' | 'noIndex' | 'missing'>;
  /** States of its primary indexes. */
  readonly primaryIndexes: Fact<readonly string[]>;
  /** Whether an index answers with the versions of documents, so that verifications by version need not look at each. */
  readonly listsVersions?: boolean;
  /** Whether there are records of transactions among the documents that it takes. */
  readonly transactions: Fact<boolean>;
}

export interface Replication {
  readonly source: string;
  readonly target: string;
  readonly status: string;
}

export interface EventingFunction {
  readonly name: string;
  readonly deployed: boolean;
  readonly source: Place;
  /** What it may write into. */
  readonly writes: readonly Place[];
}

/** `*` stands for all. */
export interface Place {
  readonly bucket: string;
  readonly scope: string;
  readonly collection: string;
}
