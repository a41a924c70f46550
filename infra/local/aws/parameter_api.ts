/** What SSM does with requests for parameters: it limits their rate and sizes, and for a moment after a change it may answer as before. */
import { Bucket } from '../bucket.ts';
import { SSM } from '../limits.ts';
import { ServiceError, tooLong } from './failure.ts';
import { ParameterStore } from './parameters.ts';

type Input = Readonly<Record<string, unknown>>;

interface Told {
  readonly Name: string;
  readonly Value: string;
  readonly Version: number;
  /** Seconds since the epoch. */
  readonly LastModifiedDate: number;
}

interface Buckets {
  readonly reads: Bucket;
  readonly writes: Bucket;
}

/**
 * Milliseconds after a change in which a read may tell the value before, and the share of reads that do. AWS names no time: that reads are
 * eventually consistent was seen by others. (github.com/aws/aws-cdk-cli/issues/830, 2026-11-27)
 */
const [LATE, SHARE] = [300, 0.5];

const READS = ['GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory'];
const WRITES = ['PutParameter', 'DeleteParameter', 'DeleteParameters'];
const NAME = /^\/?[\w.-]+(\/[\w.-]+)*$/;
const RESERVED = /^\/?(aws|ssm)/i;

export class ParameterApi {
  /** How often a value of before was told, and requests were refused for their rate. */
  readonly struck = { before: 0, throttled: 0 };
  readonly #store: ParameterStore;
  readonly #random: () => number;
  readonly #usual: Buckets;
  readonly #high: Buckets;

  /** @param random from 0 up to 1, which is not among them. @param steady milliseconds on a clock that never goes back. */
  constructor(store: ParameterStore, random: () => number = Math.random, steady?: () => number) {
    this.#store = store;
    this.#random = random;
    const buckets = (reads: number, writes: number): Buckets => ({
      reads: new Bucket(reads, reads, steady),
      writes: new Bucket(writes, writes, steady),
    });
    this.#usual = buckets(SSM.reads, SSM.writes);
    this.#high = buckets(SSM.manyReads, SSM.manyWrites);
  }

  /** Answers a request. Throws `ServiceError`. @param by who asks. */
  answer(operation: string, input: Input, by: string): unknown {
    this.#throttle(operation);
    if (operation === 'PutParameter') this.#checkNew(input);
    if (
      ['GetParameters', 'DeleteParameters'].includes(operation) &&
      (input.Names as string[]).length > SSM.names
    )
      throw tooLong('names', SSM.names);
    const answered = this.#store.call(operation, input, by);
    switch (operation) {
      case 'GetParameter':
        return { Parameter: this.#seen(answered as { Parameter: Told }) };
      case 'GetParameters':
        return this.#several(answered as { Parameters: Told[]; InvalidParameters: string[] });
      case 'GetParametersByPath':
        return this.#page(answered as { Parameters: Told[] }, input);
      default:
        return answered;
    }
  }

  #throttle(operation: string): void {
    const { reads, writes } = this.#store.highThroughput ? this.#high : this.#usual;
    const bucket = READS.includes(operation) ? reads : WRITES.includes(operation) ? writes : null;
    if (bucket === null || bucket.take()) return;
    this.struck.throttled++;
    throw new ServiceError('ThrottlingException', 'Rate exceeded');
  }

  #checkNew({ Name, Value, Type, Overwrite }: Input): void {
    const [name, value] = [String(Name), String(Value)];
    if (ParameterStore.arn(name).length > SSM.name) throw tooLong('name', SSM.name);
    if (!NAME.test(name) || RESERVED.test(name) || name.split('/').length - 1 > SSM.levels)
      throw new ServiceError(
        'ValidationException',
        `Parameter name: "${name}" is no valid name of a parameter.`,
      );
    if (value === '' || Buffer.byteLength(value) > SSM.value)
      throw new ServiceError(
        'ValidationException',
        `Standard tier parameters support a maximum parameter value of ${SSM.value} characters.`,
      );
    if (/\{\{.*\}\}/s.test(value))
      throw new ServiceError(
        'ValidationException',
        "Parameter value can't nest another parameter. Don't use {{}} in it.",
      );
    if (Type === undefined && Overwrite !== true)
      throw new ServiceError(
        'ValidationException',
        'A parameter type is required when you create a parameter.',
      );
  }

  #several({ Parameters, InvalidParameters }: { Parameters: Told[]; InvalidParameters: string[] }): unknown {
    const seen = Parameters.map((each) => this.#late(each));
    const unseen = Parameters.filter((_, n) => seen[n] === null).map(({ Name }) => Name);
    return {
      Parameters: seen.filter((each) => each !== null),
      InvalidParameters: [...InvalidParameters, ...unseen],
    };
  }

  #page({ Parameters }: { Parameters: Told[] }, { MaxResults = SSM.names, NextToken = '0' }: Input): unknown {
    if ((MaxResults as number) > SSM.names) throw tooLong('maxResults', SSM.names);
    const [from, to] = [Number(NextToken), Number(NextToken) + (MaxResults as number)];
    const seen = Parameters.slice(from, to).flatMap((each) => this.#late(each) ?? []);
    return { Parameters: seen, ...(to < Parameters.length ? { NextToken: String(to) } : {}) };
  }

  #seen({ Parameter }: { Parameter: Told }): Told {
    const seen = this.#late(Parameter);
    if (seen === null) throw new ServiceError('ParameterNotFound', `Parameter ${Parameter.Name} not found.`);
    return seen;
  }

  /** A parameter as this read finds it; null where it finds none yet. */
  #late(told: Told): Told | null {
    const age = this.#store.now() - told.LastModifiedDate * 1000;
    if (!this.#store.eventual || age < 0 || age > LATE || this.#random() >= SHARE) return told;
    this.struck.before++;
    const before = this.#store.before(told.Name);
    return before === null ? null : { ...told, ...before };
  }
}
