/** The alarm ForeignConflicts, as CloudWatch would have it: from the metrics that functions print. */

export type Log = (source: string, line: string) => void;

const METRIC = 'ForeignConflicts';

export class ForeignAlarm {
  /** Writes past the API that were found from `seal` on, as functions have counted them. */
  count = 0;
  readonly #log: Log;

  /** @param log is given each line, too. */
  constructor(log: Log) {
    this.#log = log;
  }

  readonly log: Log = (source, line) => {
    this.count += countedIn(line);
    this.#log(source, line);
  };
}

/** A function prints what it has counted as one line of JSON, in CloudWatch's embedded metric format; one value, or a list. */
function countedIn(line: string): number {
  if (!line.startsWith('{"_aws"') || !line.includes(METRIC)) return 0;
  const values = [(JSON.parse(line) as Readonly<Record<string, unknown>>)[METRIC] ?? 0].flat();
  return values.reduce((sum: number, each) => sum + Number(each), 0);
}
