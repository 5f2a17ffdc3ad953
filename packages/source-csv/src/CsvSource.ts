/**
 * The plugin `csv`: HR files as a source of Rollcall.
 *
 * The configuration of a site calls `csv({ file, columns })`, the engine opens the source and runs `check` or `snapshot`.
 * A snapshot reads the file twice through one handle: first to know what it holds, then to say it. It never changes
 * a file, and says `Complete` only of a file that was read to its end and did not change meanwhile.
 */
import { basename } from "node:path"

import {
  type CheckReport,
  definePlugin,
  Expected,
  Noticed,
  SourceError,
  type SourceSite,
  Unavailable
} from "@rollcall/core/contract/Source"
import { fieldNames } from "@rollcall/core/domain/Field"
import { Array as Arr, Channel, Effect, Predicate, Schema, type Scope, Stream } from "effect"

import { checkFile } from "./CsvCheck.ts"
import { CsvConfig } from "./CsvConfig.ts"
import { bytesOf, type CsvFile, newDigest, openFile } from "./CsvFile.ts"
import type { CsvMessage } from "./CsvMapping.ts"
import { fileChanged, makePeople } from "./CsvPeople.ts"
import { openRows, type Survey, surveyFile, truncated } from "./CsvSurvey.ts"

export { CsvConfig } from "./CsvConfig.ts"

/** A source that reads a CSV file of HR: one row a person, or one row for each dated version of a person. */
export const csv = definePlugin({
  id: "csv",
  version: "0.1.0",
  config: CsvConfig,
  cursor: Schema.Never,
  fields: fieldNames,
  capabilities: { changes: false, lookup: false, effectiveDated: true },
  open: (config, site) => Effect.succeed({ check: check(config, site), snapshot: () => snapshot(config, site) })
})

const check = Effect.fn("CsvSource.check")(function* (
  config: CsvConfig,
  site: SourceSite
): Effect.fn.Return<CheckReport, SourceError, Scope.Scope> {
  const file = yield* opened(config, site)
  return yield* attempt(config, site, (signal) => checkFile(config, file, signal))
}, Effect.scoped)

const snapshot = (config: CsvConfig, site: SourceSite): Stream.Stream<CsvMessage, SourceError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const file = yield* opened(config, site)
      const survey = yield* attempt(config, site, (signal) => surveyFile(config, file, signal))
      return Stream.fromChannel(
        Channel.fromAsyncIterable(secondPass(config, file, survey), (cause) =>
          // The survey could read the whole file: what cannot be read now was not there then.
          sourceError(config, site, isReason(cause) && cause._tag !== "Truncated" ? fileChanged(file.name) : cause)
        )
      )
    })
  )

/** Messages that go through the stream at once, at least. */
const chunkLength = 1000

async function* secondPass(
  config: CsvConfig,
  file: CsvFile,
  survey: Survey
): AsyncGenerator<Arr.NonEmptyReadonlyArray<CsvMessage>, void> {
  const digest = newDigest()
  const rows = await openRows(config, file.name, survey.form, bytesOf(file, digest))
  // The columns are those of the survey: were the header another one by now, every cell would be taken for another.
  if ("notUtf8On" in rows || rows.columns.names.join("\n") !== survey.columns.names.join("\n")) {
    throw fileChanged(file.name)
  }
  const people = makePeople(config, survey)
  yield [Expected({ count: survey.rowsOf.size }), ...survey.notices.map((message): CsvMessage => Noticed({ message }))]
  let said: Array<CsvMessage> = []
  for await (const batch of rows.batches) {
    for (const message of people.take(batch)) said.push(message)
    if (said.length < chunkLength) continue
    if (Arr.isArrayNonEmpty(said)) yield said
    said = []
  }
  // What was said of a file that changed or broke off stands: it goes out before the error does.
  if (Arr.isArrayNonEmpty(said)) yield said
  if (digest.digest("hex") !== survey.digest) throw fileChanged(file.name)
  if (survey.end.truncated !== undefined) throw truncated(file.name, survey.end.truncated)
  yield [people.close()]
}

/** The file, open until the scope closes. */
const opened = (config: CsvConfig, site: SourceSite): Effect.Effect<CsvFile, SourceError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(config, site, () => openFile(config, site.folder)),
    (file) => Effect.promise(() => file.handle.close())
  )

const attempt = <A>(
  config: CsvConfig,
  site: SourceSite,
  run: (signal: AbortSignal) => Promise<A>
): Effect.Effect<A, SourceError> => Effect.tryPromise({ try: run, catch: (cause) => sourceError(config, site, cause) })

const isReason = Schema.is(SourceError.fields.reason)

/** The source's error for what the readers throw. What is neither a reason nor the system's word is a bug: it is thrown. */
const sourceError = (config: CsvConfig, site: SourceSite, cause: unknown): SourceError => {
  if (isReason(cause)) return new SourceError({ source: site.name, reason: cause })
  if (!Predicate.hasProperty(cause, "syscall")) throw cause
  const code = Predicate.hasProperty(cause, "code") ? ` (${String(cause.code)})` : ""
  return new SourceError({
    source: site.name,
    reason: new Unavailable({
      problem: `${basename(config.file)} could not be read: the system refused it${code}.`,
      remedy: "See whether the disk or the network share is there, then run again."
    })
  })
}
