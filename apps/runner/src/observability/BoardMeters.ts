/**
 * What each organization's board shows, as gauges: what waits, what is held, how its sources and its sender are doing.
 *
 * Read when somebody asks; nothing here is kept twice.
 */
import { guardKinds } from "@rollcall/core/domain/GuardEvent"
import { operationClasses } from "@rollcall/core/sync/Plan"
import { Clock, DateTime, Effect } from "effect"

import { type Condition, type SourceCondition, doings } from "../service/Condition.ts"
import type { Served } from "../service/Service.ts"
import { type Series, gauges } from "./Series.ts"

export const boardMeters = Effect.fnUntraced(function* (organizations: ReadonlyArray<Served>) {
  const clock = yield* Clock.Clock
  const startedAt = clock.currentTimeMillisUnsafe()
  const secondsSince = (time: string | null): number =>
    Math.max(0, clock.currentTimeMillisUnsafe() - (time === null ? startedAt : millisOf(time))) / 1000
  yield* Effect.forEach(organizations, ({ board, organization: { id, settings } }) =>
    gauges([
      ...ofSending(id, () => board.condition.sending, secondsSince),
      ...Object.keys(settings.sources).flatMap((source) =>
        ofSource({ organization: id, source }, () => sourceOf(board.condition, source), secondsSince)
      )
    ])
  )
})

const millisOf = (time: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(time))

const sourceOf = ({ sources }: Condition, name: string): SourceCondition | undefined =>
  sources.find((source) => source.name === name)

type SecondsSince = (time: string | null) => number

const ofSending = (
  organization: string,
  sending: () => Condition["sending"],
  secondsSince: SecondsSince
): ReadonlyArray<Series> => [
  ...operationClasses.map((operation): Series => ({
    name: "rollcall_queue_operations",
    help: "Operations of the current plan that are to be sent, by class.",
    labels: { organization, class: operation },
    read: () => sending().queue[operation] ?? 0
  })),
  ...guardKinds.map((guard): Series => ({
    name: "rollcall_held_people",
    help: "People whom the guard holds back until somebody approves, by kind.",
    labels: { organization, guard },
    read: () => sending().held.find(({ kind }) => kind === guard)?.people ?? 0
  })),
  ...doings.map((state): Series => ({
    name: "rollcall_sender_state",
    help: "What the sender is at: 1 for the one state that holds.",
    labels: { organization, state },
    read: () => (sending().doing === state ? 1 : 0)
  })),
  {
    name: "rollcall_sender_state_seconds",
    help: "How long the sender has been in its state.",
    labels: { organization },
    read: () => secondsSince(sending().since)
  },
  {
    name: "rollcall_oldest_change_age_seconds",
    help: "Age of the oldest change that is not yet at Together; 0 when nothing waits.",
    labels: { organization },
    read: () => ageOf(sending().oldestChange, secondsSince)
  },
  {
    name: "rollcall_plan_seconds",
    help: "Least time that the rest of the current plan takes at the vendor's pace.",
    labels: { organization },
    read: () => sending().leastMillis / 1000
  },
  {
    name: "rollcall_dead_letters",
    help: "People and places in programs that Together refused and that wait for somebody.",
    labels: { organization },
    read: () => sending().deadLetters
  }
]

const ageOf = (time: string | null, secondsSince: SecondsSince): number => (time === null ? 0 : secondsSince(time))

const ofSource = (
  labels: { readonly organization: string; readonly source: string },
  condition: () => SourceCondition | undefined,
  secondsSince: SecondsSince
): ReadonlyArray<Series> => [
  {
    name: "rollcall_source_age_seconds",
    help: "Time since the source was last read to its end; since this process began, where it never was.",
    labels,
    read: () => secondsSince(condition()?.succeededAt ?? null)
  },
  {
    name: "rollcall_source_failures",
    help: "Readings in a row that failed; 0 after one that did not.",
    labels,
    read: () => condition()?.failures ?? 0
  },
  {
    name: "rollcall_source_people",
    help: "People of the last reading.",
    labels,
    read: () => condition()?.last?.people ?? 0
  }
]
