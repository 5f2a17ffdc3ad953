/**
 * The people a plan may send, packed while the plan is being made: some seventy bytes each.
 *
 * `PlanBuilder` adds them one at a time, while a source may still be read, and takes all of them out at the end. What
 * they have in common, the class of operation and the list of fields, is kept once.
 */
import { packStream, unpackStream } from "../domain/Employee.ts"
import { PackedTexts } from "../domain/PackedTexts.ts"
import type { Operation } from "./Plan.ts"

export interface Candidate extends Operation {
  /** The manager the changes name, if they name one. */
  readonly supervisorId: string | undefined
  /** Of the payload, where the guard has to look at it. */
  readonly mark?: number
}

/** What many candidates share. */
type Kind = Pick<Operation, "class" | "fields" | "owesSupervisor" | "alone" | "kinds">

/** Number of the stream, of the employeeId, of the manager's employeeId (one more than it is; 0 for none), of the kind. */
const width = 4

export class Candidates {
  readonly #streams = new PackedTexts()
  readonly #employeeIds = new PackedTexts()
  readonly #kinds: Array<Kind> = []
  readonly #kindNumbers = new Map<string, number>()
  /** By the candidate's number: most plans have few of whom the guard has to know more. */
  readonly #marks = new Map<number, number>()
  #numbers = new Uint32Array(width * 1024)
  #count = 0

  add({ stream, employeeId, supervisorId, mark, ...kind }: Candidate): void {
    if (mark !== undefined) this.#marks.set(this.#count, mark)
    const at = width * this.#count++
    if (at === this.#numbers.length) {
      const larger = new Uint32Array(2 * at)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[at] = this.#streams.add(packStream(stream))
    this.#numbers[at + 1] = this.#employeeIds.add(employeeId)
    this.#numbers[at + 2] = supervisorId === undefined ? 0 : this.#employeeIds.add(supervisorId) + 1
    this.#numbers[at + 3] = this.#kindNumber(kind)
  }

  /** In the order in which they came. */
  all(): Array<Candidate> {
    return Array.from({ length: this.#count }, (_, i) => this.#candidate(width * i))
  }

  #candidate(at: number): Candidate {
    const supervisor = this.#number(at + 2)
    const mark = this.#marks.get(at / width)
    const kind = this.#kinds[this.#number(at + 3)] as Kind
    return {
      stream: unpackStream(this.#streams.at(this.#number(at))),
      employeeId: this.#employeeIds.at(this.#number(at + 1)),
      supervisorId: supervisor === 0 ? undefined : this.#employeeIds.at(supervisor - 1),
      class: kind.class,
      fields: kind.fields,
      owesSupervisor: kind.owesSupervisor,
      alone: kind.alone,
      ...(kind.kinds === undefined ? {} : { kinds: kind.kinds }),
      ...(mark === undefined ? {} : { mark })
    }
  }

  #number(at: number): number {
    return this.#numbers[at] ?? 0
  }

  #kindNumber(kind: Kind): number {
    const key = `${kind.class} ${kind.owesSupervisor} ${kind.alone} ${kind.kinds?.join() ?? ""} ${kind.fields.join()}`
    const known = this.#kindNumbers.get(key)
    if (known !== undefined) return known
    const number = this.#kinds.push(kind) - 1
    this.#kindNumbers.set(key, number)
    return number
  }
}
