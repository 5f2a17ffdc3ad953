/**
 * What the simulated people come to, day by day: requests, people, and what the guard would have held.
 *
 * Pure; filled by `Backtest` with one person after the other, asked at the end. Of everybody it keeps a few words for each
 * change, and a number for each address. What the guard would have held is counted as sent on its day all the same, as if
 * somebody had approved it at once.
 */
import { sha256 } from "../domain/Digest.ts"
import { fieldEntries } from "../domain/Field.ts"
import type { GuardKind } from "../domain/GuardEvent.ts"
import { PackedTexts } from "../domain/PackedTexts.ts"
import type { GuardLimits } from "../domain/Policy.ts"
import { payloadHash } from "./Consider.ts"
import { type Suspect, judge, markNumber, markOf } from "./Guard.ts"
import { rank } from "./Hierarchy.ts"
import type { Sent, Simulated } from "./Simulate.ts"

/** A manager who is named to Together, once Together has them. */
interface Reference {
  readonly stream: string
  readonly manager: string
  readonly day: number
  /** The day on which somebody else is named, or the end. */
  readonly until: number
  /** Nothing else was to be sent. */
  readonly alone: boolean
}

/** More than the guard lets pass on a day. */
export interface Stop {
  readonly kind: GuardKind
  readonly people: number
  readonly limit: number
  readonly known: number
}

export interface DayLoad {
  readonly requests: number
  /** Changed, joining, leaving, tied or registered; not those of the day's call. */
  readonly people: number
  readonly stops: ReadonlyArray<Stop>
}

interface Joiner {
  readonly employeeId: string
  readonly supervisorId: string | undefined
}

interface Day {
  leavers: number
  links: number
  movers: number
  registrations: number
  readonly joiners: Array<Joiner>
  readonly people: Set<string>
  readonly suspects: Array<Suspect & { readonly address: number | undefined }>
}

const emptyDay = (): Day => ({
  leavers: 0,
  links: 0,
  movers: 0,
  registrations: 0,
  joiners: [],
  people: new Set(),
  suspects: []
})

export class Workload {
  readonly #count: number
  readonly #days = new Map<number, Day>()
  /** How many more people Together has, or a day's call includes, from a day on. */
  readonly #joined: Int32Array
  readonly #called: Int32Array
  /** The first day at whose end somebody with the address was there. */
  readonly #addresses = new Map<number, number>()
  readonly #references: Array<Reference> = []
  /** People by their key, and the first day at whose end each is there. */
  readonly #keys = new PackedTexts()
  readonly #there: Array<number> = []

  /** For so many days. */
  constructor(count: number) {
    this.#count = count
    this.#joined = new Int32Array(count + 1)
    this.#called = new Int32Array(count + 1)
  }

  add(stream: string, employeeId: string, { refreshed, registered, sent, there }: Simulated): void {
    for (const one of sent) this.#send(stream, employeeId, one)
    this.#refer(stream, sent)
    for (const { day } of registered) {
      const on = this.#day(day)
      on.registrations++
      on.people.add(stream)
    }
    if (there !== undefined) {
      this.#shift(this.#joined, there + 1, 1)
      this.#there[this.#keys.add(employeeId)] = there
    }
    for (const [from, before] of refreshed) {
      this.#shift(this.#called, from, 1)
      this.#shift(this.#called, before, -1)
    }
  }

  #send(stream: string, employeeId: string, { changes, day, kinds, known, linked }: Sent): void {
    const on = this.#day(day)
    on.people.add(stream)
    if (linked) on.links++
    else if (!known) {
      const { supervisorId } = changes
      on.joiners.push({ employeeId, supervisorId: typeof supervisorId === "string" ? supervisorId : undefined })
    } else if (changes.status === "terminated") on.leavers++
    else on.movers++
    const address = addressOf(changes.email)
    if (kinds.length > 0) {
      const mark = markOf(markNumber(payloadHash(employeeId, changes)))
      on.suspects.push({ stream, kinds, mark, address: known || linked ? undefined : address })
    }
    if (address !== undefined) this.#addresses.set(address, Math.min(day, this.#addresses.get(address) ?? day))
  }

  #refer(stream: string, sent: ReadonlyArray<Sent>): void {
    const naming = sent.filter(({ changes }) => changes.supervisorId !== undefined)
    for (const [i, { changes, day, known }] of naming.entries()) {
      const manager = changes.supervisorId
      if (typeof manager !== "string") continue
      const alone = known && fieldEntries(changes).length === 1
      this.#references.push({ stream, manager, day, until: naming[i + 1]?.day ?? this.#count, alone })
    }
  }

  /** A manager who is not there is named on the day on which they are. */
  #postpone(): void {
    for (const { alone, day, manager, stream, until } of this.#references.splice(0)) {
      const there = this.#there[this.#keys.numberOf(manager) ?? -1] ?? Infinity
      if (there <= day) continue
      if (alone) {
        this.#day(day).movers--
        this.#day(day).people.delete(stream)
      }
      if (there >= until) continue
      this.#day(there).movers++
      this.#day(there).people.add(stream)
    }
  }

  #day(day: number): Day {
    const known = this.#days.get(day)
    if (known !== undefined) return known
    const made = emptyDay()
    this.#days.set(day, made)
    return made
  }

  #shift(counts: Int32Array, day: number, by: number): void {
    const at = Math.min(Math.max(0, day), this.#count)
    counts[at] = (counts[at] ?? 0) + by
  }

  /** Every day in order. `limits` are the guard's on that day, `batchSize` the most people of a request. */
  *finish(limits: (day: number) => GuardLimits, batchSize: number): Generator<DayLoad> {
    this.#postpone()
    let [known, called] = [0, 0]
    for (let day = 0; day < this.#count; day++) {
      known += this.#joined[day] ?? 0
      called += this.#called[day] ?? 0
      const on = this.#days.get(day) ?? emptyDay()
      yield {
        requests: requestsOf(on, called, batchSize),
        people: on.people.size,
        stops: this.#stops(on, day, limits(day), known)
      }
    }
  }

  #stops({ suspects }: Day, day: number, limits: GuardLimits, known: number): ReadonlyArray<Stop> {
    const judged = suspects.map(({ address, kinds, mark, stream }): Suspect => {
      const before = address === undefined ? undefined : this.#addresses.get(address)
      return { stream, mark, kinds: before !== undefined && before < day ? [...kinds, "keyChanges"] : kinds }
    })
    return judge(judged, limits, new Set(), { known, established: known > 0 }).map(
      ({ kind, known, limit, people }): Stop => ({ kind, people, limit, known })
    )
  }
}

/** Who is in arrays shares a request with those of the same section, as in a plan; managers go before their reports. */
const requestsOf = (
  { joiners, leavers, links, movers, registrations }: Day,
  called: number,
  batchSize: number
): number => {
  const { cut, levels } = rank(joiners)
  const sections = [leavers, ...levels.map(({ length }) => length), cut.size, movers, called]
  return links + registrations + sections.reduce((sum, people) => sum + Math.ceil(people / batchSize), 0)
}

const addressOf = (email: unknown): number | undefined =>
  typeof email === "string" && email !== "" ? markNumber(sha256(email.toLowerCase())) : undefined
