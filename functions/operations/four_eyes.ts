/** What one operator asks for and another one confirms: the request between them, and what it must be for it to be carried out. */
import * as v from 'valibot';
import type { Planned } from '../control/move_refused.ts';
import { parameterText } from '../parsing/parameter_text.ts';
import { PHASES } from '../protocol/phase.ts';
import type { Caller } from './caller.ts';
import { personIn, shownActor } from './person.ts';
import { BadOperation } from './request.ts';

export type Confirmable = 'force' | 'retire';

/** Milliseconds after which a request is no longer confirmed. */
export const LIFE = 3_600_000;

/** Bytes that a parameter has room for. */
const ROOM = 4096;

/** A text, as it was kept. */
export interface Kept {
  readonly text: string;
  /** Counts the requests of the collection. */
  readonly number: number;
  /** Milliseconds since the epoch, both by the clock of where it is kept: when it was, and when it was read. */
  readonly at: number;
  readonly now: number;
}

/** Where the last request of a collection is kept. */
export interface Desk {
  /** @returns its number. */
  keep(text: string): Promise<number>;
  kept(): Promise<Kept | null>;
}

export interface FourEyesPorts {
  /** What needs a second operator. */
  readonly fourEyes: readonly Confirmable[];
  desk(collection: string): Desk;
}

/** A request as it is told. */
export interface Asked extends Omit<Planned, 'version'> {
  /** `force-orders-3`: what `npx crossfade confirm` takes. */
  readonly id: string;
  readonly by: string;
  readonly why: string;
}

const REQUEST = v.strictObject({
  kind: v.picklist(['force', 'retire']),
  ...{ from: v.picklist(PHASES), to: v.picklist(PHASES), version: v.number() },
  ...{ by: v.string(), why: v.string() },
});

/** Keeps a request; it takes the place of the one before. Throws `BadOperation`. */
export async function ask(
  kind: Confirmable,
  collection: string,
  planned: Planned,
  { actor: by }: Pick<Caller, 'actor'>,
  why: string,
  desk: Desk,
): Promise<Asked> {
  requirePerson(by);
  const { from, to, version } = planned;
  const text = parameterText(JSON.stringify({ kind, from, to, version, by, why }));
  if (Buffer.byteLength(text) > ROOM)
    throw new BadOperation(
      'REQUEST_TOO_LONG: there is no room for this reason. Nothing was asked. Say it in fewer words',
    );
  const number = await desk.keep(text);
  return { id: idOf(kind, collection, number), from, to, by: shownActor(by), why };
}

/** The request of that number, if this operator may confirm it now. Throws `BadOperation`. */
export async function confirmable(
  kind: Confirmable,
  { collection, request: number }: { readonly collection: string; readonly request: number },
  actor: string,
  desk: Desk,
): Promise<Asked & Planned> {
  const id = idOf(kind, collection, number);
  const kept = await desk.kept();
  if (kept === null || kept.number !== number) throw unknown(id);
  const { kind: asked, by, ...rest } = v.parse(REQUEST, JSON.parse(kept.text));
  if (asked !== kind) throw unknown(id);
  if (kept.now - kept.at > LIFE)
    throw new BadOperation(
      `REQUEST_EXPIRED: ${id} was asked more than an hour ago. Nothing was done. Ask again`,
    );
  if (requirePerson(actor) === requirePerson(by))
    throw new BadOperation(
      `SAME_PERSON: ${id} was asked by ${shownActor(by)}, and you are ${shownActor(actor)}. Nothing was done. Another person has to confirm it`,
    );
  return { id, by: shownActor(by), ...rest };
}

/** What claims and entries say of a move that two have made: the one who confirms it is its actor. */
export function askedBy({ id, by, why }: Asked): string {
  return `${id} asked by ${by}: ${why}`;
}

function idOf(kind: Confirmable, collection: string, number: number): string {
  return `${kind}-${collection}-${number}`;
}

function unknown(id: string): BadOperation {
  return new BadOperation(
    `REQUEST_UNKNOWN: ${id} is not the last request of its collection, or there never was one. Nothing was done. Ask again; if it was asked a moment ago, confirm ` +
      'it again in some seconds',
  );
}

function requirePerson(arn: string): string {
  const person = personIn(arn);
  if (person !== null) return person;
  throw new BadOperation(
    `PERSON_UNKNOWN: ${shownActor(arn)} does not tell who you are, and two persons are needed. Nothing was done. Give your session a name of your own ` +
      '(role_session_name of your AWS profile)',
  );
}
