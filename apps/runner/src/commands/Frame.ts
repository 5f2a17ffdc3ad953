/**
 * What every command has in common: its flags, its way of speaking and of failing, and how it opens things.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { Sink } from "@rollcall/core/contract/Sink"
import type { TogetherSandboxOptions } from "@rollcall/sandbox/TogetherSettings"
import { layer as together } from "@rollcall/sink-together/TogetherSink"
import { Cause, Console, Effect, Layer, Option } from "effect"
import { Flag } from "effect/cli"

import { type LoadedConfiguration, type Organization, defaultFile, loadConfiguration } from "../ConfigurationFile.ts"
import { InputInvalid, failureOf } from "../Failure.ts"
import { type Output, makeOutput } from "../Output.ts"
import type { Stored } from "../Stores.ts"

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("Print one JSON object as the last line, and nothing else"),
  Flag.withDefault(false)
)

export const configFlag = Flag.String("config").pipe(
  Flag.withAlias("c"),
  Flag.withDescription(`The configuration (default: ${defaultFile})`),
  Flag.withDefault(defaultFile)
)

export const organizationFlag = Flag.String("organization").pipe(
  Flag.withAlias("o"),
  Flag.withDescription("Which organization, where the configuration has several"),
  Flag.optional
)

export const commonFlags = { json: jsonFlag, config: configFlag, organization: organizationFlag }

/** For what a running service can be asked, too. */
export const serverFlags = {
  server: Flag.String("server").pipe(
    Flag.withDescription("Ask the service that runs at this URL (or ROLLCALL_SERVER) in the place of the database"),
    Flag.optional
  ),
  token: Flag.String("token").pipe(
    Flag.withDescription("A token for it (better: ROLLCALL_TOKEN); without one it is made with ROLLCALL_ROOT_KEY"),
    Flag.optional
  )
}

/** What an act that stays in the log is signed with. */
export const signatureFlags = {
  by: Flag.String("by").pipe(Flag.withDescription("Who says it; stands in the log")),
  reason: Flag.String("reason").pipe(Flag.withDescription("Why; stands in the log for good, so name nobody in it"))
}

export interface CommonInput {
  readonly json: boolean
  readonly config: string
  readonly organization: Option.Option<string>
}

/** Says what went wrong, for people on standard error or as the JSON line, and lets it pass on to the exit code. */
export const framed = <A, E, R>(
  json: boolean,
  body: (output: Output) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.tapCause(body(makeOutput(json)), (cause) => tell(json, cause))

const tell = (json: boolean, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  const { exitCode, kind, place, problem, remedy } = failureOf(cause)
  if (json) return Console.log(JSON.stringify({ error: { kind, place, problem, remedy, exitCode } }))
  return Console.error(`\n${place === undefined ? "" : `${place}: `}${problem}\n${remedy}`)
}

export const load = ({ config }: Pick<CommonInput, "config">) => loadConfiguration(config, process.env)

/** The one organization meant. */
export const pick = Effect.fnUntraced(function* (
  { file, organizations }: LoadedConfiguration,
  { organization }: CommonInput
) {
  const names = organizations.map(({ id }) => id).join(", ")
  const wanted = Option.getOrUndefined(organization)
  const found = organizations.find(({ id }) => (wanted === undefined ? organizations.length === 1 : id === wanted))
  if (found !== undefined) return found
  const problem =
    wanted === undefined ? "The configuration has several organizations." : `There is no organization "${wanted}".`
  return yield* new InputInvalid({ place: file, problem, remedy: `Choose one with --organization: ${names}.` })
})

/** What is stored, and Together for one organization. */
export const services = <More = never>(
  organization: Organization,
  stored: Layer.Layer<Stored | More, StoreError>
): Layer.Layer<Stored | More | Sink, StoreError> =>
  Layer.provideMerge(Layer.provide(together(organization.settings.together), NodeHttpClient.layerUndici), stored)

/** Together's stand-in. Its code is loaded with it: no other command needs a server. */
export const startSandbox = Effect.fnUntraced(function* (options: TogetherSandboxOptions) {
  const { TogetherSandbox } = yield* Effect.promise(() => import("@rollcall/sandbox/TogetherServer"))
  return yield* TogetherSandbox.start(options)
})
