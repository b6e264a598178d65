import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { DataError } from '../../base/errors.js';
import { withFileLock } from '../../node/fileLock.js';

/** A value of SQLite. */
export type Value = string | number | null;

/** SQLite, whichever library it comes from. */
export interface Database {
  /** Which library it is. */
  readonly name: string;
  /** Runs statements without values. */
  exec(sql: string): void;
  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, ...values: Value[]): number;
  /** The rows of a query. */
  all<T>(sql: string, ...values: Value[]): T[];
  /** Runs `work` as a whole or not at all, while no other process writes. */
  transaction<T>(work: () => T): T;
  /** Closes the file. */
  close(): void;
}

/** Milliseconds to wait for another process that writes. */
const PATIENCE = 60_000;

/**
 * Opens a database file: with Node's own SQLite, or else with the packages better-sqlite3 or node-sqlite3-wasm.
 *
 * Throws `DataError` where none of them is there, or the file can't be opened.
 */
export function openDatabase(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  for (const open of [openNodeSqlite, openBetterSqlite, openWasmSqlite]) {
    const database = open(path);
    if (database === undefined) continue;
    // WebAssembly has no shared memory with other processes, which a write-ahead log needs.
    const journal = database.name === 'node-sqlite3-wasm' ? 'TRUNCATE' : 'WAL';
    opened(path, () =>
      database.exec(
        `PRAGMA busy_timeout = ${PATIENCE}; PRAGMA journal_mode = ${journal}; PRAGMA synchronous = NORMAL;`,
      ),
    );
    return database;
  }
  throw new DataError(
    `the store ${path} needs SQLite. Node has it from version 22.13 on, and this is ${process.version}: update Node, or install better-sqlite3 or node-sqlite3-wasm beside stridenet.`,
  );
}

interface Statement {
  run(...values: Value[]): { changes: number | bigint };
  all(...values: Value[]): unknown[];
}

interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): void;
}

function openNodeSqlite(path: string): Database | undefined {
  const sqlite = process.getBuiltinModule?.('node:sqlite') as
    | { DatabaseSync: new (path: string) => Connection }
    | undefined;
  return (
    sqlite &&
    withStatements(
      'node:sqlite',
      opened(path, () => new sqlite.DatabaseSync(path)),
    )
  );
}

function openBetterSqlite(path: string): Database | undefined {
  const loaded = load<new (path: string) => Connection>('better-sqlite3');
  if (loaded === undefined) return undefined;
  try {
    return withStatements('better-sqlite3', new loaded(path));
  } catch (cause) {
    // Its native part was not built.
    if (/bindings|NODE_MODULE_VERSION/.test(String(cause))) return undefined;
    throw failed(path, cause);
  }
}

/** Both libraries prepare statements, which are kept. */
function withStatements(name: string, connection: Connection): Database {
  const prepared = new Map<string, Statement>();
  const statement = (sql: string): Statement => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = connection.prepare(sql)));
    return found;
  };
  return {
    name,
    exec: (sql) => void connection.exec(sql),
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    all: <T>(sql: string, ...values: Value[]) => statement(sql).all(...values) as T[],
    transaction: (work) => inTransaction((sql) => void connection.exec(sql), work),
    close: () => connection.close(),
  };
}

interface WasmConnection {
  exec(sql: string): void;
  run(sql: string, values?: Value[]): { changes: number | bigint };
  all(sql: string, values?: Value[]): unknown[];
  close(): void;
}

/**
 * SQLite as WebAssembly locks a file by making a folder beside it, which a killed process leaves behind. So all access goes through a lock file
 * that notices the death of its holder; a folder that is there under that lock belongs to nobody.
 */
function openWasmSqlite(path: string): Database | undefined {
  const loaded = load<{ Database: new (path: string) => WasmConnection }>('node-sqlite3-wasm');
  if (loaded === undefined) return undefined;
  const connection = opened(path, () => new loaded.Database(path));
  let depth = 0;
  const alone = <T>(work: () => T): T => {
    if (depth > 0) return work();
    return withFileLock(`${path}.owner`, () => {
      if (existsSync(`${path}.lock`)) rmSync(`${path}.lock`, { recursive: true });
      depth++;
      try {
        return work();
      } finally {
        depth--;
      }
    });
  };
  return {
    name: 'node-sqlite3-wasm',
    exec: (sql) => alone(() => connection.exec(sql)),
    run: (sql, ...values) => alone(() => Number(connection.run(sql, values).changes)),
    all: <T>(sql: string, ...values: Value[]) => alone(() => connection.all(sql, values) as T[]),
    transaction: (work) => alone(() => inTransaction((sql) => connection.exec(sql), work)),
    close: () => alone(() => connection.close()),
  };
}

function inTransaction<T>(exec: (sql: string) => void, work: () => T): T {
  exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    exec('COMMIT');
    return result;
  } catch (error) {
    exec('ROLLBACK');
    throw error;
  }
}

function opened<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw failed(path, cause);
  }
}

function failed(path: string, cause: unknown): DataError {
  return new DataError(`opening the store ${path} failed: ${(cause as Error).message}.`, { cause });
}

/** A package that may be installed or not. */
function load<T>(name: string): T | undefined {
  try {
    return createRequire(import.meta.url)(name) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
