/**
 * A trigger that sees what is changed in a collection's table by SQL, past the API. It is made and dropped by an operator, as the owner of the tables,
 * and by no deployment. It fires for all users but those that the functions log in as, in the transaction of the change: where that is rolled back,
 * so is what the trigger wrote.
 *
 * It makes of the change what a write of Oracle is to the protocol: the version rises, so an ETag of before fits no more and Couchbase takes the copy, and the row
 * is handed off, so a copy-back finds it. Statements that set nothing but filled columns leave the document as it was, and so its version.
 * An inserted row is handed off at version 1, and not at 0 as one that the API creates: the key may have been deleted by SQL before, and Couchbase may hold it.
 * Its version is above that of the row that was deleted, which the entry of that deletion tells: a job that deletes and inserts rows may do so within the minute
 * of their last writes.
 * A DELETE cannot leave a tombstone from within a row trigger; an operator's decision makes it: see `operations/sql_changes.ts`.
 *
 * It does not see TRUNCATE, a partition that is exchanged, DBMS_LOB that writes into a LOB by its locator, a load by the direct path, FLASHBACK TABLE, nor
 * anything while it is disabled. (PL/SQL Language Reference 19c, "DML Triggers".)
 */

/** What a change was, as the trigger writes it. `columns`: nothing but columns that are filled from documents, or others of your own. */
export const WATCHED = ['insert', 'document', 'columns', 'delete'] as const;

/** The name of the trigger. Only we name one so. */
export function watchName(table: string): string {
  return `${table}_CROSSFADE_SQL`;
}

/** Seconds since the epoch, by the database's clock. A difference of two dates is a number of days. */
export const SECONDS = "ROUND((CAST(SYS_EXTRACT_UTC(SYSTIMESTAMP) AS DATE) - DATE '1970-01-01') * 86400)";

/** Columns that are a document, or that only our statements may set: whoever names one of them has written the document. */
const DOCUMENT = ['BODY', 'BYTES', 'KIND', 'EXPIRES', 'REQUEST', 'VERSION', 'HANDOFF', 'HANDBACK'];

const SENDER = (of: string) => `SUBSTRB(SYS_CONTEXT('USERENV', '${of}'), 1, 128)`;

/**
 * The trigger, which is enabled once it has compiled: where an enabled one does not compile, Oracle refuses every write of its table (ORA-04098), those of the
 * functions too.
 * @param users all that the functions log in as, in capitals: names as Oracle takes them without quotes.
 */
export function watchTrigger(table: string, users: readonly string[]): string {
  const ours = users.map((name) => `'${name}'`).join(', ');
  const writes = DOCUMENT.map((column) => `UPDATING('${column}')`).join(' OR ');
  return `CREATE OR REPLACE TRIGGER ${watchName(table)}
BEFORE INSERT OR UPDATE OR DELETE ON ${table}
FOR EACH ROW
DISABLE
WHEN (USER NOT IN (${ours}))
DECLARE
  v_now NUMBER := ${SECONDS};
  v_key VARCHAR2(250 BYTE) := :OLD.doc_key;
  v_what VARCHAR2(16 BYTE) := 'delete';
  v_version NUMBER := :OLD.version;
  v_handoff NUMBER := :OLD.handoff;
  v_handback NUMBER := :OLD.handback;
BEGIN
  IF :OLD.kind = 'gone' AND (DELETING OR :NEW.kind = 'gone') THEN
    RETURN;
  END IF;
  IF UPDATING AND :NEW.doc_key <> :OLD.doc_key THEN
    RAISE_APPLICATION_ERROR(-20001, 'CROSSFADE_KEY_CHANGED: a key is the name of a document: delete the row, and insert another one');
  END IF;
  IF INSERTING THEN
    v_what := 'insert';
    SELECT NVL(MAX(version), 0) + 1 INTO v_version FROM CROSSFADE_SQL_CHANGES
    WHERE table_name = '${table}' AND doc_key = :NEW.doc_key;
    :NEW.version := GREATEST(NVL(:NEW.version, 1), (v_now - 60) * 1000000000, v_version);
    :NEW.handoff := 1;
    :NEW.handback := 0;
    :NEW.kind := NVL(:NEW.kind, 'json');
  ELSIF UPDATING THEN
    v_what := 'columns';
    IF ${writes} THEN
      v_what := 'document';
      :NEW.request := NULL;
      :NEW.version := GREATEST(NVL(:NEW.version, 1), :OLD.version + 1);
      :NEW.handoff := NVL(:OLD.handoff, :OLD.version);
      :NEW.handback := :OLD.handback;
    END IF;
  END IF;
  IF NOT DELETING THEN
    v_key := :NEW.doc_key;
    v_version := :NEW.version;
    v_handoff := :NEW.handoff;
    v_handback := :NEW.handback;
  END IF;
  BEGIN
    INSERT INTO CROSSFADE_SQL_CHANGES
      (table_name, doc_key, what, version, handoff, handback, changes, first_at, last_at, db_user, os_user, module)
    VALUES ('${table}', v_key, v_what, v_version, v_handoff, v_handback, 1, v_now * 1000, v_now * 1000, USER,
      ${SENDER('OS_USER')}, ${SENDER('MODULE')});
  EXCEPTION
    WHEN DUP_VAL_ON_INDEX THEN
      UPDATE CROSSFADE_SQL_CHANGES SET what = CASE WHEN v_what = 'columns' THEN what ELSE v_what END,
        version = v_version, handoff = v_handoff, handback = v_handback, changes = changes + 1, last_at = v_now * 1000,
        db_user = USER, os_user = ${SENDER('OS_USER')}, module = ${SENDER('MODULE')}
      WHERE table_name = '${table}' AND doc_key = v_key;
  END;
END;`;
}

export function enableWatch(table: string): string {
  return `ALTER TRIGGER ${watchName(table)} ENABLE`;
}

export function dropWatch(table: string): string {
  return `DROP TRIGGER ${watchName(table)}`;
}
