/**
 * `rollcall serve`: reads every source on its schedule, keeps Together up to date, and answers the Directory API and the
 * operations API, for as long as it runs.
 *
 * Registers the configured organizations, brings their tables up to the log, and then keeps them so: whatever another
 * process appended by other rules, and each day that begins, is caught up with.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { LaneAttention } from "@rollcall/core/contract/Lane"
import { Organizations } from "@rollcall/core/contract/Organizations"
import * as DirectoryServer from "@rollcall/directory-api/DirectoryServer"
import { Upkeep } from "@rollcall/directory-store/Upkeep"
import { Cause, Console, Effect, Latch, Layer, Schedule } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpServer } from "effect/http"

import type { Organization } from "../ConfigurationFile.ts"
import { portTaken } from "../Failure.ts"
import * as OperationsServer from "../operations/OperationsServer.ts"
import type { Output } from "../Output.ts"
import { rootKeyIn } from "../RootKeyVariable.ts"
import { Gate } from "../service/Gate.ts"
import { makeService, runService } from "../service/Service.ts"
import { stores } from "../Stores.ts"
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
      const rootKey = yield* rootKeyIn(process.env)
      const { host, port } = input
      const gate = new Gate()
      const serving = Effect.gen(function* () {
        for (const organization of configuration.organizations) yield* register(organization)
        yield* keepUp
        const service = yield* makeService(configuration)
        const stopping = yield* Latch.make()
        const operations = OperationsServer.beside({
          rootKey,
          service,
          folder: configuration.folder,
          stop: stopping.await
        })
        const server = Layer.provideMerge(
          DirectoryServer.layer({ rootKey, beside: operations }),
          NodeHttpServer.layer(() => gate.server(), { host, port })
        )
        const listening = yield* Effect.catchTag(Layer.build(server), "ServeError", ({ cause }) =>
          Effect.fail(portTaken(host, port, cause))
        )
        // Before the server waits for its clients to go: who follows progress would not.
        yield* Effect.addFinalizer(() => stopping.open)
        yield* Effect.provide(announce(output), listening)
        yield* Effect.forkScoped(Effect.repeat(keepUp, Schedule.spaced("5 seconds")))
        return yield* runService(service)
      }).pipe(
        Effect.scoped,
        Effect.provide(stores(configuration, process.env)),
        Effect.provideService(LaneAttention, gate.attention)
      )
      yield* Effect.uninterruptibleMask((restore) => Effect.catchCause(restore(serving), stopped(output)))
    })
  )
).pipe(Command.withDescription("Read the sources on their schedules, keep Together up to date, serve both APIs"))

/** Being told to stop is how it ends: requests under way were answered, the database is closed. */
const stopped =
  (output: Output) =>
  <E>(cause: Cause.Cause<E>): Effect.Effect<void, E> =>
    Cause.hasInterruptsOnly(cause) ? output.line("Stopped.") : Effect.failCause(cause)

const register = Effect.fnUntraced(function* ({ apps, id }: Organization) {
  const log = yield* EventLog
  const organizations = yield* Organizations
  yield* organizations.register(id, apps(yield* log.salt(id)))
})

/** A database that is away for a while is no reason to stop: the requests are told, and this is tried again. */
const keepUp = Effect.gen(function* () {
  const { bringUp, organizations } = yield* Upkeep
  for (const log of yield* organizations) yield* bringUp(log)
}).pipe(Effect.catchTag("StoreError", (error) => Console.error(`The Directory's tables wait: ${error.message}`)))

const announce = Effect.fnUntraced(function* (output: Output) {
  const { address } = yield* HttpServer.HttpServer
  const url = HttpServer.formatAddress(address)
  yield* output.line(`Directory API: ${url}`)
  yield* output.line(`  ${url}/docs describes it, \`rollcall token\` makes tokens; stop with Ctrl-C`)
  yield* output.line(`Operations API: ${url}/ops/docs; \`rollcall status --server ${url}\``)
  yield* output.result({ url })
})
