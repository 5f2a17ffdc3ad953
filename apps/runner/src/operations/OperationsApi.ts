/**
 * The operations API's definition, under `/ops/v1`: what an operator may ask and say of a running service.
 *
 * The server, the OpenAPI document, the readable page and `RemoteOperator` are all made of it.
 */
import { guardKinds } from "@rollcall/core/domain/GuardEvent"
import { polished } from "@rollcall/directory-api/OpenApiDocument"
import { pageQuery } from "@rollcall/directory-api/Paging"
import * as Text from "@rollcall/directory-api/Text"
import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

import { OrganizationCondition, SourceSchedule } from "./ConditionSchema.ts"
import { DeadLetterReport } from "./DeadLetterReport.ts"
import { EmployeeReport } from "./EmployeeReport.ts"
import { ErasureEntry, ErasureReport } from "./Erasing.ts"
import { ApprovalReport, HoldReport } from "./Holds.ts"
import { OperationsAdmission } from "./OperationsAdmission.ts"
import { outsideProblems, sayingProblems } from "./OperationsProblem.ts"
import { PauseReport } from "./Pausing.ts"
import { PersonReport } from "./PersonSync.ts"
import { PlanReport } from "./PlanReport.ts"
import { ProgressEvent } from "./Progress.ts"
import { ReleaseReport } from "./Release.ts"
import { SourceRun } from "./Runs.ts"
import { StatusReport } from "./StatusReport.ts"
import { WhyReport } from "./WhyReport.ts"

const organization = Text.pathText("The organization's name in the configuration.", "default")
const source = Text.pathText("The source's name in the configuration.", "hr")
const employee = Text.pathText("HR's key of the person (employeeId), percent-encoded.", "0042")
const field = Text.line("A field of the person, as Together names it.", "title")
const kind = Schema.Literals(guardKinds)
const query = { limit: pageQuery.limit }

const signature = {
  by: Schema.optionalKey(Text.line("Who says it; without it whoever the token is for.", "Ann Lee")),
  reason: Text.line("Why; stands in the log for good, so name nobody in it.", "Department 12 was closed", 1000)
}

const SignedBody = Schema.Struct(signature).annotate({ identifier: "SignedBody" })

const ApprovalBody = Schema.Struct({
  ...signature,
  employees: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({ description: "Only these, by HR's keys. Absent: everybody who is held." })
  )
}).annotate({ identifier: "ApprovalBody" })

const ErasureBody = Schema.Struct({
  ...signature,
  employees: Schema.Array(Schema.String).check(Schema.isMinLength(1)).annotate({
    description: "HR's keys, or UUIDs: of people's streams, or of employees in the Directory."
  })
}).annotate({ identifier: "ErasureBody" })

export const Triggered = Schema.Struct({ source: Schema.String }).annotate({ identifier: "Triggered" })

const described = (summary: string, description: string) => OpenApi.annotations({ summary, description })

const { get, post } = HttpApiEndpoint

const OrganizationOperations = HttpApiGroup.make("organizations")
  .add(
    get("listOrganizations", "/organizations", { success: Schema.Array(OrganizationCondition) }).annotateMerge(
      described("List organizations", "Those in the token's reach, each with how it is doing at the moment.")
    ),
    get("getStatus", "/:organization/status", { params: { organization }, success: StatusReport }).annotateMerge(
      described("Get status", "Where the log, the sources and Together stand: what `rollcall status` shows.")
    ),
    get("getCondition", "/:organization/condition", {
      params: { organization },
      success: OrganizationCondition
    }).annotateMerge(described("Get condition", "How it is doing at the moment; costs nothing to ask.")),
    get("followEvents", "/:organization/events", {
      params: { organization },
      success: HttpApiSchema.StreamSse({ events: ProgressEvent })
    }).annotateMerge(
      described(
        "Follow progress",
        "Server-sent events: `condition` at once and with each change, `heartbeat` every 15 seconds. A reader that " +
          "does not keep up is dropped; connect again."
      )
    )
  )
  .annotateMerge(OpenApi.annotations({ title: "Organizations", description: "How each of them is doing." }))

const SourceOperations = HttpApiGroup.make("sources")
  .add(
    get("listSources", "/:organization/sources", {
      params: { organization },
      success: Schema.Array(SourceSchedule)
    }).annotateMerge(described("List sources", "Each with its schedule, when it is read next, and how it went.")),
    get("listRuns", "/:organization/sources/:source/runs", {
      params: { organization, source },
      query,
      success: Schema.Array(SourceRun)
    }).annotateMerge(described("List runs of a source", "Newest first; 20 unless `limit` says otherwise.")),
    post("syncSource", "/:organization/sources/:source/sync", {
      params: { organization, source },
      success: Triggered.pipe(HttpApiSchema.status(202))
    }).annotateMerge(described("Read a source now", "Or once more after the reading under way. Does not wait for it."))
  )
  .annotateMerge(OpenApi.annotations({ title: "Sources", description: "Where HR's word comes from, and when." }))

