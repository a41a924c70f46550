/** @param milliseconds since the epoch. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
