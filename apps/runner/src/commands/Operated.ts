/**
 * How a command gets somebody to ask: the service that `--server` names, or else the database, opened for it alone.
 */
import { Effect, Option } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { type OperatorNeeds, localOperator } from "../operations/LocalOperator.ts"
import type { Operator } from "../operations/Operator.ts"
import { serverOf } from "../operations/ServerFlag.ts"
import { silent } from "../operations/Silent.ts"
import { requireDatabase, stores, storesIfAny } from "../Stores.ts"
import { type CommonInput, load, pick, services } from "./Frame.ts"

export interface OperatedInput extends CommonInput {
  readonly server: Option.Option<string>
  readonly token: Option.Option<string>
}

/** `any`: where there is no database yet, there is nobody in it. `database`: there must be one. */
export type Opening = "any" | "database"

/** Hands the operator to `use`; the database closes when that is done. */
export const operated = Effect.fnUntraced(function* <A, E, R>(
  input: OperatedInput,
  opening: Opening,
  use: (operator: Operator) => Effect.Effect<A, E, R>
) {
  const server = yield* serverOf(input, process.env)
  if (server !== undefined) {
    const { remoteOperator } = yield* Effect.promise(() => import("../operations/RemoteOperator.ts"))
    return yield* Effect.flatMap(remoteOperator(server, Option.getOrUndefined(input.organization)), use)
  }
  const configuration = yield* load(input)
  const organization = yield* pick(configuration, input)
  if (opening === "database") yield* requireDatabase(configuration, process.env)
  const open = opening === "database" ? stores : storesIfAny
  return yield* Effect.flatMap(localOf(organization, configuration.folder), use).pipe(
    Effect.provide(services(organization, open(configuration, process.env)))
  )
})

const localOf = (organization: Organization, folder: string): Effect.Effect<Operator, never, OperatorNeeds> =>
  localOperator(organization, { organization, folder, watch: silent })
