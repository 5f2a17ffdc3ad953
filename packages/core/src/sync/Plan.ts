/**
 * Lists what is to be sent, in the order in which it may be sent, and what that costs in requests and minutes.
 *
 * Pure. `PlanBuilder` takes people one at a time and keeps only a few words of each, so that a plan for 300,000 people
 * fits into little memory; `arrange` puts them in order: leavers, managers before their reports, movers, places in
 * programs, the day's refresh. A person never shares a wave with a manager whose entry that same wave would create.
 */
import { sha256 } from "../domain/Digest.ts"
import { type FieldName, type FieldValue, fieldNames } from "../domain/Field.ts"
import type { GuardKind } from "../domain/GuardEvent.ts"
import { PackedTexts } from "../domain/PackedTexts.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Budget, budgetOf } from "./Budget.ts"
import { type Candidate, Candidates } from "./Candidates.ts"
import { type Consideration, type Gate, consider, payloadHash } from "./Consider.ts"
import { type Approvals, type Held, type Suspect, judge, kindsOf, markNumber, markOf } from "./Guard.ts"
import { rank } from "./Hierarchy.ts"
import { type Placement, placements } from "./Programs.ts"
import { type Person, isThere } from "./Reduce.ts"

/**
 * `link` ties an entry that is there already to the person's key; `reference` is the manager still owed to somebody;
 * `registration` is a place in a program; `refresh` is the day's call.
 */
export const operationClasses = ["leaver", "link", "joiner", "reference", "mover", "registration", "refresh"] as const

export type OperationClass = (typeof operationClasses)[number]

/** One person to be sent. The payload is worked out when its request is made. */
export interface Operation {
  readonly stream: string
  readonly employeeId: string
  readonly class: OperationClass
  /** Names of the fields that differ. */
  readonly fields: ReadonlyArray<FieldName>
  /** The manager named in it goes out later, with an operation of its own. */
  readonly owesSupervisor: boolean
  /** Never shares a request. */
  readonly alone: boolean
  /** The program of a registration. */
  readonly programId?: string
  /** What of it the guard has looked at. */
  readonly kinds?: ReadonlyArray<GuardKind>
}

export interface Blocked {
  readonly stream: string
  readonly employeeId: string | undefined
  readonly gate: Gate
}

/** People in one program by where they stand; `left` are registered and no longer named by a rule. */
export type ProgramCounts = Readonly<Record<Placement["_tag"], number>>

export interface Plan {
  /**
   * What goes to the sink at once, in order: people among whom the order does not matter. The people of a wave are sent
   * before those of the next.
   */
  readonly waves: ReadonlyArray<ReadonlyArray<Operation>>
  /** What one request each carries if nobody is refused, in order. */
  readonly batches: ReadonlyArray<ReadonlyArray<Operation>>
  readonly blocked: ReadonlyArray<Blocked>
  /** What the guard holds back; its people are among `blocked`. */
  readonly held: ReadonlyArray<Held>
  /** People in the desired state, whether or not there is anything to send for them. */
  readonly employees: number
  readonly upToDate: number
  readonly counts: Readonly<Record<OperationClass, number>>
  readonly programs: ReadonlyMap<string, ProgramCounts>
  readonly budget: Budget
}

/** What a plan's price is worked out with. */
export interface Tariff {
  /** Most people one request may carry. */
  readonly batchSize: number
  readonly requestMillis: number
}

/** What the guard goes by, besides the policy's limits. */
export interface Guarding {
  readonly approvals: Approvals
  /** A first sync was completed. */
  readonly established: boolean
}

export class PlanBuilder {
  readonly #policy: Policy
  readonly #moment: Moment
  readonly #candidates = new Candidates()
  readonly #blocked: Array<Blocked> = []
  readonly #known = new PackedTexts()
  readonly #registrations: Array<Operation> = []
  readonly #programs = new Map<string, ProgramCounts>()
  readonly #guarding: Guarding
  /** Addresses of people known to be there, and of joiners, as numbers: a key change is one of both. */
  readonly #addresses = new Set<number>()
  readonly #joining = new Map<string, number>()
  #employees = 0
  #upToDate = 0

  constructor(policy: Policy, moment: Moment, guarding: Guarding) {
    this.#policy = policy
    this.#moment = moment
    this.#guarding = guarding
  }

