/** What the state machine of certifications asks its function for: to begin a run, to go on with it, or to give it up. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { FORMS, type Form } from './certificate.ts';

/** As names of executions are. */
const run = v.pipe(v.string(), v.nonEmpty(), v.maxBytes(80, 'it has more than 80 bytes'));
const INPUT = v.strictObject({ form: v.optional(v.picklist(FORMS), 'whole') });
const STEP = v.variant('step', [
  v.strictObject({ step: v.literal('begin'), run, input: INPUT }),
  v.strictObject({ step: v.literal('go on'), run }),
  v.strictObject({ step: v.literal('give up'), run }),
]);

/** It cannot be begun as it is asked for. Nothing was done. */
export class CertificationRefused extends Error {
  override readonly name = 'CertificationRefused';
}

export interface StepPorts<Place> {
  /** What has to be certified: a part of the run for each. */
  readonly places: readonly Place[];
  begin(run: string, form: Form, places: readonly string[]): Promise<void>;
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
  if (output.step === 'begin')
    await ports.begin(
      run,
      output.input.form,
      ports.places.map((place) => JSON.stringify(place)),
    );
  return { run, done: output.step === 'give up' };
}
