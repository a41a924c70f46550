/** Secrets Manager, as far as functions use it. */
import { createHash } from 'node:crypto';
import { ACCOUNT, REGION } from '../template.ts';
import { ServiceError } from './failure.ts';

/** Six characters of its own follow the name. */
const SUFFIX = 'LoCaL0';

export class SecretStore {
  readonly #secrets: ReadonlyMap<string, string>;
  /** Versions by name, of those that were put again. */
  readonly #versions = new Map<string, number>();

  constructor(secrets: ReadonlyMap<string, string>) {
    this.#secrets = secrets;
  }

  static arn(name: string): string {
    return `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-${SUFFIX}`;
  }

  /** A new version with the same content, as an operator puts it whose password is right again. */
  putAgain(name: string): void {
    this.#versions.set(name, (this.#versions.get(name) ?? 1) + 1);
  }

  call(operation: string, input: Readonly<Record<string, unknown>>): unknown {
    if (operation !== 'GetSecretValue')
      throw new ServiceError(
        'UnknownOperationException',
        `This machine's Secrets Manager knows no ${operation}`,
      );
    const name = input.SecretId as string;
    const value = this.#secrets.get(name);
    if (value === undefined)
      throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    // Of its content, since whoever holds the map changes that in place: another content is another version, as Secrets Manager has it.
    const digest = createHash('sha256')
      .update(`${this.#versions.get(name) ?? 1}\n${value}`)
      .digest('hex');
    const VersionId = digest.slice(0, 32);
    return { ARN: SecretStore.arn(name), Name: name, SecretString: value, VersionId };
  }
}