  /** A manager who is not to be planned, but may be there already. */
  note(person: Person): void {
    if (!isThere(person) || person.employeeId === undefined) return
    this.#known.add(person.employeeId)
    const address = this.#addressOf(person.sink.applied.email?.value)
    if (address !== undefined) this.#addresses.add(address)
  }

  add(person: Person): void {
    this.note(person)
    const considered = consider(person, this.#policy, this.#moment)
    if (considered._tag !== "Blocked" || !isNobody(considered.gate)) this.#employees++
    if (considered._tag === "UpToDate") this.#upToDate++
    else if (considered._tag === "Blocked") {
      this.#blocked.push({ stream: person.stream, employeeId: person.employeeId, gate: considered.gate })
    } else this.#candidates.add(this.#candidate(person, considered))
    this.#place(person, isThere(person) || considered._tag === "Send")
  }

  #candidate(
    { sink, stream }: Person,
    considered: Extract<Consideration, { readonly _tag: "Send" | "Refresh" }>
  ): Candidate {
    const { employeeId } = considered
    if (considered._tag === "Refresh") {
      this.#upToDate++
      return {
        stream,
        employeeId,
        class: "refresh",
        fields: [],
        supervisorId: undefined,
        owesSupervisor: false,
        alone: sink.doubted
      }
    }
    const { changes, known, userId } = considered
    const supervisor = changes.supervisorId
    const kinds = kindsOf(changes, sink.applied, known)
    const address = known || userId !== undefined ? undefined : this.#addressOf(changes.email)
    if (address !== undefined) this.#joining.set(stream, address)
    const looked = known ? kinds.length > 0 : this.#guarding.established
    return {
      stream,
      employeeId,
      class: classOf(considered),
      fields: fieldNames.filter((name) => changes[name] !== undefined),
      supervisorId: typeof supervisor === "string" ? supervisor : undefined,
      owesSupervisor: false,
      alone: userId !== undefined || sink.doubted,
      kinds,
      ...(looked ? { mark: markNumber(payloadHash(employeeId, changes, userId)) } : {})
    }
  }

  #place(person: Person, there: boolean): void {
    for (const placement of placements(person, this.#policy, this.#moment)) {
      const programId = placement._tag === "left" ? placement.programId : placement.place.programId
      const counts = this.#programs.get(programId) ?? { due: 0, registered: 0, refused: 0, left: 0 }
      this.#programs.set(programId, { ...counts, [placement._tag]: counts[placement._tag] + 1 })
      if (placement._tag !== "due" || !there || person.employeeId === undefined) continue
      const { employeeId, stream } = person
      const common = { stream, employeeId, fields: [], owesSupervisor: false, alone: true }
      this.#registrations.push({ ...common, class: "registration", programId })
    }
  }

