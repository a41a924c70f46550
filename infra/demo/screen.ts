/** Where the demo tells its story: lines that stay, and below them, on a terminal, a picture that is drawn anew. */

/** As `process.stdout`. */
export interface Out {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Milliseconds. */
const SELDOM = 15_000;

export class Screen {
  readonly #out: Out;
  readonly #now: () => number;
  #picture: readonly string[] = [];
  #drawn = 0;
  #shown = 0;

  /** @param now milliseconds since the story began. */
  constructor(out: Out, now: () => number) {
    this.#out = out;
    this.#now = now;
  }

  /** A line of the story. */
  tell(text: string): void {
    this.#erase();
    const seconds = (this.#now() / 1000).toFixed(1).padStart(6);
    this.#out.write(`${seconds} s  ${text}\n`);
    this.#draw();
  }

  /** Lines that are no part of the story. */
  print(lines: readonly string[]): void {
    this.#erase();
    this.#out.write(`${lines.join('\n')}\n`);
    this.#draw();
  }

  /** What stands below the story from now on. What is no terminal gets it as lines, now and then. */
  show(picture: readonly string[]): void {
    if (this.#out.isTTY === true) {
      this.#erase();
      this.#picture = picture;
      this.#draw();
    } else if (this.#now() - this.#shown >= SELDOM) this.#log(picture);
  }

  #log(picture: readonly string[]): void {
    this.#shown = this.#now();
    for (const line of picture) if (line !== '') this.#out.write(`          | ${line}\n`);
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (this.#picture.length === 0) return;
    // A line that wraps would be two to go up, and one to come down.
    const width = Math.max(20, (this.#out.columns ?? 80) - 1);
    const lines = this.#picture.map((line) => [...line].slice(0, width).join(''));
    this.#out.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }
}
