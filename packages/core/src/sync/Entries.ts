/**
 * Together's list, ready to be asked: who has this key, who has this address and no key, who belongs to nobody of ours.
 *
 * Filled from one listing, asked once for every person, then asked what is left. Pure but for its own bookkeeping.
 */
import type { ListedUser } from "../contract/Sink.ts"
import type { Person } from "./Reduce.ts"

/** An entry without a key, and the one person whose address it has. */
export interface Link {
  readonly person: Person
  readonly listed: ListedUser
}

export class Entries {
  readonly #byKey = new Map<string, ListedUser>()
  /** Entries without a key, by address. */
  readonly #byAddress = new Map<string, Array<ListedUser>>()
  readonly #unkeyed: Array<ListedUser> = []
  /** Ids of the entries without a key: one that the list shows on two pages is one. */
  readonly #unkeyedIds = new Set<string>()
  /** Whom an entry without a key may belong to, and which entries may be a person's. */
  readonly #claimants = new Map<ListedUser, Set<Person>>()
  readonly #claimed = new Map<Person, Set<ListedUser>>()

  constructor(users: Iterable<ListedUser>) {
    for (const user of users) {
      if (user.employeeId !== undefined) this.#byKey.set(user.employeeId, user)
      else this.#addUnkeyed(user)
    }
  }

  #addUnkeyed(user: ListedUser): void {
    const { fields, userId } = user
    if (userId === undefined) return void this.#unkeyed.push(user)
    if (this.#unkeyedIds.has(userId)) return
    this.#unkeyedIds.add(userId)
    this.#unkeyed.push(user)
    for (const address of addresses(fields.email, fields.alternateEmails)) {
      const others = this.#byAddress.get(address)
      if (others === undefined) this.#byAddress.set(address, [user])
      else others.push(user)
    }
  }

  /** The entry with the person's key; it is theirs from now on. */
  take(employeeId: string | undefined): ListedUser | undefined {
    if (employeeId === undefined) return undefined
    const user = this.#byKey.get(employeeId)
    this.#byKey.delete(employeeId)
    return user
  }

  /** A person without an entry of their own has these addresses. */
  claim(person: Person, email: unknown, alternateEmails: unknown): void {
    for (const address of addresses(email, alternateEmails)) {
      for (const user of this.#byAddress.get(address) ?? []) {
        addTo(this.#claimants, user, person)
        addTo(this.#claimed, person, user)
      }
    }
  }

  /** Entries that exactly one person claims, of persons who claim no other. */
  links(): ReadonlyArray<Link> {
    return [...this.#claimants].flatMap(([listed, persons]) => {
      const [person] = persons
      return person !== undefined && persons.size === 1 && this.#claimed.get(person)?.size === 1
        ? [{ listed, person }]
        : []
    })
  }

  /** Entries that are nobody's, and those that could not be told to be somebody's. */
  rest(): ReadonlyArray<ListedUser> {
    const linked = new Set(this.links().map(({ listed }) => listed))
    return [...this.#byKey.values(), ...this.#unkeyed.filter((user) => !linked.has(user))]
  }
}

const addTo = <K, V>(sets: Map<K, Set<V>>, key: K, value: V): void => {
  const known = sets.get(key)
  if (known === undefined) sets.set(key, new Set([value]))
  else known.add(value)
}

const addresses = (email: unknown, alternateEmails: unknown): ReadonlySet<string> =>
  new Set(
    [email, ...(Array.isArray(alternateEmails) ? alternateEmails : [])]
      .filter((address) => typeof address === "string" && address.trim() !== "")
      .map((address) => String(address).trim().toLowerCase())
  )
