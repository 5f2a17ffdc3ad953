/**
 * Writes an export: `events.jsonl`, `verify.mjs` and, when both are whole and on the disk, `manifest.json`.
 *
 * Called by `audit export`. The folder is its own: nothing that is there is ever written over, and what was begun is taken
 * away when it breaks off. Only the user who runs it may read the files, for they hold people. One page of the log is in
 * memory at a time.
 */
import { createHash } from "node:crypto"
import { join, resolve } from "node:path"

import type { KeptEvent } from "@rollcall/core/contract/EventLog"
import { DateTime, Effect, Exit, FileSystem, type PlatformError, Stream } from "effect"

import { InputInvalid } from "../Failure.ts"
import { exportVerifier, version } from "../Package.ts"
import type { Manifest } from "./Manifest.ts"

export interface ExportOptions {
  readonly organization: string
  /** Personal parts and their salts. */
  readonly personal: boolean
}

/** The manifest of what was written. */
export const writeExport = Effect.fn("ExportFolder.write")(function* <E, R>(
  given: string,
  events: Stream.Stream<KeptEvent, E, R>,
  { organization, personal }: ExportOptions
) {
  const folder = resolve(given)
  const fs = yield* FileSystem.FileSystem
  yield* requireEmpty(fs, folder)
  const written = yield* writeEvents(fs, join(folder, "events.jsonl"), events, personal)
  const verifier = yield* fs.readFile(exportVerifier).pipe(Effect.orDie)
  yield* writeWhole(fs, join(folder, "verify.mjs"), verifier)
  const madeAt = DateTime.formatIso(yield* DateTime.now)
  const manifest: Manifest = { format: 1, rollcall: version, madeAt, organization, ...written, personal }
  yield* writeWhole(fs, join(folder, "manifest.json"), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`))
  return manifest
}, Effect.scoped)

/** A folder that was not there, or is empty. */
const requireEmpty = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, folder: string) {
  yield* onDisk(folder, fs.makeDirectory(folder, { recursive: true, mode: 0o700 }))
  if ((yield* onDisk(folder, fs.readDirectory(folder))).length === 0) return
  return yield* new InputInvalid({
    place: folder,
    problem: "There is something in this folder already.",
    remedy: "An export stands in a folder of its own and never writes over another one: name a new one with --to."
  })
})

const onDisk = <A, R>(place: string, effect: Effect.Effect<A, PlatformError.PlatformError, R>) =>
  Effect.mapError(
    effect,
    ({ message }) =>
      new InputInvalid({
        place,
        problem: `The export cannot be written: ${message}.`,
        remedy: "See that the folder can be written and that the disk has room."
      })
  )

/** A new file for this user alone; gone again with a scope that fails. */
const create = (fs: FileSystem.FileSystem, file: string) =>
  Effect.acquireRelease(onDisk(file, fs.open(file, { flag: "wx", mode: 0o600 })), (_, exit) =>
    Exit.isSuccess(exit) ? Effect.void : Effect.ignore(fs.remove(file, { force: true }))
  )

/** On the disk before anything else is done. */
const writeWhole = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, file: string, bytes: Uint8Array) {
  const open = yield* create(fs, file)
  yield* onDisk(file, Effect.andThen(open.writeAll(bytes), open.sync))
})

const writeEvents = Effect.fnUntraced(function* <E, R>(
  fs: FileSystem.FileSystem,
  file: string,
  events: Stream.Stream<KeptEvent, E, R>,
  personal: boolean
) {
  const open = yield* create(fs, file)
  const digest = createHash("sha256")
  let [bytes, last]: [number, KeptEvent | undefined] = [0, undefined]
  yield* Stream.runForEachArray(events, (page) => {
    const lines = Buffer.from(page.map((event) => lineOf(event, personal)).join(""))
    digest.update(lines)
    bytes += lines.length
    last = page.at(-1)
    return onDisk(file, open.writeAll(lines))
  })
  yield* onDisk(file, open.sync)
  const { hash, position: count, recordedAt: headRecordedAt } = last ?? nothing
  const head = { headHash: hash, headRecordedAt }
  return { count, firstPosition: 1 as const, lastPosition: count, ...head, bytes, sha256: digest.digest("hex") }
})

/** In the place of a last event. */
const nothing = { hash: "", position: 0, recordedAt: null }

/** A line of `events.jsonl`, line feed included. */
const lineOf = (event: KeptEvent, withPersonal: boolean): string => {
  if (withPersonal) return `${JSON.stringify(event)}\n`
  const { personal: _, salt: __, ...rest } = event
  return `${JSON.stringify(rest)}\n`
}
