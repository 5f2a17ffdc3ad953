/**
 * `rollcall audit verify`: computes the hash chain again, of the organization's log and of the one that belongs to none,
 * and names the first broken position. Reads only.
 */
import { directoryLog } from "@rollcall/core/contract/Directory"
import { ChainBroken, type EarlierHead, EventLog, type KeptEvent } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"

import { InputInvalid } from "../Failure.ts"
import { type Output, type Progress, counted } from "../Output.ts"
import { type Manifest, readManifest } from "../proof/Manifest.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

const flags = {
  ...commonFlags,
  manifest: Flag.String("manifest").pipe(
    Flag.withDescription("The manifest.json of an earlier export, kept elsewhere: finds a log that was written anew"),
    Flag.optional
  )
}

export const auditVerify = Command.make("verify", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const { id } = yield* pick(configuration, input)
      const manifest = Option.isSome(input.manifest) ? yield* readManifest(input.manifest.value) : undefined
      const ids = [id, directoryLog as OrganizationId]
      if (manifest !== undefined)
        yield* requireOneOf(
          ids,
          manifest,
          Option.getOrElse(input.manifest, () => "")
        )
      yield* requireDatabase(configuration, process.env)
      const logs = yield* Effect.forEach(ids, (log) => walk(output, log, earlierOf(log, manifest))).pipe(
        Effect.provide(stores(configuration, process.env))
      )
      const said = logs.filter(({ breach, log, position }) => log === id || position > 0 || breach !== null)
      for (const report of said) yield* show(output, report, manifest)
      const breaches = said.flatMap(({ breach }) => breach ?? [])
      yield* output.result({
        kept: breaches.length === 0,
        logs: said.map((report) => ({ ...report, breach: report.breach === null ? null : placeOf(report.breach) }))
      })
      if (breaches[0] !== undefined) return yield* breaches[0]
    })
  )
).pipe(Command.withDescription("Walk the log's hash chain and name the first position that is not as it was written"))

interface Walked {
  readonly log: OrganizationId
  /** The last event that fits. */
  readonly position: number
  readonly hash: string
  readonly recordedAt: string | null
  /** Personal parts of which only the hash is left. */
  readonly erased: number
  readonly breach: ChainBroken | null
}

const walk = Effect.fnUntraced(function* (output: Output, id: OrganizationId, earlier: EarlierHead | undefined) {
  const log = yield* EventLog
  let [last, erased]: [KeptEvent | undefined, number] = [undefined, 0]
  const events = yield* watched(output.progress(id), id, log.chain(id, earlier))
  const breach = yield* Stream.runForEachArray(events, (page) =>
    Effect.sync(() => {
      last = page.at(-1)
      erased += page.filter(isErased).length
    })
  ).pipe(
    Effect.as(null),
    Effect.catchTag("ChainBroken", (broken) => Effect.succeed(broken))
  )
  const { hash, position, recordedAt } = last ?? { hash: "", position: 0, recordedAt: null }
  const walked: Walked = { log: id, position, hash, recordedAt, erased, breach }
  return walked
})

const isErased = ({ personal, personalHash }: KeptEvent): boolean => personal === null && personalHash !== null

/** The same events, with progress shown as they go by. */
export const watched = Effect.fnUntraced(function* <E, R>(
  progress: Progress,
  id: OrganizationId,
  events: Stream.Stream<KeptEvent, E, R>
) {
  const { position } = yield* Effect.flatMap(EventLog, (log) => log.head(id))
  return events.pipe(
    Stream.mapArrayEffect((page) => Effect.as(progress.at(page.at(-1)?.position ?? 0, position, "events"), page)),
    Stream.ensuring(progress.end)
  )
})

const requireOneOf = (ids: ReadonlyArray<string>, { organization }: Manifest, file: string) =>
  ids.includes(organization)
    ? Effect.void
    : Effect.fail(
        new InputInvalid({
          place: file,
          problem: `It is of another log, "${organization}".`,
          remedy: "Name its organization with --organization, or the manifest of this one."
        })
      )

const earlierOf = (log: string, manifest: Manifest | undefined): EarlierHead | undefined =>
  manifest?.organization === log ? { position: manifest.lastPosition, hash: manifest.headHash } : undefined

const placeOf = ({ position, problem }: ChainBroken) => ({ position, problem })

const show = Effect.fnUntraced(function* (output: Output, report: Walked, manifest: Manifest | undefined) {
  const { breach, erased, hash, log, position, recordedAt } = report
  if (breach !== null) return yield* output.line(`${log}: BROKEN at event ${breach.position}: ${breach.problem}`)
  if (position === 0) return yield* output.line(`${log}: no events.`)
  const gone = erased === 0 ? "" : `, ${counted(erased, "personal part")} erased`
  yield* output.line(`${log}: ${counted(position, "event")}, each as it was written${gone}`)
  yield* output.line(`  head ${hash}, recorded at ${recordedAt}`)
  if (manifest?.organization === log)
    yield* output.line(`  as the manifest of ${manifest.madeAt} has it up to event ${manifest.lastPosition}`)
})
