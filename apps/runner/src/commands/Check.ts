/**
 * `rollcall check`: tries configuration, database, sources and credentials, changes nothing at Together or in the log.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import { Effect } from "effect"
import { Command } from "effect/cli"

import { openSources } from "../Sources.ts"
import { eventLogIfAny } from "../Stores.ts"
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
        const report = yield* sink.check
        yield* output.line(`${sink.id}: ${report.summary}`)
      }).pipe(Effect.scoped, Effect.provide(services(organization, eventLogIfAny(configuration.data, process.env))))
      yield* output.result({ ok: true, findings })
    })
  )
).pipe(Command.withDescription("Try configuration, database, sources and credentials; change nothing"))
