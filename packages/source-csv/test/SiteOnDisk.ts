/**
 * A folder with real files and the source `csv` opened in it: what the tests of this package read.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

import type { CheckReport, Source, SourceError } from "@rollcall/core/contract/Source"
import { Effect, FileSystem, Layer, Option, Path, Schema, type Scope, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

import type { CsvMessage } from "../src/CsvMapping.ts"
import { csv } from "../src/CsvSource.ts"

export type Config = (typeof csv.plugin.config)["Encoded"]

const platform = Layer.mergeAll(FileSystem.layerNoop({}), Path.layer, FetchHttpClient.layer)

/** A new folder that is gone when the test ends. */
export const folderOf = (files: {
  readonly [name: string]: string | Uint8Array
}): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = await mkdtemp(join(tmpdir(), "source-csv-"))
      for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  )

export const openIn = (folder: string, config: Config): Effect.Effect<Source<never>, SourceError, Scope.Scope> =>
  Effect.gen(function* () {
    const decoded = yield* Effect.orDie(Schema.decodeEffect(csv.plugin.config)(config, { onExcessProperty: "error" }))
    return yield* csv.plugin.open(decoded, { name: "hr", folder })
  }).pipe(Effect.provide(platform))

/** What a snapshot said, and the reason for which it broke off. */
export interface Said {
  readonly messages: ReadonlyArray<CsvMessage>
  readonly failure?: SourceError["reason"]
}

/** Reads one file, named `hr.csv` unless the configuration says otherwise, to its end. */
export const read = (
  content: string | Uint8Array,
  config: Omit<Config, "file"> & { readonly file?: string }
): Effect.Effect<Said, never, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* folderOf({ "hr.csv": content })
    const source = yield* Effect.orDie(openIn(folder, { file: "hr.csv", ...config }))
    return yield* saidBy(source)
  })

export const saidBy = (source: Source<never>): Effect.Effect<Said> =>
  Effect.gen(function* () {
    const messages: Array<CsvMessage> = []
    const failure = yield* source.snapshot(Option.none()).pipe(
      Stream.runForEach((message) => Effect.sync(() => messages.push(message))),
      Effect.as(undefined),
      Effect.catch((error) => Effect.succeed(error.reason))
    )
    return failure === undefined ? { messages } : { messages, failure }
  })

export const check = (
  content: string | Uint8Array,
  config: Omit<Config, "file">
): Effect.Effect<CheckReport, SourceError, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* folderOf({ "hr.csv": content })
    const source = yield* openIn(folder, { file: "hr.csv", ...config })
    return yield* source.check
  })

/** The messages in few words, for whole readings at a glance: `Record 1 @2`, `Rejected key-missing @3`. */
export const inShort = ({ failure, messages }: Said): ReadonlyArray<string> => [
  ...messages.map((message) => {
    switch (message._tag) {
      case "Record":
        return `Record ${message.key} @${message.locator.replace("hr.csv:", "")}${message.effectiveOn === undefined ? "" : ` from ${message.effectiveOn}`}`
      case "Rejected":
        return `Rejected ${message.reason}${message.key === undefined ? "" : ` ${message.key}`} @${message.locator.replace("hr.csv:", "")}`
      case "Expected":
        return `Expected ${message.count}`
      case "Complete":
        return `Complete ${message.total}`
      default:
        return message._tag
    }
  }),
  ...(failure === undefined ? [] : [failure._tag])
]

/** The fields of every record. */
export const fieldsOf = ({ messages }: Said) =>
  messages.flatMap((message) => (message._tag === "Record" ? [message.fields] : []))

/** Every refusal without what is common to all. */
export const refusalsOf = ({ messages }: Said) =>
  messages.flatMap((message) => (message._tag === "Rejected" ? [message] : []))
