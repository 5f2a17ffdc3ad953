/**
 * `rollcall check`: tries configuration, database, sources and credentials; changes nothing at Together.
 *
 * Its one request goes through the lane like every other, also where the circuit is open, and closes it when the
 * credentials are good again.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import { errandFor } from "@rollcall/core/sync/Record"
import { Effect } from "effect"
import { Command } from "effect/cli"

import { acceptCredentials } from "../SinkStanding.ts"
import { openSources } from "../Sources.ts"
import { stores } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"

export const check = Command.make("check", commonFlags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      yield* output.line(`configuration: ${configuration.file} is in order`)
      const findings: Array<string> = []
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const { position } = yield* log.head(organization.id)
        yield* output.line(`database: open, ${position} events`)
        for (const { name, source } of yield* openSources(organization, configuration.folder)) {
          const report = yield* source.check
          yield* output.line(`source ${name}: ${report.summary}`)
          for (const finding of report.findings) yield* output.line(`  look: ${finding}`)
          findings.push(...report.findings)
        }
        const sink = yield* Sink
        const configurationHash = organization.configurationHash(yield* log.salt(organization.id))
        const recorder = { organization: organization.id, run: globalThis.crypto.randomUUID(), configurationHash }
        const summary = yield* sink.check(true, errandFor(recorder))
        yield* acceptCredentials(recorder)
        yield* output.line(`${sink.id}: ${summary}`)
      }).pipe(Effect.scoped, Effect.provide(services(organization, stores(configuration, process.env))))
      yield* output.result({ ok: true, findings })
    })
  )
).pipe(Command.withDescription("Try configuration, database, sources and credentials; change nothing at Together"))
