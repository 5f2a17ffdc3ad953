/**
 * `rollcall token`: a token for the Directory API, signed with the root key. Opens no database.
 */
import { organizationUuid } from "@rollcall/core/domain/Employee"
import { type Role, roles } from "@rollcall/core/domain/Role"
import { mint } from "@rollcall/directory-api/Token"
import { Duration, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"

import { InputInvalid } from "../Failure.ts"
import { rootKeyIn } from "../RootKeyVariable.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

const longest = 7 * 24 * 60

const flags = {
  ...commonFlags,
  role: Flag.Literals("role", roles).pipe(
    Flag.withDescription("What the bearer may do (docs/directory.md); without --account the default is ORG_ADMIN"),
    Flag.optional
  ),
  account: Flag.String("account").pipe(
    Flag.withDescription("The user: an account's id or e-mail address; without --role their grant says what they may"),
    Flag.optional
  ),
  minutes: Flag.Int("minutes").pipe(Flag.withDescription("For how long it holds"), Flag.withDefault(60))
}

export const token = Command.make("token", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const rootKey = yield* rootKeyIn(process.env)
      if (input.minutes < 1 || input.minutes > longest) return yield* tooLong(input.minutes)
      const account = Option.getOrUndefined(input.account)
      const role = Option.getOrUndefined(input.role) ?? (account === undefined ? ("ORG_ADMIN" as const) : undefined)
      const organization = yield* organizationFor(role, input)
      const made = yield* mint(rootKey, {
        key: null,
        lifetime: Duration.minutes(input.minutes),
        ...(organization === undefined ? {} : { organization }),
        ...(account === undefined ? {} : { subject: account }),
        ...(role === undefined ? {} : { role })
      })
      yield* output.line(made)
      yield* output.result({
        token: made,
        minutes: input.minutes,
        ...(organization === undefined ? {} : { organization })
      })
    })
  )
).pipe(Command.withDescription("Make a token for the Directory API, signed with the root key"))

/** A super admin's token is for all organizations, unless one is named. */
const organizationFor = Effect.fnUntraced(function* (role: Role | undefined, input: Parameters<typeof pick>[1]) {
  if (role === "SUPER_ADMIN" && Option.isNone(input.organization)) return undefined
  const { id } = yield* pick(yield* load(input), input)
  return organizationUuid(id)
})

const tooLong = (minutes: number) =>
  new InputInvalid({
    place: "--minutes",
    problem: `A token of ${minutes} minutes is not made.`,
    remedy: `Say 1 to ${longest} (a week); a program makes its own with an organization's key (docs/directory.md).`
  })
