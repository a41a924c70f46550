/** Of some statements only certain forms are known here. */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';
import { KINDS } from './words.ts';

const DDL: Readonly<Record<string, readonly string[]>> = { COMMENT: ['ON TABLE', 'ON COLUMN'] };
const OBJECTS = ['TABLE', 'INDEX', 'UNIQUE'];
/** A row that is updated, or inserted where there is none. */
const MERGE =
  /^MERGE INTO \w+ \w+ USING \( SELECT .* FROM DUAL \) \w+ ON \( .* \) WHEN MATCHED THEN UPDATE SET .* WHEN NOT MATCHED THEN INSERT \( .* \) VALUES \( .* \)$/;

/** Throws ORA-03001 for another form. */
export function requireKnownForm(tokens: readonly Token[]): void {
  const [first = '', second = '', third = ''] = tokens.map(({ text }) => text);
  const isKnown =
    KINDS[first] === 'ddl' ? (DDL[first]?.includes(`${second} ${third}`) ?? OBJECTS.includes(second)) : true;
  if (!isKnown) throw new OraError(3001, `unimplemented feature: ${first} ${second}`);
  if (first === 'MERGE' && !MERGE.test(tokens.map(({ text }) => text).join(' ')))
    throw new OraError(3001, 'unimplemented feature: another form of MERGE');
}
