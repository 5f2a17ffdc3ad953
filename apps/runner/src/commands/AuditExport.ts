/**
 * `rollcall audit export`: takes a log out of the database, so that somebody else can check it somewhere else.
 *
 * The chain is walked as it is written: what is not as it was written is not exported.
 */
import { directoryLog } from "@rollcall/core/contract/Directory"
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { counted } from "../Output.ts"
import { writeExport } from "../proof/ExportFolder.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { watched } from "./AuditVerify.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

const flags = {
  ...commonFlags,
  to: Flag.String("to").pipe(Flag.withDescription("A folder that is not there yet, or empty")),
  withoutPersonal: Flag.Boolean("without-personal").pipe(
    Flag.withDescription("Leave personal parts out; their hashes stay, and the chain can be checked all the same"),
    Flag.withDefault(false)
  ),
  directoryLog: Flag.Boolean("directory-log").pipe(
    Flag.withDescription(
      `The log ${directoryLog}, which belongs to no organization, in the place of an organization's`
    ),
    Flag.withDefault(false)
  )
}

export const auditExport = Command.make("export", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = input.directoryLog
        ? (directoryLog as OrganizationId)
        : (yield* pick(configuration, input)).id
      yield* requireDatabase(configuration, process.env)
      const manifest = yield* Effect.gen(function* () {
        const log = yield* EventLog
        const events = yield* watched(output.progress(organization), organization, log.chain(organization))
        return yield* writeExport(input.to, events, { organization, personal: !input.withoutPersonal })
      }).pipe(Effect.provide(stores(configuration, process.env)))
      const { bytes, count, headHash } = manifest
      yield* output.line(`${counted(count, "event")} of ${organization}, ${bytes} bytes, in ${input.to}`)
      yield* output.line(`head ${count === 0 ? "none" : headHash}`)
      yield* output.line(`Check it anywhere with \`node verify.mjs\`; keep the head's hash apart from the database.`)
      yield* output.result({ folder: input.to, ...manifest })
    })
  )
).pipe(
  Command.withDescription("Write the log as JSON Lines, with a manifest and a verifier that needs nothing but Node")
)
