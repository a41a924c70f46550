/** The user of a session whose database enforces grants, and the schema that the session is in. */
import type { EngineSession } from './engine.ts';
import { type Grants, OWNER } from './grants.ts';
import { OraError } from './ora.ts';
import type { Release } from './releases.ts';
import type { Who } from './sql/placed.ts';
import type { Statement } from './sql/translate.ts';

export class LoggedIn implements Who {
  readonly user: string;
  readonly #grants: Grants;
  #schema: string;

  constructor(user: string, grants: Grants) {
    this.user = user.toUpperCase();
    this.#grants = grants;
    this.#schema = this.user;
  }

  get schema(): string {
    return this.#schema;
  }

  /** Throws what Oracle says where the user may not do it. */
  require({ kind, needs }: Statement, release: Release): void {
    if (kind === 'ddl' && this.user !== OWNER) throw new OraError(1031, 'insufficient privileges');
    this.#grants.require(this.user, this.#schema, needs, release);
  }

  /** Obeys a GRANT, a REVOKE, and a change of the session. */
  async obey({ granting, schema }: Statement, engine: EngineSession): Promise<void> {
    if (schema !== null) this.#schema = schema;
    if (granting !== null) await this.#grants.grant(engine, this.user, granting, this.#schema);
  }
}
