/**
 * `manifest.json` of an export: what the log was when it was exported. docs/proof.md describes it for others.
 *
 * Written by ExportFolder as the last of its files; `audit verify --manifest` reads it again, perhaps years later.
 */
import { createReadStream } from "node:fs"
import { resolve } from "node:path"
import { text } from "node:stream/consumers"

import { Effect, Schema } from "effect"

import { InputInvalid, faultsOf } from "../Failure.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
/** SHA-256 in hexadecimal. */
const Hash = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/, { message: "64 hexadecimal digits are expected" }))

export const Manifest = Schema.Struct({
  /** Of the folder; another number, another verifier. */
  format: Schema.Literal(1),
  /** The version that made it. */
  rollcall: Schema.String,
  /** ISO 8601, by the clock of the machine that made it. */
  madeAt: Schema.String,
  organization: Schema.String,
  count: Count,
  /** Always 1; with `lastPosition` 0 for a log without events. */
  firstPosition: Schema.Literal(1),
  lastPosition: Count,
  /** Of the last event; empty for a log without events. */
  headHash: Schema.Union([Hash, Schema.Literal("")]),
  headRecordedAt: Schema.NullOr(Schema.String),
  /** Whether personal parts and their salts are in it. */
  personal: Schema.Boolean,
  /** Of `events.jsonl`. */
  bytes: Count,
  sha256: Hash
})

export type Manifest = typeof Manifest.Type

export const readManifest = Effect.fn("Manifest.read")(function* (given: string) {
  const place = resolve(given)
  const unreadable = (problem: string) =>
    new InputInvalid({
      place,
      problem,
      remedy: "Name the manifest.json of an export that `rollcall audit export` made."
    })
  const content = yield* Effect.tryPromise({
    try: () => text(createReadStream(place)),
    catch: () => unreadable("There is no manifest here that can be read.")
  })
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(content),
    catch: () => unreadable("It is not JSON.")
  })
  return yield* Schema.decodeUnknownEffect(Manifest)(json).pipe(
    Effect.mapError(({ issue }) => {
      const [fault] = faultsOf(issue)
      return unreadable(`${fault?.path.join(".") ?? ""}: ${fault?.message ?? "not a manifest"}.`)
    })
  )
})
