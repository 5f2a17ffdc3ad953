/**
 * `rollcall serve`: reads every source on its schedule, keeps Together up to date, and answers the Directory API and the
 * operations API, for as long as it runs.
 *
 * What it does is loaded with it: that is much of the program, and no other command needs it.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { configFlag, framed, jsonFlag, load } from "./Frame.ts"

const flags = {
  json: jsonFlag,
  config: configFlag,
  host: Flag.String("host").pipe(
    Flag.withDescription("Address to listen on; anything but 127.0.0.1 belongs behind a proxy with TLS"),
    Flag.withDefault("127.0.0.1")
  ),
  port: Flag.Int("port").pipe(Flag.withDescription("Port to listen on; 0 takes a free one"), Flag.withDefault(4020))
}

export const serve = Command.make("serve", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const { serveAll } = yield* Effect.promise(() => import("../Serving.ts"))
      yield* serveAll(configuration, input, output)
    })
  )
).pipe(Command.withDescription("Read the sources on their schedules, keep Together up to date, serve both APIs"))
