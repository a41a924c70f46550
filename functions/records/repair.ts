/** What was changed to make both stores agree. */
export interface Repair {
  readonly collection: string;
  readonly key: string;
  readonly at: number;
  readonly cause: string;
  readonly detail: string;
}
