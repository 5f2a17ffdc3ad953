/**
 * Answers the operations API, by asking the organization's operator, its board and its readers.
 */
import { Caller } from "@rollcall/directory-api/Caller"
import { notFound } from "@rollcall/directory-api/Problem"
import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"

import type { Served } from "../service/Service.ts"
import { reaches } from "./OperationsAdmission.ts"
import { OperationsApi } from "./OperationsApi.ts"
import { answered } from "./OperationsProblem.ts"
import type { Operator } from "./Operator.ts"
import { shownOperations } from "./PlanReport.ts"
import { progressOf } from "./Progress.ts"
import { runsOf } from "./Runs.ts"
import type { Signature } from "./Signature.ts"

/** One organization, with who answers for it. */
export interface Operated {
  readonly served: Served
  readonly operator: Operator
}

const shownRuns = 20

export const layer = (all: ReadonlyArray<Operated>, stop: Effect.Effect<void>) => {
  const of = Effect.fnUntraced(function* ({ organization }: { readonly organization: string }) {
    return all.find(({ served }) => served.organization.id === organization) ?? (yield* notFound("organization"))
  })
  const operatorOf = (params: { readonly organization: string }) => Effect.map(of(params), ({ operator }) => operator)
  const readerOf = Effect.fnUntraced(function* (params: { readonly organization: string; readonly source: string }) {
    const { served } = yield* of(params)
    const reader = served.readers.find(({ name }) => name === params.source) ?? (yield* notFound("source"))
    return { reader, served }
  })

  const organizations = HttpApiBuilder.group(OperationsApi, "organizations", (handlers) =>
    handlers.handleAll({
      listOrganizations: Effect.fnUntraced(function* () {
        const caller = yield* Caller
        return all
          .filter(({ served }) => reaches(caller, served.organization.id))
          .map(({ served }) => served.board.condition)
      }),
      getStatus: ({ params }) => answered(Effect.flatMap(operatorOf(params), ({ status }) => status)),
      getCondition: ({ params }) => answered(Effect.map(of(params), ({ served }) => served.board.condition)),
      followEvents: ({ params }) => answered(Effect.map(of(params), ({ served }) => progressOf(served.board, stop)))
    })
  )

  const sources = HttpApiBuilder.group(OperationsApi, "sources", (handlers) =>
    handlers.handleAll({
      listSources: Effect.fnUntraced(function* ({ params }) {
        const { served } = yield* of(params)
        const { timezone } = served.organization.policy
        return served.board.condition.sources.map((source) => ({ ...source, timezone }))
      }, answered),
      listRuns: Effect.fnUntraced(function* ({ params, query }) {
        const { reader, served } = yield* readerOf(params)
        return yield* runsOf(served.organization.id, reader.name, Number(query.limit ?? shownRuns))
      }, answered),
      syncSource: Effect.fnUntraced(function* ({ params }) {
        const { reader } = yield* readerOf(params)
        yield* reader.trigger
        return { source: reader.name }
      }, answered)
    })
  )

  const sending = HttpApiBuilder.group(OperationsApi, "sending", (handlers) =>
    handlers.handleAll({
      getPlan: ({ params, query }) =>
        answered(Effect.flatMap(operatorOf(params), ({ plan }) => plan(Number(query.limit ?? shownOperations)))),
      listHolds: ({ params }) => answered(Effect.flatMap(operatorOf(params), ({ holds }) => holds)),
      approveHold: Effect.fnUntraced(function* ({ params, payload }) {
        const { approve } = yield* operatorOf(params)
        return yield* approve(params.kind, payload.employees ?? [], yield* signatureOf(payload))
      }, answered),
      pause: Effect.fnUntraced(function* ({ params, payload }) {
        const { pause } = yield* operatorOf(params)
        return yield* pause(yield* signatureOf(payload))
      }, answered),
      resume: Effect.fnUntraced(function* ({ params, payload }) {
        const { resume } = yield* operatorOf(params)
        return yield* resume(yield* signatureOf(payload))
      }, answered)
    })
  )

  const people = HttpApiBuilder.group(OperationsApi, "people", (handlers) =>
    handlers.handleAll({
      getEmployee: ({ params }) =>
        answered(Effect.flatMap(operatorOf(params), ({ employee }) => employee(params.employee))),
      explainEmployee: ({ params, query }) =>
        answered(Effect.flatMap(operatorOf(params), ({ why }) => why(params.employee, query.field))),
      explainEverybody: ({ params }) => answered(Effect.flatMap(operatorOf(params), ({ why }) => why(undefined))),
      syncEmployee: ({ params }) =>
        answered(Effect.flatMap(operatorOf(params), ({ syncPerson }) => syncPerson(params.employee))),
      releaseEmployee: Effect.fnUntraced(function* ({ params, payload }) {
        const { release } = yield* operatorOf(params)
        return yield* release(params.employee, yield* signatureOf(payload))
      }, answered),
      eraseEmployees: Effect.fnUntraced(function* ({ params, payload }) {
        const { erase } = yield* operatorOf(params)
        return yield* erase(payload.employees, yield* signatureOf(payload))
      }, answered),
      listErasures: ({ params }) => answered(Effect.flatMap(operatorOf(params), ({ erasures }) => erasures)),
      listDeadLetters: ({ params }) => answered(Effect.flatMap(operatorOf(params), ({ deadLetters }) => deadLetters))
    })
  )

  return Layer.mergeAll(organizations, sources, sending, people)
}

/** Whoever the token is for, unless a name is given. */
const signatureOf = ({ by, reason }: { readonly by?: string; readonly reason: string }) =>
  Effect.map(Caller, ({ actor }): Signature => ({ by: by ?? actor, reason }))
