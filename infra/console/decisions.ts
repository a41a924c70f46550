/** What becomes of entries that operators decide about: some at a time, told one by one, and counted. */
import type { Service } from './service.ts';
import type { Terminal } from './terminal.ts';

interface Page<Outcome> {
  readonly outcomes: readonly Outcome[];
  readonly next: string | null;
}

/** Some at a time, since one request has only so much time. @param operation that decides about a page of entries. */
export async function* outcomesOf<Outcome>(
  service: Pick<Service, 'ask'>,
  operation: string,
  asked: object,
): AsyncGenerator<Outcome> {
  let after: string | null = null;
  do {
    const page: Page<Outcome> = await service.ask<Page<Outcome>>(operation, { ...asked, after });
    yield* page.outcomes;
    after = page.next;
  } while (after !== null);
}

/** Tells them, and exits with 1 where an entry stays open. @param confirm whether it was done, or would be. */
export async function tellDecided<Outcome extends { readonly does: string }>(
  terminal: Terminal,
  outcomes: AsyncIterable<Outcome>,
  confirm: boolean,
  line: (outcome: Outcome, confirm: boolean) => string,
): Promise<void> {
  const closed = { done: 0, open: 0 };
  for await (const outcome of outcomes) {
    const stays = outcome.does === 'nothing';
    closed[stays ? 'open' : 'done']++;
    // People are told of what was done as they asked for by a number alone.
    if (stays || !confirm || terminal.isJson) terminal.each(outcome, line(outcome, confirm));
    else terminal.count(`${closed.done} so far`);
  }
  const { done, open } = closed;
  terminal.say(
    confirm
      ? `${done} entries were closed, ${open} stay open.`
      : `${done} entries would be closed, ${open} would stay open. Nothing was done. Say --confirm to do it.`,
  );
  if (open > 0) process.exitCode = 1;
}
