/**
 * What an operator should know of a reading beside the people themselves: how many of what, and never who.
 *
 * `UltiProPeople` counts while it reads and asks for the notices at the end.
 */
import { sha256 } from "@rollcall/core/domain/Digest"

export class Tally {
  /** People with more than one employment that has not ended. */
  severalOpen = 0
  /** Employments of one person and company, or people, that came again in other words; the later were taken. */
  changedEmployments = 0
  changedPeople = 0
  /** People who came again in other words after the first had been said. */
  latePeople = 0
  /** People who went on in a company that is not read. */
  movedOut = 0
  /** How many people have whom for a supervisor. */
  readonly #supervised = new Map<string, number>()
  readonly #emails = new Digests()

  supervisor(employeeId: string): void {
    this.#supervised.set(employeeId, (this.#supervised.get(employeeId) ?? 0) + 1)
  }

  email(address: string): void {
    this.#emails.add(address)
  }

  /** In whole sentences. `isReported` says of a supervisor whether they were read, too. */
  notices(isReported: (employeeId: string) => boolean): ReadonlyArray<string> {
    let unresolved = 0
    for (const [supervisor, count] of this.#supervised) if (!isReported(supervisor)) unresolved += count
    const told: ReadonlyArray<readonly [number, string]> = [
      [
        this.severalOpen,
        "with more than one open employment; that in the home company speaks, or else the latest hire"
      ],
      [unresolved, "with a supervisor who is not among those read; the reference was kept"],
      [this.#emails.sharing(), "with an e-mail address that somebody else has, too"],
      [this.changedPeople, "listed twice in different words; the later row was taken"],
      [this.latePeople, "listed again in different words after they were taken over; the next run takes the later row"],
      [this.changedEmployments, "with an employment listed twice in different words; the later row was taken"],
      [this.movedOut, "gone on in a company that `companies` leaves out; they are not read, nor said to have left"]
    ]
    return told.filter(([count]) => count > 0).map(([count, what]) => `${counted(count, "person", "people")} ${what}.`)
  }
}

export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`

/** Texts of which only 52 bits are kept: enough to count those that are the same. */
class Digests {
  #digests = new Float64Array(1024)
  #count = 0

  add(text: string): void {
    if (this.#count === this.#digests.length) {
      const larger = new Float64Array(this.#digests.length * 2)
      larger.set(this.#digests)
      this.#digests = larger
    }
    this.#digests[this.#count++] = Number.parseInt(sha256(text).slice(0, 13), 16)
  }

  /** How many of the texts are not alone. */
  sharing(): number {
    const sorted = this.#digests.slice(0, this.#count).sort()
    let sharing = 0
    for (let i = 0; i < sorted.length; i++) if (sorted[i] === sorted[i - 1] || sorted[i] === sorted[i + 1]) sharing++
    return sharing
  }
}
