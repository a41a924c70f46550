/** Who writes past the API: the old service, and a job at night that nobody has thought of. And what an operator of Couchbase does about them. */
import { rightsOf } from '../console/rights.ts';
import type { Running } from '../local/servers/couchbase/start.ts';
import type { Logins, Past } from '../local/stores.ts';
import type { CheckedSettings } from '../settings.ts';
import { OldService } from './old_service.ts';

/** The collection that it is about. */
export const COLLECTION = 'countries';

/** What its user keeps, so that it may go on reading. */
const READING = [
  ...['data_reader', 'query_select'].map((role) => ({ role, bucket_name: '*' })),
  { role: 'ro_admin' },
];
const WRITING = [...READING, { role: 'data_writer', bucket_name: '*' }];

export class PastApi {
  readonly service: OldService;
  readonly nightly: OldService;
  /** Of the job at night: what it wrote when Oracle decided already, and what of that an operator has written again. */
  readonly late = { written: 0, restored: 0 };
  readonly #couchbase: Pick<Running, 'manage'>;
  readonly #login: Logins['couchbase'];
  readonly #collection: CheckedSettings['configuration']['collections'][string];
  #readers: readonly Past[] = [];

  constructor(
    { couchbase, logins }: { readonly couchbase: Pick<Running, 'manage'>; readonly logins: Logins },
    { configuration }: Pick<CheckedSettings, 'configuration'>,
  ) {
    const collection = configuration.collections[COLLECTION];
    if (collection === undefined) throw new Error(`There is no collection ${COLLECTION}`);
    this.#collection = collection;
    this.#couchbase = couchbase;
    this.#login = logins.past['old-service'];
    this.service = new OldService(this.#login, collection.couchbase);
    this.nightly = new OldService(logins.past['nightly-job'], collection.couchbase);
  }

  /** What `npx crossfade rights` tells of the old service. */
  rights(): ReturnType<typeof rightsOf> {
    return rightsOf(this.#login, COLLECTION, this.#collection);
  }

  /** These may only read from now on; none: all of them may write again. */
  async readOnly(names: readonly Past[]): Promise<void> {
    this.#readers = names;
    await this.again();
  }

  /** To be called once the embedded server was calmed: it forgets what it was told of users. */
  again(): Promise<void> {
    const roles = this.#readers.length > 0 ? READING : WRITING;
    return this.#couchbase.manage({ readers: this.#readers, roles });
  }

  async close(): Promise<void> {
    await Promise.all([this.service.close(), this.nightly.close()]);
  }
}
