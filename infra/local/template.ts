/** A synthesized CloudFormation template, with its references resolved to what stands for the resources on this machine. */
import { join } from 'node:path';
import type { Document } from '../template.ts';

export interface Resource {
  readonly id: string;
  readonly type: string;
  /** As they stand in the template: see `resolve`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What `Ref` and `Fn::GetAtt` of a resource come to. */
export interface Physical {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export const REGION = 'eu-central-1';
export const ACCOUNT = '000000000000';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The template has something in it that this machine does not know: better no stack than another one. */
export class UnknownInTemplate extends Error {
  override readonly name = 'UnknownInTemplate';
}

export class Template {
  readonly resources: readonly Resource[];
  readonly #physical = new Map<string, Physical>();
  /** Folder of an asset, by its hash. */
  readonly #outdir: string;

  /** @param outdir where the stack was synthesized. */
  constructor(outdir: string, { Resources }: Document) {
    this.#outdir = outdir;
    this.resources = Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
      id,
      type: Type,
      properties: Properties,
    }));
  }

  ofType(...types: readonly string[]): Resource[] {
    return this.resources.filter(({ type }) => types.includes(type));
  }

  /** Says what stands for a resource. Its references can be resolved from then on. */
  place(id: string, physical: Physical): void {
    this.#physical.set(id, physical);
  }

  /** A property with everything in it resolved. Throws `UnknownInTemplate`. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.resolve(each));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::')))
      return this.#call(name, argument);
    return Object.fromEntries(entries.map(([key, each]) => [key, this.resolve(each)]));
  }

  text(value: unknown): string {
    const resolved = this.resolve(value);
    if (typeof resolved === 'string') return resolved;
    throw new UnknownInTemplate(
      `${JSON.stringify(value)} should come to a text, and is ${JSON.stringify(resolved)}`,
    );
  }

  /** The folder of a function's code. */
  assetOf(code: unknown): string {
    const { S3Key } = code as { S3Key?: string };
    const hash = /^([0-9a-f]{64})\.zip$/.exec(S3Key ?? '')?.[1];
    if (hash === undefined) throw new UnknownInTemplate(`${JSON.stringify(code)} is no asset of this stack`);
    return join(this.#outdir, `asset.${hash}`);
  }

  #call(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return PSEUDO[argument as string] ?? this.#of(argument as string).ref;
      case 'Fn::GetAtt': {
        const [id, attribute] = argument as [string, string];
        const found = this.#of(id).attributes[attribute];
        if (found === undefined)
          throw new UnknownInTemplate(`${id} has no attribute ${attribute} on this machine`);
        return found;
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return parts.map((part) => this.text(part)).join(separator);
      }
      case 'Fn::Select': {
        const [index, list] = argument as [number, unknown];
        return (this.resolve(list) as unknown[])[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = argument as [string, unknown];
        return this.text(text).split(separator);
      }
      case 'Fn::Sub':
        return (argument as string).replace(/\$\{([^}]+)\}/g, (_, id: string) =>
          String(this.#call('Ref', id)),
        );
      default:
        throw new UnknownInTemplate(`Nobody on this machine knows ${name}`);
    }
  }

  #of(id: string): Physical {
    const physical = this.#physical.get(id);
    if (physical === undefined)
      throw new UnknownInTemplate(`${id} is referred to, and nothing stands for it on this machine`);
    return physical;
  }
}
