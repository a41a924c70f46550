/** What the operation `about` tells. */
/** Of a deployment. */
export interface About {
  /** What the names of its parameters begin with. */
  readonly parameters: string;
  /** ARNs. */
  readonly machines: {
    readonly copy: string;
    readonly verify: string;
    /** Functions of the version before have none. */
    readonly certify?: string;
  };
  readonly collections: readonly string[];
  /** Milliseconds: a bake, and the time of a request, which a move takes to be published. */
  readonly bake: number;
  readonly request: number;
  /** Name of the log group with the hashes of the audit log; null where there is none. Functions of the version before tell none. */
  readonly auditLog?: string | null;
}
