/** What of a certificate is read again: by what it is held against what is there now. */
import * as v from 'valibot';
import { DURABILITIES } from '../stores/durability.ts';
import { type About, FORMS, type Form } from './certificate.ts';
import type { CertifyState } from './certify_state.ts';

const SERVER = v.object({ version: v.string(), identity: v.record(v.string(), v.string()) });
/** Members that are added later are passed over: functions of two versions read what either writes. */
const ABOUT = v.object({
  code: v.string(),
  servers: v.object({ couchbase: SERVER, oracle: SERVER }),
  settings: v.object({
    bucket: v.string(),
    schema: v.string(),
    durability: v.picklist(DURABILITIES),
    durabilityImpossible: v.picklist(['refuse', 'accept']),
    tls: v.optional(v.string()),
  }),
});

/** Null for what none of our versions has written. */
export function aboutIn(text: string | null): About | null {
  const { success, output } = v.safeParse(ABOUT, jsonIn(text));
  return success ? (output as About) : null;
}

export function formIn(text: string): Form | null {
  return FORMS.find((form) => form === text) ?? null;
}

/** Null where there is none: the next step begins anew. The state is that of the same release, which a deployment in between may have replaced. */
export function stateIn(text: string | null): CertifyState | null {
  const value = jsonIn(text);
  const isState = v.is(v.object({ about: ABOUT, checked: v.array(v.unknown()) }), value);
  if (!isState) return null;
  // What an operator was asked then is asked no more.
  const { told: _, ...state } = value as unknown as CertifyState;
  return state;
}

function jsonIn(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
