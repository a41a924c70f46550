/**
 * One turn of a run: goes on with the first of its parts that has not ended, for as long as the function has time. All that is known lies in Oracle:
 * 1 A turn notes that it works, with the state that it begins with. 2 It runs checks. 3 It notes the state that it has come to, and that it works no more.
 * A turn that finds the note of 1 knows that the one before was lost after it, and with it the check that has ended the process.
 */
import { CertificationGone, type CertificationRow } from '../records/certification_row.ts';
import type { About, Form } from './certificate.ts';
import type { CertifyState } from './certify_state.ts';
import { afterLoss, beginCertifying, certificateOf, certifyStep } from './certify_step.ts';
import type { Check, Ports } from './check.ts';
import { formIn, stateIn } from './kept.ts';
import { SYSTEM } from './step.ts';
import { nameOfSystem, OtherSystem } from './test_system.ts';

/** A scratch collection and the scratch table, and what they are made of. */
export interface Scratch extends Ports {
  about(): Promise<About>;
  /** Removes all documents that a certification has written, and no others. */
  clear(): Promise<void>;
}

export interface TurnPorts {
  readonly book: {
    partsOf(run: string): Promise<readonly CertificationRow[]>;
    body(run: string, part: number): Promise<string | null>;
    /** False where the part has ended, or was given up. */
    note(run: string, part: number, working: boolean, now: number, body?: string): Promise<boolean>;
    end(
      run: string,
      part: number,
      ended: { readonly verdict: string; readonly about: string; readonly body: string; readonly at: number },
    ): Promise<boolean>;
    leave(run: string): Promise<void>;
  };
  /** @param place as the run was begun with it. */
  open(place: string): Scratch;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** @returns whether the run is over. Throws `CertificationGone`, and what a store throws that does not answer. */
export async function takeTurn(run: string, ports: TurnPorts, checks?: readonly Check[]): Promise<boolean> {
  const { book } = ports;
  const parts = await book.partsOf(run);
  if (parts.length === 0) throw new CertificationGone(`There is no certification ${run}`);
  const left = parts.filter(({ ended }) => ended === null);
  const [row] = left;
  const ended = row === undefined || (await goOn(row, ports, checks));
  if (!ended || left.length > 1) return false;
  await book.leave(run);
  return true;
}

/** Whether the part has come to its end. */
async function goOn(row: CertificationRow, ports: TurnPorts, checks?: readonly Check[]): Promise<boolean> {
  const { run, part } = row;
  const { book, now } = ports;
  const scratch = ports.open(row.place);
  const state = await stateOf(row, ports, scratch, checks);
  if (!(await book.note(run, part, true, now(), JSON.stringify(state)))) throw gone(row);
  // What cannot be noted now is no reason to give up: what was to be broken may be what it is noted in.
  const keep = (kept: CertifyState) =>
    book.note(run, part, true, now(), JSON.stringify(kept)).catch(() => false);
  const next = await certifyStep(scratch, state, checks, keep);
  const body = JSON.stringify(next.state);
  if (!next.done) {
    if (!(await book.note(run, part, false, now(), body))) throw gone(row);
    return false;
  }
  const certificate = certificateOf(next.state, now(), checks);
  // What is left there does no harm: the next certification removes it before it begins.
  await scratch.clear().catch(() => {});
  const { verdict } = certificate;
  const about = JSON.stringify(next.state.about);
  const kept = { verdict, about, body: JSON.stringify(certificate), at: certificate.ended };
  if (!(await book.end(run, part, kept))) throw gone(row);
  return true;
}

async function stateOf(
  row: CertificationRow,
  { book, now }: TurnPorts,
  scratch: Scratch,
  checks?: readonly Check[],
): Promise<CertifyState> {
  const kept = stateIn(await book.body(row.run, row.part));
  const about = await scratch.about();
  requireSystem(row, about);
  // Where a deployment or a failover came in between, what was seen before is about something else.
  if (kept === null || JSON.stringify(kept.about) !== JSON.stringify(about)) {
    await scratch.clear();
    return beginCertifying(about, formOf(row), now());
  }
  return row.working ? afterLoss(kept, 'its process has died, or was out of time', checks) : kept;
}

/** Throws `OtherSystem` where something is to be broken, and other servers answer than those that the operator has named. */
function requireSystem({ form, place }: CertificationRow, { servers }: About): void {
  if (form !== 'test-system') return;
  const { [SYSTEM]: named } = JSON.parse(place) as { readonly [SYSTEM]?: unknown };
  const told = nameOfSystem(servers);
  if (told === null || told !== named) throw new OtherSystem(told);
}

/** Of a row that functions of another version have written, whose form is not known here: all checks. */
function formOf({ form }: CertificationRow): Form {
  return formIn(form) ?? 'whole';
}

function gone({ run }: CertificationRow): Error {
  return new CertificationGone(`The certification ${run} was given up: another one may have begun`);
}
