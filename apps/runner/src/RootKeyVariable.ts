/**
 * The root key from the environment: the one secret that the Directory API begins with.
 */
import { type RootKey, decode } from "@rollcall/directory-api/RootKey"
import { Effect, Redacted } from "effect"

import { InputInvalid } from "./Failure.ts"
import type { Environment } from "./Secrets.ts"

const variable = "ROLLCALL_ROOT_KEY"

export const rootKeyIn = (environment: Environment): Effect.Effect<RootKey, InputInvalid> => {
  const written = environment[variable]
  if (written === undefined || written === "") {
    return Effect.fail(
      new InputInvalid({
        place: variable,
        problem: "The root key of the Directory API is not in the environment.",
        remedy: `Make one and keep it: export ${variable}=$(node -p "crypto.randomBytes(48).toString('base64')")`
      })
    )
  }
  return decode(Redacted.make(written)).pipe(
    Effect.mapError(({ problem, remedy }) => new InputInvalid({ place: variable, problem, remedy }))
  )
}
