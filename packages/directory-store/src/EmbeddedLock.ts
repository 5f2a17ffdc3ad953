/**
 * One process at a time in an embedded database's folder.
 *
 * PGlite has no lock of its own, and two at once would destroy the files. An open SQLite transaction on `<folder>/lock`
 * is a lock that the operating system takes back when the process dies, however it dies; no stale lock is ever left.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

import { StoreError, StoreLocked } from "@rollcall/core/contract/EventLog"
import { Effect, Predicate, type Scope } from "effect"

const busy = 5

/** Held for the life of the scope. Fails at once, before anything of the database is touched. */
export const lockFolder = (folder: string): Effect.Effect<void, StoreError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.suspend(() => acquire(folder)),
    (lock) => Effect.sync(() => lock.close())
  ).pipe(Effect.asVoid)

const acquire = (folder: string): Effect.Effect<DatabaseSync, StoreError> => {
  // Names and addresses of people stand in it.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(folder, "lock"))
  try {
    lock.exec("pragma locking_mode = exclusive; begin exclusive")
  } catch (cause) {
    lock.close()
    if (!Predicate.hasProperty(cause, "errcode") || cause.errcode !== busy) return Effect.die(cause)
    return new StoreError({ reason: locked(folder) })
  }
  writeFileSync(join(folder, "lock.pid"), String(process.pid))
  return Effect.succeed(lock)
}

const locked = (folder: string): StoreLocked =>
  new StoreLocked({
    folder,
    problem: `The database in ${folder} is open in another process${holder(folder)}.`,
    remedy: "Stop that one first, or set DATABASE_URL to a PostgreSQL that several processes can share."
  })

/** For the message alone: whoever holds the lock has left its number. */
const holder = (folder: string): string => {
  try {
    return ` (${readFileSync(join(folder, "lock.pid"), "utf8")})`
  } catch {
    return ""
  }
}
