/**
 * Where everybody stands in the order of a plan: the n-th of so many people, in which request.
 *
 * Made of a plan's requests, kept by whoever answers `why`: some sixty bytes a person, for a plan may hold everybody.
 */
import { packStream } from "../domain/Employee.ts"
import { PackedTexts } from "../domain/PackedTexts.ts"
import type { Operation } from "./Plan.ts"

/** Counted from 1. */
export interface Place {
  readonly place: number
  /** People in the queue. */
  readonly of: number
  /** The first request that carries them. */
  readonly request: number
}

export class Queue {
  readonly #people = new PackedTexts()
  /** How many people are in the queue with each request. */
  readonly #ends: ReadonlyArray<number>

  constructor(batches: ReadonlyArray<ReadonlyArray<Pick<Operation, "stream">>>) {
    this.#ends = batches.map((batch) => {
      for (const { stream } of batch) this.#people.add(packStream(stream))
      return this.#people.size
    })
  }

  /** Undefined: nothing of them is to be sent. */
  placeOf(stream: string): Place | undefined {
    const before = this.#people.numberOf(packStream(stream))
    if (before === undefined) return undefined
    const earlier = this.#ends.findIndex((end) => end > before)
    return { place: before + 1, of: this.#people.size, request: earlier + 1 }
  }

  /** Of somebody who has news since the plan was made. */
  get last(): Place {
    const of = this.#people.size + 1
    return { place: of, of, request: this.#ends.length + 1 }
  }
}
