import { dirname } from "node:path"

/**
 * Everything the stand-in of Together remembers, and the JSON file that carries it over a restart: users with their marks,
 * registrations, the judge's totals and the wall clock of its last arrival. Faults are not kept.
 * Called by TogetherServer alone. A save writes a neighbour file and renames it, so a kill leaves the old or the new state
 * and never half of one. It never invents a state from a file it cannot understand.
 */
import { Effect, FileSystem, HashMap, MutableRef, Schema, Semaphore } from "effect"

import { SandboxError, StateFileBroken, StateFileUnreachable } from "./SandboxError.ts"
import { inject, noFaults } from "./TogetherFaults.ts"
import type { Faults } from "./TogetherFaults.ts"
import { freshJudge, resumedJudge } from "./TogetherJudge.ts"
import type { Judge } from "./TogetherJudge.ts"
import type { Registration } from "./TogetherPrograms.ts"
import type { TogetherSettings } from "./TogetherSettings.ts"
import { everyone, find, noUsers, plant, put } from "./TogetherUsers.ts"
import type { TogetherUsers } from "./TogetherUsers.ts"

export interface TogetherWorld {
  readonly users: TogetherUsers
  readonly registrations: ReadonlyArray<Registration>
  readonly judge: Judge
  readonly faults: Faults
}

/** The living state: changed in one synchronous step, saved on demand. */
export interface TogetherState {
  readonly world: MutableRef.MutableRef<TogetherWorld>
  /** Does nothing when no file was named. */
  readonly save: Effect.Effect<void, SandboxError>
}

const StateFile = Schema.Struct({
  version: Schema.Literal(1),
  nextUser: Schema.Int,
  users: Schema.Array(
    Schema.Struct({
      userId: Schema.String,
      fields: Schema.Record(Schema.String, Schema.Unknown),
      mark: Schema.NullOr(Schema.Literals(["conflicted", "gone"]))
    })
  ),
  registrations: Schema.Array(
    Schema.Struct({
      userId: Schema.String,
      programId: Schema.String,
      matchTypeIds: Schema.Array(Schema.String),
      roles: Schema.Record(Schema.String, Schema.Boolean),
      times: Schema.Int
    })
  ),
  judge: Schema.Struct({
    lastArrival: Schema.NullOr(Schema.Finite),
    totals: Schema.Struct({
      requests: Schema.Int,
      members: Schema.Int,
      byStatus: Schema.Record(Schema.String, Schema.Int),
      unanswered: Schema.Int,
      smallestSpacing: Schema.NullOr(Schema.Finite),
      largestInFlight: Schema.Int,
      violations: Schema.Struct({ spacing: Schema.Int, concurrency: Schema.Int }),
      duplicates: Schema.Int
    })
  })
})

/** Reads the file if there is one, otherwise starts with the seeded users. */
export const openState = Effect.fnUntraced(function* (
  settings: TogetherSettings
): Effect.fn.Return<TogetherState, SandboxError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const { file } = settings
  if (file === undefined) return { world: MutableRef.make(seeded(settings)), save: Effect.void }
  const lock = yield* Semaphore.make(1)
  const kept = yield* read(fs, file)
  const world = MutableRef.make(kept === undefined ? seeded(settings) : withFaults(kept, settings))
  const save = Effect.suspend(() => write(fs, file, MutableRef.get(world))).pipe(
    lock.withPermits(1),
    Effect.uninterruptible
  )
  yield* save
  return { world, save }
})

/** Nobody but the seeded users, and a fresh judge. */
export const seeded = (settings: TogetherSettings): TogetherWorld =>
  withFaults({ users: populated(settings), registrations: [], judge: freshJudge, faults: noFaults }, settings)

const populated = ({ marks, users }: TogetherSettings): TogetherWorld["users"] =>
  Object.entries(marks).reduce(
    (planted, [key, mark]) => {
      const user = find(planted, key)
      return user === undefined ? planted : put(planted, { ...user, mark })
    },
    users.reduce(plant, noUsers)
  )

const withFaults = (world: TogetherWorld, settings: TogetherSettings): TogetherWorld => ({
  ...world,
  faults: inject(noFaults, settings.faults)
})

const read = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, file: string) {
  const unreachable = asUnreachable(file)
  if (!(yield* fs.exists(file).pipe(Effect.mapError(unreachable)))) return undefined
  const text = yield* fs.readFileString(file).pipe(Effect.mapError(unreachable))
  const decoded = yield* Schema.decodeEffect(Schema.fromJsonString(StateFile))(text).pipe(
    Effect.mapError((error) => new SandboxError({ reason: new StateFileBroken({ file, detail: error.message }) }))
  )
  return worldOf(decoded)
})

const write = Effect.fnUntraced(
  function* (fs: FileSystem.FileSystem, file: string, world: TogetherWorld) {
    yield* fs.makeDirectory(dirname(file), { recursive: true })
    yield* fs.writeFileString(`${file}.new`, textOf(world))
    yield* fs.rename(`${file}.new`, file)
  },
  (effect, _fs, file) => Effect.mapError(effect, asUnreachable(file))
)

const worldOf = (kept: typeof StateFile.Type): TogetherWorld => ({
  users: kept.users.reduce(put, { ...noUsers, nextUser: kept.nextUser }),
  registrations: kept.registrations,
  judge: resumedJudge(kept.judge.totals, kept.judge.lastArrival),
  faults: noFaults
})

/** Requests that are still open when the state is written are over for the next process, unanswered. */
const textOf = ({ judge, registrations, users }: TogetherWorld): string => {
  const open = Array.from(HashMap.values(judge.open)).filter((request) => request.status === null).length
  const kept: typeof StateFile.Type = {
    version: 1,
    nextUser: users.nextUser,
    users: everyone(users),
    registrations,
    judge: {
      lastArrival: judge.lastArrival === null ? null : judge.lastArrival.wall,
      totals: { ...judge.totals, unanswered: judge.totals.unanswered + open }
    }
  }
  return JSON.stringify(kept)
}

const asUnreachable = (file: string) => (error: { readonly message: string }) =>
  new SandboxError({ reason: new StateFileUnreachable({ file, detail: error.message }) })
