/**
 * Which running service a command is to ask, and with which token: the flags `--server` and `--token`, or the environment.
 *
 * Called by every command that a service can answer. What makes tokens is loaded only where one is to be made.
 */
import { Duration, Effect, Option, Redacted, Result } from "effect"

import { InputInvalid } from "../Failure.ts"
import { rootKeyIn } from "../RootKeyVariable.ts"
import type { Environment } from "../Secrets.ts"

export interface Server {
  readonly url: URL
  readonly token: Redacted.Redacted
}

interface ServerInput {
  readonly server: Option.Option<string>
  readonly token: Option.Option<string>
}

/** The running service that is meant; undefined: none, and the database is opened. */
export const serverOf = Effect.fnUntraced(function* ({ server, token }: ServerInput, environment: Environment) {
  const written = Option.getOrUndefined(server) ?? environment["ROLLCALL_SERVER"]
  if (written === undefined || written === "") return undefined
  const url = yield* Result.try(() => new URL(written)).pipe(
    Effect.fromResult,
    Effect.mapError(() => notAnAddress(written))
  )
  if (!/^https?:$/u.test(url.protocol)) return yield* notAnAddress(written)
  const given = Option.getOrUndefined(token) ?? environment["ROLLCALL_TOKEN"]
  const found: Server = {
    url,
    token: Redacted.make(given === undefined || given === "" ? yield* minted(environment) : given)
  }
  return found
})

const notAnAddress = (place: string) =>
  new InputInvalid({
    place,
    problem: "This is no address of a service.",
    remedy: "Say --server http://HOST:PORT, as `rollcall serve` announces it."
  })

/** Long enough for one question. */
const lifetime = Duration.minutes(5)

const minted = Effect.fnUntraced(function* (environment: Environment) {
  const rootKey = yield* rootKeyIn(environment).pipe(Effect.mapError(() => noToken))
  const { mint } = yield* Effect.promise(() => import("@rollcall/directory-api/Token"))
  return yield* mint(rootKey, { key: null, role: "SUPER_ADMIN", lifetime })
})

const noToken = new InputInvalid({
  place: "--token",
  problem: "There is no token for the service, and no root key to make one with.",
  remedy: "Set ROLLCALL_TOKEN to a token of an ORG_ADMIN (`rollcall token` makes one), or ROLLCALL_ROOT_KEY."
})
