/** Why an operator does something: it is told in notices, in `status` and in the audit log, among lines of their own. */
import * as v from 'valibot';
import { onOneLine } from '../parsing/steering.ts';

/** 5 to 500 characters, on one line. */
export const why = v.pipe(
  v.string(),
  v.transform(onOneLine),
  v.trim(),
  v.minLength(5, 'say why, in a few words'),
  v.maxLength(500),
);
