/** Which statements PostgreSQL keeps parsed, as Oracle does with its cursors: parsing a row of a batch costs more than the row. */

const MOST = 200;

export class Parsed {
  readonly #names = new Map<string, string>();
  #last = 0;

  /**
   * The name of a change that will come again, and whether it is parsed already. Queries have no name: a parsed one may give no
   * other columns than it gave once.
   */
  nameOf(sql: string, bound: boolean): { readonly name: string; readonly known: boolean } {
    const known = this.#names.get(sql);
    if (known !== undefined) return { name: known, known: true };
    if (!bound || sql.trimStart().startsWith('SELECT') || this.#last >= MOST)
      return { name: '', known: false };
    const name = `parsed${++this.#last}`;
    this.#names.set(sql, name);
    return { name, known: false };
  }

  forget(sql: string): void {
    this.#names.delete(sql);
  }
}
