/** The mark of a receipt that a worker has in hand who may die of it. */
export interface Mark {
  /** When it was made, in milliseconds since the epoch; 0 once it was cleared. */
  readonly at: number;
  /** How often the receipt was worked on alone since then. */
  readonly alone: number;
}
