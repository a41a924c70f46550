/** For how many days the control tables keep what nothing needs any more. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';

/** A message in the queue of dead letters lives for 14 days, and must find the letter that was closed. */
const LEAST = 30;
const days = (usual: number | null) => v.optional(v.nullable(whole(LEAST, 36_500)), usual);

export const RETENTION = v.optional(
  v.strictObject({
    /** What verifications that have ended have found of single documents. */
    findings: days(90),
    /** Dead letters that were sent again or settled. */
    letters: days(90),
    /** What repairs have changed. */
    repairs: days(365),
    /** Copies of documents that were set aside, once an operator has decided on them: null, for ever, where nobody says otherwise. */
    conflicts: days(null),
  }),
  {},
);
