/** Names of tables, columns, indexes and constraints. Oracle takes 128 bytes (12.2 and later), and PostgreSQL cuts them at 63 without a word. */
import { createHash } from 'node:crypto';
import { OraError } from '../ora.ts';

const [LONGEST, LONGEST_HERE] = [128, 44];

/** The name as PostgreSQL has it, which is another one for another name. Some room is left for the names of limits (`lengthConstraint`). */
export function engineName(name: string): string {
  const length = Buffer.byteLength(name);
  if (length > LONGEST) throw new OraError(972, `identifier is too long: it has ${length} bytes`);
  if (length <= LONGEST_HERE) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 11);
  return `${[...name].slice(0, 8).join('')}#${digest}`;
}
