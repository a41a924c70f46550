/**
 * Where commands print: lines for people, or JSON; a bar that moves only where somebody looks at it. Keys of documents are among what is printed, and a client has
 * chosen them: no character of them steers the terminal.
 */
import { unsteering } from '../../functions/parsing/steering.ts';
import type { Progress } from '../../functions/runs/summary.ts';
import { PAUSES, type Send, Service } from './service.ts';
import { barOf } from './told/runs.ts';

/** It was done, and what was found is not well. */
const NOT_WELL = 1;

export class Terminal {
  readonly service: Service;
  readonly #json: boolean;

  constructor({
    url,
    json = false,
    send,
  }: {
    readonly url?: string | undefined;
    readonly json?: boolean | undefined;
    readonly send?: Send;
  }) {
    this.service = new Service(url, PAUSES, send);
    this.#json = json;
  }

  /** Whether programs read what is printed. */
  get isJson(): boolean {
    return this.#json;
  }

  /** @param well whether all is well: otherwise the command exits with 1. */
  show(answer: unknown, lines: readonly string[], well = true): void {
    const text = this.#json ? JSON.stringify(answer, null, 2) : lines.join('\n');
    process.stdout.write(`${unsteering(text)}\n`);
    if (!well) process.exitCode = NOT_WELL;
  }

  /** One of many: a line for people, or a line of JSON. */
  readonly each = (item: unknown, line: string): void => {
    process.stdout.write(`${unsteering(this.#json ? JSON.stringify(item) : line)}\n`);
  };

  /** What is under way, where it is not the answer. */
  say(line: string): void {
    process.stderr.write(`${unsteering(line)}\n`);
  }

  /** Draws how far a run is; null where nobody would see it. */
  get progress(): ((progress: Progress) => void) | null {
    if (!process.stderr.isTTY || this.#json) return null;
    return (progress) => process.stderr.write(`\r${barOf(progress)}\x1b[K`);
  }

  /** Ends what was drawn. */
  drawn(): void {
    if (this.progress !== null) process.stderr.write('\n');
  }

  count(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
  }
}

/** Makes a terminal for the options that a command was given. */
export type Open = () => Terminal;
