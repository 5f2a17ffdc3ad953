/**
 * Lists what is to be sent, in the order in which it may be sent, and what that costs in requests and minutes.
 *
 * Pure. `PlanBuilder` takes people one at a time and keeps only a few words of each, so that a plan for 300,000 people
 * fits into little memory; `arrange` puts them in order: leavers, managers before their reports, then movers. A person
 * never shares a request with a manager whose entry that same request would create.
 */
import type { FieldName } from "../domain/Field.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Gate, consider } from "./Consider.ts"
import { rank } from "./Hierarchy.ts"
import type { Person } from "./Reduce.ts"

export type OperationClass = "leaver" | "joiner" | "reference" | "mover"

/** One person to be sent. The payload is worked out when its request is made. */
export interface Operation {
  readonly stream: string
  readonly employeeId: string
  readonly class: OperationClass
  /** Names of the fields that differ. */
  readonly fields: ReadonlyArray<FieldName>
  /** The manager named in it goes out later, with an operation of its own. */
  readonly owesSupervisor: boolean
}

export interface Blocked {
  readonly stream: string
  readonly employeeId: string | undefined
  readonly gate: Gate
}

export interface Plan {
  /** What one request each may carry, in order. */
  readonly batches: ReadonlyArray<ReadonlyArray<Operation>>
  readonly blocked: ReadonlyArray<Blocked>
  /** People in the desired state, whether or not there is anything to send for them. */
  readonly employees: number
  readonly upToDate: number
  readonly counts: Readonly<Record<OperationClass, number>>
  readonly requests: number
  /** Least time it takes at the vendor's pace. */
  readonly millis: number
}

/** What a plan's price is worked out with. */
export interface Tariff {
  readonly batchSize: number
  readonly requestMillis: number
}

interface Candidate extends Operation {
  /** The manager the changes name, if they name one. */
  readonly supervisorId: string | undefined
}

export class PlanBuilder {
  readonly #policy: Policy
  readonly #moment: Moment
  readonly #candidates: Array<Candidate> = []
  readonly #blocked: Array<Blocked> = []
  readonly #known = new Set<string>()
  readonly #fieldLists = new Map<string, ReadonlyArray<FieldName>>()
  #employees = 0
  #upToDate = 0

  constructor(policy: Policy, moment: Moment) {
    this.#policy = policy
    this.#moment = moment
  }

  add(person: Person): void {
    if (person.sink.known && person.employeeId !== undefined) this.#known.add(person.employeeId)
    const considered = consider(person, this.#policy, this.#moment)
    if (considered._tag !== "Blocked" || !isNobody(considered.gate)) this.#employees++
    if (considered._tag === "UpToDate") this.#upToDate++
    else if (considered._tag === "Blocked") {
      this.#blocked.push({ stream: person.stream, employeeId: person.employeeId, gate: considered.gate })
    } else {
      const { changes, employeeId, known } = considered
      const supervisor = changes.supervisorId
      this.#candidates.push({
        stream: person.stream,
        employeeId,
        class: !known ? "joiner" : changes.status === "terminated" ? "leaver" : "mover",
        fields: this.#fieldList(Object.keys(changes) as Array<FieldName>),
        supervisorId: typeof supervisor === "string" ? supervisor : undefined,
        owesSupervisor: false
      })
    }
  }

  finish(tariff: Tariff): Plan {
    // By stream, as the log lists people: a rehearsal, which meets them in the order of a file, makes the same plan.
    const candidates = this.#candidates.toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
    const { batches, waiting } = arrange(candidates, this.#known, tariff.batchSize)
    const counts = { leaver: 0, joiner: 0, reference: 0, mover: 0 }
    for (const batch of batches) for (const operation of batch) counts[operation.class]++
    return {
      batches,
      blocked: [
        ...this.#blocked,
        ...waiting.map((c): Blocked => ({ ...nameOf(c), gate: { _tag: "WaitsForManager" } }))
      ],
      employees: this.#employees,
      upToDate: this.#upToDate,
      counts,
      requests: batches.length,
      millis: batches.length * tariff.requestMillis
    }
  }

  /** People who change alike share one list. */
  #fieldList(names: ReadonlyArray<FieldName>): ReadonlyArray<FieldName> {
    const key = names.join()
    const shared = this.#fieldLists.get(key)
    if (shared === undefined) this.#fieldLists.set(key, names)
    return shared ?? names
  }
}

const isNobody = (gate: Gate): boolean => gate._tag === "Erased" || gate._tag === "NotInAnySource"

const nameOf = ({ stream, employeeId }: Candidate) => ({ stream, employeeId })

interface Arrangement {
  readonly batches: ReadonlyArray<ReadonlyArray<Operation>>
  /** Nothing is left to send for them until their manager is there. */
  readonly waiting: ReadonlyArray<Candidate>
}

const arrange = (candidates: ReadonlyArray<Candidate>, known: ReadonlySet<string>, size: number): Arrangement => {
  const { cut, includes, levels } = rank(candidates.filter((c) => c.class === "joiner"))
  const reachable = (id: string) => known.has(id) || includes(id)
  const leavers = candidates.filter((c) => c.class === "leaver")
  const movers = candidates.filter((c) => c.class === "mover")
  const later = movers.map((c) => owing(c, c.supervisorId !== undefined && !reachable(c.supervisorId)))
  const sections = [
    leavers.map((c) => owing(c, c.supervisorId !== undefined && !known.has(c.supervisorId))),
    ...levels.map((level) =>
      level.map((c) => owing(c, cut.has(c) || (c.supervisorId !== undefined && !reachable(c.supervisorId))))
    ),
    [...cut].map((c): Operation => ({ ...c, class: "reference", fields: ["supervisorId"] })),
    later.filter((o) => !isEmptied(o))
  ]
  return {
    batches: sections.flatMap((section) => chunks(section, size)),
    waiting: movers.filter((_, i) => isEmptied(later[i] as Operation))
  }
}

/** The candidate itself where nothing is owed: a large plan is mostly that. */
const owing = (candidate: Candidate, owes: boolean): Operation =>
  owes ? { ...candidate, owesSupervisor: true } : candidate

/** Only the manager was to be changed, and that must wait. */
const isEmptied = (operation: Operation): boolean => operation.owesSupervisor && operation.fields.length === 1

const chunks = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
