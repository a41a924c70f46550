/** ALTER SYSTEM KILL SESSION and DISCONNECT SESSION (SQL Language Reference 19c, "ALTER SYSTEM"): of ALTER SYSTEM nothing else is known here. */
import { OraError } from '../ora.ts';
import type { Token } from './tokens.ts';

/** A session that is to end. */
export interface Ending {
  readonly sid: number;
  readonly serial: number;
  /** Its connection breaks; otherwise its next call is told that it was killed. */
  readonly disconnects: boolean;
}

/** The one instance may be named behind both numbers. */
const SESSION = /^'\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*@1\s*)?'$/;

/** Throws ORA-03001 for what is not known here, and ORA-00026 where no session is named. */
export function endingOf(tokens: readonly Token[]): Ending {
  const [, , verb, object, named, how] = tokens.map(({ text }) => text);
  const isKnown = (verb === 'KILL' || verb === 'DISCONNECT') && object === 'SESSION';
  if (!isKnown || how === 'POST_TRANSACTION')
    throw new OraError(3001, `unimplemented feature: ALTER SYSTEM ${verb} ${object}`);
  const [, sid, serial] = SESSION.exec(named ?? '') ?? [];
  if (sid === undefined) throw new OraError(26, 'missing or invalid session ID');
  return { sid: Number(sid), serial: Number(serial), disconnects: verb === 'DISCONNECT' };
}
