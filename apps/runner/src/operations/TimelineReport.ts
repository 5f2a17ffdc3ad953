import type { RecordedEvent } from "@rollcall/core/domain/Event"
import { fieldNames } from "@rollcall/core/domain/Field"
/**
 * What happened to one person, oldest first, both ways: where each value that a source gave ended, and where each value
 * that Together took came from.
 *
 * Part of the report of one person; core's `Provenance` as it is shown. Holds names of fields, never their values.
 */
import { outcomeTypes } from "@rollcall/core/domain/SinkEvent"
import type { FieldFate, FieldOrigin, Provenance } from "@rollcall/core/sync/Provenance"
import { Schema } from "effect"

const field = Schema.Literals(fieldNames)
const position = Schema.Int.annotate({ description: "An event." })

const end = <Name extends FieldFate["fate"], Told extends Schema.Struct.Fields>(
  fate: Name,
  description: string,
  told: Told
) => Schema.Struct({ field, fate: Schema.Literal(fate), ...told }).annotate({ description })

export const FateReport = Schema.Union([
  end("sent", "The first request that Together took it with, or else the last that it refused.", {
    position,
    request: Schema.String,
    type: Schema.Literals(outcomeTypes),
    status: Schema.Int
  }),
  end("superseded", "The same source says otherwise, or called it off.", { position }),
  end("overruled", "Another source is believed.", { position, source: Schema.String }),
  end("withheld", "Never sent, replaced by a default, or the person named as their own manager.", {
    because: Schema.Literals(["withhold", "default", "own-manager"])
  }),
  end("waits", "In force only from a later day.", { from: Schema.String }),
  end("at-together", "Together had the value before.", { position }),
  end("empty", "Empty here and there.", {}),
  end("unheard", "The source no longer has the person, or is not in the configuration.", {}),
  end("not-sent", "The report's `code` says why.", {})
])

const OriginReport = Schema.Union([
  Schema.Struct({
    field,
    from: Schema.Literal("source"),
    position,
    source: Schema.String,
    locator: Schema.NullOr(Schema.String)
  }),
  Schema.Struct({ field, from: Schema.Literal("configuration") }).annotate({ description: "A default." }),
  Schema.Struct({ field, from: Schema.Literal("earlier-configuration") }).annotate({
    description: "The rules in force now do not give this value."
  })
])

const Carrying = Schema.Struct({
  id: Schema.String.annotate({ description: "Of the request." }),
  members: Schema.Int.annotate({ description: "People it carried." }),
  granted: Schema.NullOr(position).annotate({ description: "The event that let the request out; null: not recorded." })
})

export const Happening = Schema.Struct({
  position: Schema.Int,
  recordedAt: Schema.String,
  type: Schema.String,
  details: Schema.String,
  source: Schema.optionalKey(Schema.String),
  locator: Schema.optionalKey(
    Schema.String.annotate({ description: "File and line, or page.", examples: ["hr.csv:12"] })
  ),
  went: Schema.optionalKey(Schema.Array(FateReport).annotate({ description: "Where each value of a source ended." })),
  request: Schema.optionalKey(Carrying),
  came: Schema.optionalKey(
    Schema.Array(OriginReport).annotate({ description: "Where each value of an outcome came from." })
  )
}).annotate({ identifier: "Happening" })

export type Happening = typeof Happening.Type

export const happening =
  ({ fates, origins }: Provenance) =>
  (recorded: RecordedEvent): Happening => {
    const { event, position, recordedAt } = recorded
    const went = fates.get(position)
    const came = origins.get(position)
    return {
      position,
      recordedAt,
      type: event.type,
      details: detailsOf(recorded),
      ...("source" in event ? { source: event.source } : {}),
      ...("locator" in event ? { locator: event.locator } : {}),
      ...(went === undefined ? {} : { went }),
      ...("decidedAt" in event
        ? { request: { id: event.request, members: event.members, granted: recorded.causation } }
        : {}),
      ...(came === undefined ? {} : { came })
    }
  }

const detailsOf = ({ effectiveOn, event }: RecordedEvent): string => {
  const parts: Array<string> = []
  if ("fields" in event) parts.push(Object.keys(event.fields).join(", "))
  if ("locator" in event) parts.push(`from ${event.locator}`)
  if (effectiveOn !== null) parts.push(`effective ${effectiveOn}`)
  if ("message" in event) parts.push(event.message)
  if ("programId" in event) parts.push(event.programId)
  if ("missing" in event) parts.push("not in Together's list")
  if ("by" in event) parts.push(`by ${event.by}: ${event.reason}`)
  if ("status" in event) parts.push(`answer ${event.status}`)
  if ("answer" in event && event.answer !== undefined) parts.push(event.answer)
  return parts.filter((part) => part !== "").join("; ")
}

/** `code`: what stops the person now. */
export const fateWords = (fate: FieldFate, code: string): string => {
  switch (fate.fate) {
    case "sent":
      return `request ${fate.request} (event ${fate.position}, ${fate.type} ${fate.status})`
    case "superseded":
      return `superseded by event ${fate.position}`
    case "overruled":
      return `overruled by ${fate.source} (event ${fate.position})`
    case "withheld":
      return withheldWords[fate.because]
    case "waits":
      return `waits for ${fate.from}`
    case "at-together":
      return `at Together already (event ${fate.position})`
    case "empty":
      return "empty, and empty at Together"
    case "unheard":
      return "its source has no say any more"
    case "not-sent":
      return `not sent: ${code}`
  }
}

const withheldWords = {
  withhold: "withheld by the configuration",
  default: "the configuration's default is sent instead",
  "own-manager": "left out: nobody is their own manager"
}

export const originWords = (origin: FieldOrigin): string => {
  if (origin.from === "configuration") return "a default of the configuration"
  if (origin.from === "earlier-configuration") return "by an earlier configuration"
  return `event ${origin.position}, ${origin.locator ?? origin.source}`
}
