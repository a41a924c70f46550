/** What the state machine of certifications asks its function for: to begin a run, to go on with it, or to give it up. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { FORMS, type Form } from './certificate.ts';

/** As names of executions are. */
const run = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(80, 'it has more than 80 bytes'));
const INPUT = v.pipe(
  v.strictObject({
    form: v.optional(v.picklist(FORMS), 'whole'),
    /** By which the operator says that these servers are a test system. */
    system: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(200))),
  }),
  v.check(
    ({ form, system }) => (form === 'test-system') === (system !== undefined),
    'the form test-system, and no other, needs the name of the system',
  ),
);
const STEP = v.variant('step', [
  v.strictObject({ step: v.literal('begin'), run, input: INPUT }),
  v.strictObject({ step: v.literal('go on'), run }),
  v.strictObject({ step: v.literal('give up'), run }),
]);

/** Of a place, beside its own members. */
export const SYSTEM = 'system';

/** It cannot be begun as it is asked for. Nothing was done. */
export class CertificationRefused extends Error {
  override readonly name = 'CertificationRefused';
}

export interface StepPorts<Place> {
  /** What has to be certified: a part of the run for each. */
  readonly places: readonly Place[];
  begin(run: string, form: Form, places: readonly string[]): Promise<void>;
  /** Throws `OtherSystem` where the servers of a place have another name. */
  requireSystem(place: Place, system: string): Promise<void>;
  /** @returns whether the run is over. */
  goOn(run: string): Promise<boolean>;
  giveUp(run: string): Promise<void>;
}

export interface Stepped {
  readonly run: string;
  readonly done: boolean;
}

/** Throws `CertificationRefused` for what is no step. */
export async function takeStep<Place>(value: unknown, ports: StepPorts<Place>): Promise<Stepped> {
  const { success, output, issues } = v.safeParse(STEP, value);
  if (!success)
    throw new CertificationRefused(
      `This is no step of a certification: ${issueText(issues[0])}. npx crossfade certify start begins one`,
    );
  const { run } = output;
  if (output.step === 'give up') await ports.giveUp(run);
  if (output.step === 'go on') return { run, done: await ports.goOn(run) };
  if (output.step === 'begin') {
    const { form, system } = output.input;
    if (system !== undefined) for (const place of ports.places) await ports.requireSystem(place, system);
    // It stays with each part: its turns look again, whatever answers by then.
    const placed = (place: Place) =>
      JSON.stringify(system === undefined ? place : { ...place, [SYSTEM]: system });
    await ports.begin(run, form, ports.places.map(placed));
  }
  return { run, done: output.step === 'give up' };
}