  finish(tariff: Tariff): Plan {
    // By stream, as the log lists people: a rehearsal, which meets them in the order of a file, makes the same plan.
    const everybody = this.#candidates.all().sort(byStream)
    const held = this.#judge(everybody)
    const holds = holdsOf(held)
    const candidates = holds.size === 0 ? everybody : everybody.filter(({ stream }) => !holds.has(stream))
    const { sections, waiting } = arrange(candidates, this.#known)
    const [refreshed, changed] = [sections.slice(-1), sections.slice(0, -1)]
    const all = [...changed, this.#registrations.toSorted(byStream), ...refreshed].map(singlesFirst)
    const counts = Object.fromEntries(operationClasses.map((name) => [name, 0])) as Record<OperationClass, number>
    for (const section of all) for (const operation of section) counts[operation.class]++
    const batches = all.flatMap((section) => requestsOf(section, tariff.batchSize))
    const inArrays = batches.filter(({ length }) => length > 1).reduce((sum, { length }) => sum + length, 0)
    return {
      waves: all.flatMap((section) => chunks(section, arraysInWave * tariff.batchSize)),
      batches,
      blocked: [
        ...this.#blocked,
        ...everybody.flatMap((c): ReadonlyArray<Blocked> => {
          const gate = holds.get(c.stream)
          return gate === undefined ? [] : [{ ...nameOf(c), gate }]
        }),
        ...waiting.map((c): Blocked => ({ ...nameOf(c), gate: { _tag: "WaitsForManager" } }))
      ],
      held,
      employees: this.#employees,
      upToDate: this.#upToDate,
      counts,
      programs: this.#programs,
      budget: budgetOf(batches.length, inArrays, tariff.requestMillis)
    }
  }

  #judge(candidates: ReadonlyArray<Candidate>): ReadonlyArray<Held> {
    const suspects = candidates.flatMap(({ kinds = [], mark, stream }): ReadonlyArray<Suspect> => {
      if (mark === undefined) return []
      const address = this.#joining.get(stream)
      const known = address !== undefined && this.#addresses.has(address)
      return [{ stream, mark: markOf(mark), kinds: known ? [...kinds, "keyChanges"] : kinds }]
    })
    const { approvals, established } = this.#guarding
    return judge(suspects, this.#policy.guard, approvals, { known: this.#known.size, established })
  }

  /** A number that stands for the address in little memory; none where nobody looks for key changes. */
  #addressOf(email: FieldValue | undefined): number | undefined {
    const looked = this.#guarding.established && this.#policy.guard.keyChanges !== "off"
    return looked && typeof email === "string" && email !== "" ? markNumber(sha256(email.toLowerCase())) : undefined
  }
}

/** The first hold of each person who is held. */
const holdsOf = (held: ReadonlyArray<Held>): ReadonlyMap<string, Gate> => {
  const holds = new Map<string, Gate>()
  for (const { kind, limit, members, people } of held) {
    for (const { stream } of members) if (!holds.has(stream)) holds.set(stream, { _tag: "Held", kind, people, limit })
  }
  return holds
}

const isNobody = ({ _tag }: Gate): boolean => _tag === "Erased" || _tag === "NotInAnySource" || _tag === "RowRejected"

const nameOf = ({ stream, employeeId }: Candidate) => ({ stream, employeeId })

/** So many arrays go to the sink together, which finds refused people the better the more it sees. */
const arraysInWave = 10

const byStream = (a: Operation, b: Operation): number => (a.stream < b.stream ? -1 : 1)

const classOf = ({ changes, known, userId }: Extract<Consideration, { readonly _tag: "Send" }>): OperationClass => {
  if (!known) return userId === undefined ? "joiner" : "link"
  return changes.status === "terminated" ? "leaver" : "mover"
}

interface Arrangement {
  /** In order; the last one is the refresh. */
  readonly sections: ReadonlyArray<ReadonlyArray<Operation>>
  /** Nothing is left to send for them until their manager is there. */
  readonly waiting: ReadonlyArray<Candidate>
}

const arrange = (candidates: ReadonlyArray<Candidate>, known: PackedTexts): Arrangement => {
  const of = (...classes: ReadonlyArray<OperationClass>) => candidates.filter((c) => classes.includes(c.class))
  const { cut, includes, levels } = rank(of("joiner", "link"))
  const reachable = (id: string) => known.has(id) || includes(id)
  const movers = of("mover")
  const later = movers.map((c) => owing(c, c.supervisorId !== undefined && !reachable(c.supervisorId)))
  const sections = [
    of("leaver").map((c) => owing(c, c.supervisorId !== undefined && !known.has(c.supervisorId))),
    ...levels.map((level) =>
      level.map((c) => owing(c, cut.has(c) || (c.supervisorId !== undefined && !reachable(c.supervisorId))))
    ),
    [...cut].map((c): Operation => ({ ...c, class: "reference", fields: ["supervisorId"], alone: false })),
    later.filter((o) => !isEmptied(o)),
    of("refresh")
  ]
  return { sections, waiting: movers.filter((_, i) => isEmptied(later[i] as Operation)) }
}

/** The candidate itself where nothing is owed: a large plan is mostly that. */
const owing = (candidate: Candidate, owes: boolean): Operation =>
  owes ? { ...candidate, owesSupervisor: true } : candidate

/** Only the manager was to be changed, and that must wait. */
const isEmptied = (operation: Operation): boolean => operation.owesSupervisor && operation.fields.length === 1

/** Who goes alone goes first: an entry is tied to its key before anything else could create a second one. */
const singlesFirst = (section: ReadonlyArray<Operation>): ReadonlyArray<Operation> =>
  section.some(({ alone }) => alone)
    ? [...section.filter(({ alone }) => alone), ...section.filter(({ alone }) => !alone)]
    : section

const requestsOf = (section: ReadonlyArray<Operation>, size: number): ReadonlyArray<ReadonlyArray<Operation>> => {
  const first = section.findIndex(({ alone }) => !alone)
  const singles = first < 0 ? section.length : first
  return [...section.slice(0, singles).map((operation) => [operation]), ...chunks(section.slice(singles), size)]
}

const chunks = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