const SendingOperations = HttpApiGroup.make("sending")
  .add(
    get("getPlan", "/:organization/plan", { params: { organization }, query, success: PlanReport }).annotateMerge(
      described("Get plan", "What the log says is to be sent, at what price; the first `limit` operations (1,000).")
    ),
    get("listHolds", "/:organization/holds", { params: { organization }, success: HoldReport }).annotateMerge(
      described("List holds", "What the guard holds back, and whom.")
    ),
    post("approveHold", "/:organization/holds/:kind/approve", {
      params: { organization, kind },
      payload: ApprovalBody,
      success: ApprovalReport,
      error: sayingProblems
    }).annotateMerge(
      described("Approve a hold", "Lets them go, once. Refused (409) where others are held now than when it was held.")
    ),
    post("pause", "/:organization/pause", {
      params: { organization },
      payload: SignedBody,
      success: PauseReport,
      error: sayingProblems
    }).annotateMerge(described("Pause sending", "A request under way is finished. Sources are read all the same.")),
    post("resume", "/:organization/resume", {
      params: { organization },
      payload: SignedBody,
      success: PauseReport,
      error: sayingProblems
    }).annotateMerge(described("Resume sending", "What waits is sent."))
  )
  .annotateMerge(OpenApi.annotations({ title: "Sending", description: "What goes to Together, and what does not." }))

const PeopleOperations = HttpApiGroup.make("people")
  .add(
    get("getEmployee", "/:organization/employees/:employee", {
      params: { organization, employee },
      success: EmployeeReport
    }).annotateMerge(described("Get a person", "Every value with its origin, what happened, what happens next.")),
    get("explainEmployee", "/:organization/employees/:employee/why", {
      params: { organization, employee },
      query: { field: Schema.optionalKey(field) },
      success: WhyReport
    }).annotateMerge(
      described(
        "Explain a person",
        "The first thing that stops them, of a closed list; with `field` also where its value comes from and where it " +
          "is at Together. The Directory's id will do, too."
      )
    ),
    get("explainEverybody", "/:organization/why", { params: { organization }, success: WhyReport }).annotateMerge(
      described("Explain everybody", "Everybody who is stopped, and by what.")
    ),
    post("syncEmployee", "/:organization/employees/:employee/sync", {
      params: { organization, employee },
      success: PersonReport,
      error: outsideProblems
    }).annotateMerge(
      described("Sync a person now", "Reads the sources, sends the person ahead of the rest, says what became of them.")
    ),
    post("releaseEmployee", "/:organization/employees/:employee/release", {
      params: { organization, employee },
      payload: SignedBody,
      success: ReleaseReport,
      error: sayingProblems
    }).annotateMerge(described("Release a person", "Lets them be sent again whom Together refused.")),
    post("eraseEmployees", "/:organization/erasures", {
      params: { organization },
      payload: ErasureBody,
      success: ErasureReport,
      error: sayingProblems
    }).annotateMerge(
      described(
        "Erase people",
        "Forgets them for good, all or none; again changes nothing. The tables that held their values are rewritten, and " +
          "locked for as long as that takes."
      )
    ),
    get("listErasures", "/:organization/erasures", {
      params: { organization },
      success: Schema.Array(ErasureEntry)
    }).annotateMerge(described("List erasures", "Those that hold, as UUIDs: to be kept apart from the backups.")),
    get("listDeadLetters", "/:organization/dead-letters", {
      params: { organization },
      success: DeadLetterReport
    }).annotateMerge(described("List dead letters", "Whom Together refused, why, and what to do about it."))
  )
  .annotateMerge(OpenApi.annotations({ title: "People", description: "One person, or those who are stopped." }))

export const OperationsApi = HttpApi.make("operations")
  .add(OrganizationOperations, SourceOperations, SendingOperations, PeopleOperations)
  .middleware(OperationsAdmission)
  .prefix("/ops/v1")
  .annotate(HttpApi.PayloadParseOptions, { errors: "all" })
  .annotate(HttpApi.QueryParseOptions, { errors: "all" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Operations API",
      version: "1.0.0",
      description:
        "What an operator may ask and say of a running Rollcall. Every operation wants a token of an ORG_ADMIN of the " +
        "organization, or of a SUPER_ADMIN (Authorization: Bearer TOKEN); tokens are the Directory API's.",
      transform: polished
    })
  )
