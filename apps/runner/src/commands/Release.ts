/**
 * `rollcall release ID`: lets a person be sent again whom Together refused. By name and with a reason; never sends itself.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import { deadLetters } from "@rollcall/core/sync/DeadLetters"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"

import { InputInvalid } from "../Failure.ts"
import { stores } from "../Stores.ts"
import { letterLine } from "./DeadLetters.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

const input = {
  ...commonFlags,
  id: Argument.String("id").pipe(Argument.withDescription("HR's key of the person (employeeId)")),
  by: Flag.String("by").pipe(Flag.withDescription("Who releases; stands in the log")),
  reason: Flag.String("reason").pipe(Flag.withDescription("Why; stands in the log for good, so name nobody in it"))
}

export const release = Command.make("release", input, (given) =>
  framed(
    given.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(given)
      const { id: organization } = yield* pick(configuration, given)
      const letters = yield* releasePerson(organization, given).pipe(Effect.provide(stores(configuration, process.env)))
      for (const letter of letters) yield* output.line(`released: ${letterLine(letter)}`)
      yield* output.line("The next `rollcall sync` sends them again.")
      yield* output.result({ employeeId: given.id, released: letters.map(({ kind }) => kind) })
    })
  )
).pipe(Command.withDescription("Let a person be sent again whom Together refused (400, 409, a refused registration)"))

const releasePerson = Effect.fnUntraced(function* (
  organization: Parameters<typeof employeeStream>[0],
  { by, id, reason }: { readonly by: string; readonly id: string; readonly reason: string }
) {
  const log = yield* EventLog
  const stream = employeeStream(organization, id)
  const person = reduce(stream, yield* log.stream(organization, stream))
  const letters = deadLetters(person)
  const held = letters.filter(({ kind }) => kind !== "gone")
  if (held.length === 0) return yield* nothingHeld(id, letters.length > 0)
  if (by.trim() === "" || reason.trim() === "") return yield* unsigned
  yield* log.append(organization, {
    appendKey: globalThis.crypto.randomUUID(),
    expectedVersions: new Map([[stream, person.version]]),
    events: [
      {
        stream,
        event: { type: "HoldReleased", by, reason },
        actor: `operator:${by}`,
        effectiveOn: null,
        causation: null
      }
    ]
  })
  return held
})

const unsigned = new InputInvalid({
  place: "release",
  problem: "--by and --reason must not be empty.",
  remedy: "Say who releases and why: it stands in the log."
})

const nothingHeld = (id: string, gone: boolean) =>
  new InputInvalid({
    place: `employee ${id}`,
    problem: gone
      ? "Together deleted this person's entry for good (410); it cannot be added again."
      : "Nothing about this person is held back by a refusal.",
    remedy: gone
      ? "Only Together's support can undo that."
      : "`rollcall dead-letters` lists those who are; `rollcall employee` says what happens next."
  })
