/**
 * `rollcall sandbox`: a stand-in of Together on this machine, to try Rollcall against.
 */
import { arrayModes } from "@rollcall/sandbox/TogetherArrays"
import { demoCredentials, listShapes } from "@rollcall/sandbox/TogetherSettings"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"

import { framed, jsonFlag, startSandbox } from "./Frame.ts"

const flags = {
  json: jsonFlag,
  port: Flag.Int("port").pipe(Flag.withDescription("Port on 127.0.0.1; 0 takes a free one"), Flag.withDefault(4010)),
  arrays: Flag.Literals("arrays", arrayModes).pipe(
    Flag.withDescription("What it does with an array that holds somebody bad"),
    Flag.withDefault("refuse-whole")
  ),
  list: Flag.Literals("list", listShapes).pipe(
    Flag.withDescription("The shape of its list of users"),
    Flag.withDefault("array")
  ),
  latency: Flag.Int("latency").pipe(Flag.withDescription("Milliseconds before each answer"), Flag.withDefault(0)),
  file: Flag.String("file").pipe(Flag.withDescription("Keep users in this file between runs"), Flag.optional)
}

export const sandbox = Command.make("sandbox", flags, ({ arrays, file, json, latency, list, port }) =>
  framed(
    json,
    Effect.fnUntraced(function* (output) {
      const server = yield* startSandbox({
        port,
        file: Option.getOrUndefined(file),
        arrayMode: arrays,
        listShape: list,
        latency
      })
      const { apiKey, clientId, organizationId } = demoCredentials
      yield* output.line(`Together's stand-in answers at ${server.url}`)
      yield* output.line(
        `  baseUrl: "${server.url}", organizationId: "${organizationId}", clientId: "${clientId}", apiKey: "${apiKey}"`
      )
      yield* output.line(`  ${server.url}/_sandbox/report shows what its judge saw; Ctrl-C stops it`)
      yield* output.result({ url: server.url, ...demoCredentials })
      return yield* Effect.never
    }, Effect.scoped)
  )
).pipe(Command.withDescription("Run a stand-in of Together on this machine"))
