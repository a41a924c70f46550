/** SSM Parameter Store, as far as operators and functions use it: texts with a pattern, versions and their history. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SSM } from '../limits.ts';
import { operatorIn } from '../policy.ts';
import { ACCOUNT, REGION } from '../template.ts';
import { ServiceError, tooLong } from './failure.ts';

interface Value {
  readonly value: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
}

interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly allowedPattern: string | null;
  readonly values: readonly Value[];
}

type Input = Readonly<Record<string, unknown>>;

/** As AWS keeps them. */
const HISTORY = 100;

export class ParameterStore {
  readonly #parameters: Map<string, Parameter>;
  readonly #file: string | null;
  readonly #clock: () => number;
  #moment: number | null = null;
  /** The setting of the account for higher throughput. */
  highThroughput = false;
  /** Whether reads may tell for a moment what was before a change. */
  eventual = true;
  /** Is told of each value that was put, and whether the parameter was there before. */
  changed: (name: string, operation: 'Create' | 'Update') => void = () => {};

  /** @param file where they outlive the process; null for nowhere. */
  constructor(file: string | null, now: () => number) {
    this.#file = file;
    this.#clock = now;
    const stored =
      file !== null && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Parameter[]) : [];
    this.#parameters = new Map(stored.map((parameter) => [parameter.name, parameter]));
  }

  static arn(name: string): string {
    return `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${name.replace(/^\//, '')}`;
  }

  /** The time of this service, which need not be that of whoever asks: what changes carry, and answers. */
  readonly now = (): number => this.#moment ?? this.#clock();

  /** As `call`, at another time: a test makes a parameter that was changed long ago. */
  callAt(moment: number, operation: string, input: Input, by: string): unknown {
    this.#moment = moment;
    try {
      return this.call(operation, input, by);
    } finally {
      this.#moment = null;
    }
  }

  /** As a deployment does: a parameter that is there already keeps its value, since its template has not changed. */
  declare(name: string, value: string, description: string, allowedPattern: string | null): void {
    if (!this.#parameters.has(name))
      this.#put({ name, description, allowedPattern, values: [] }, value, 'deployment');
  }

  /** Answers a request. Throws `ServiceError`. @param by who asks. */
  call(operation: string, input: Input, by: string): unknown {
    switch (operation) {
      case 'PutParameter':
        return this.#change(input, by);
      case 'DeleteParameter':
        return this.#delete(input.Name as string);
      case 'DeleteParameters':
        return this.#deleteSome(input.Names as string[]);
      case 'GetParameter':
        return { Parameter: described(this.#find(input.Name as string)) };
      case 'GetParameters':
        return this.#several(input.Names as string[]);
      case 'GetParametersByPath':
        return { Parameters: this.#below(input.Path as string, input.Recursive === true).map(described) };
      case 'GetParameterHistory':
        return page(historyOf(this.#find(input.Name as string)), input);
      case 'DescribeParameters':
        return { Parameters: [...this.#parameters.values()].map(summary) };
      default:
        throw new ServiceError('UnknownOperationException', `This machine's SSM knows no ${operation}`);
    }
  }

  /** The value before the last one, as answers tell it; null where there was none. */
  before(
    name: string,
  ): { readonly Value: string; readonly Version: number; readonly LastModifiedDate: number } | null {
    const told = this.#find(name).values.at(-2);
    if (told === undefined) return null;
    return { Value: told.value, Version: told.version, LastModifiedDate: told.at / 1000 };
  }

  #change({ Name, Value: value, Overwrite, AllowedPattern, Description }: Input, by: string): unknown {
    const found = this.#parameters.get(Name as string);
    if (found !== undefined && Overwrite !== true)
      throw new ServiceError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    const parameter: Parameter = {
      name: Name as string,
      description: (Description as string) ?? found?.description ?? '',
      allowedPattern: (AllowedPattern as string) ?? found?.allowedPattern ?? null,
      values: found?.values ?? [],
    };
    return { Version: this.#put(parameter, value as string, by), Tier: 'Standard' };
  }

  #delete(name: string): unknown {
    this.#parameters.delete(this.#find(name).name);
    this.#save();
    return {};
  }

  /** Those that are not there are no error. */
  #deleteSome(names: readonly string[]): unknown {
    const DeletedParameters = names.filter((name) => this.#parameters.delete(name));
    this.#save();
    return {
      DeletedParameters,
      InvalidParameters: names.filter((name) => !DeletedParameters.includes(name)),
    };
  }

  #put(parameter: Parameter, value: string, by: string): number {
    const { name, allowedPattern, values } = parameter;
    if (allowedPattern !== null && !new RegExp(allowedPattern).test(value))
      throw new ServiceError(
        'ParameterPatternMismatchException',
        `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
      );
    const version = (values.at(-1)?.version ?? 0) + 1;
    const next = [...values, { value, version, at: this.now(), by }].slice(-HISTORY);
    this.#parameters.set(name, { ...parameter, values: next });
    this.#save();
    this.changed(name, version === 1 ? 'Create' : 'Update');
    return version;
  }

  #several(names: readonly string[]): unknown {
    const found = names.flatMap((name) => this.#parameters.get(name) ?? []);
    return {
      Parameters: found.map(described),
      InvalidParameters: names.filter((name) => !this.#parameters.has(name)),
    };
  }

  #below(path: string, recursive: boolean): Parameter[] {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return [...this.#parameters.values()].filter(
      ({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')),
    );
  }

  #find(name: string): Parameter {
    const found = this.#parameters.get(name);
    if (found === undefined) throw new ServiceError('ParameterNotFound', `Parameter ${name} not found.`);
    return found;
  }

  #save(): void {
    if (this.#file === null) return;
    // In one step, so that a power cut leaves the old or the new, whole.
    writeFileSync(`${this.#file}.next`, JSON.stringify([...this.#parameters.values()]));
    renameSync(`${this.#file}.next`, this.#file);
  }
}

function described(parameter: Parameter) {
  const { value, version, at } = parameter.values.at(-1) as Value;
  const { name } = parameter;
  return {
    ...{ Name: name, Type: 'String', Value: value, Version: version, LastModifiedDate: at / 1000 },
    ...{ ARN: ParameterStore.arn(name), DataType: 'text' },
  };
}

/** Of a history: the oldest values first. */
function page(values: readonly object[], { MaxResults = SSM.history, NextToken = '0' }: Input) {
  if ((MaxResults as number) > SSM.history) throw tooLong('maxResults', SSM.history);
  const [from, to] = [Number(NextToken), Number(NextToken) + (MaxResults as number)];
  return { Parameters: values.slice(from, to), ...(to < values.length ? { NextToken: String(to) } : {}) };
}

function historyOf({ name, description, allowedPattern, values }: Parameter) {
  return values.map(({ value, version, at, by }) => ({
    ...{ Name: name, Type: 'String', Value: value, Version: version, LastModifiedDate: at / 1000 },
    ...{ LastModifiedUser: arnOf(by), Description: description, AllowedPattern: allowedPattern ?? undefined },
  }));
}

/** Who has put a value: whoever has an access key on this machine has the name in the key, or that of the key. */
function arnOf(by: string): string {
  return by.startsWith('arn:') ? by : `arn:aws:iam::${ACCOUNT}:user/${operatorIn(by)?.name ?? by}`;
}

function summary(parameter: Parameter) {
  const { Value: _, ...rest } = described(parameter);
  return {
    ...rest,
    Description: parameter.description,
    AllowedPattern: parameter.allowedPattern ?? undefined,
  };
}
