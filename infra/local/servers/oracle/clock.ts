/** The statements that set the database's clock. @param milliseconds that it is ahead of the machine's. */
export function clock(milliseconds: number): string[] {
  const now = `now() + interval '${milliseconds} milliseconds'`;
  return [
    `CREATE OR REPLACE FUNCTION "SYSTIMESTAMP"() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT ${now} $$`,
    `CREATE OR REPLACE FUNCTION "SYSDATE"() RETURNS timestamp LANGUAGE sql STABLE
    AS $$ SELECT date_trunc('second', "SYSTIMESTAMP"() AT TIME ZONE 'UTC') $$`,
  ];
}
